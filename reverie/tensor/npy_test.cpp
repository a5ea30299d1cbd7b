#include "reverie/tensor/npy.h"

#include <gtest/gtest.h>

#include <fstream>

#include "reverie/base/error.h"
#include "reverie/base/file/read_file.h"

namespace reverie {
namespace {

const std::filesystem::path folder = ::testing::TempDir();

TEST(Npy, RoundTrip) {
  for (const Shape& shape : {Shape{5}, Shape{2, 3}, Shape{3, 4, 5}}) {
    Tensor array(shape);
    for (std::int64_t i = 0; i < array.size(); ++i) array[i] = static_cast<float>(i) * 0.5f;
    write_npy(folder / "round.npy", array);
    EXPECT_EQ(std::filesystem::file_size(folder / "round.npy") % 64, (array.size() * 4u) % 64);
    const Tensor back = read_npy(folder / "round.npy");
    EXPECT_EQ(read_npy(npy_bytes(array), "bytes").shape(), shape);
    EXPECT_EQ(npy_bytes(array), read_file(folder / "round.npy"));
    EXPECT_EQ(back.shape(), shape);
    EXPECT_TRUE(
        std::equal(back.elements().begin(), back.elements().end(), array.elements().begin()));
  }
}

TEST(Npy, SaysWhatIsWrong) {
  EXPECT_THROW(read_npy(folder / "absent.npy"), FileFailure);
  EXPECT_THROW(write_npy(folder / "no/such/folder.npy", Tensor({1})), FileFailure);
  std::ofstream(folder / "text.npy") << "this is no array at all";
  EXPECT_THROW(read_npy(folder / "text.npy"), BadShape);
  // Whatever is missing, the last number alone or most of them
  for (const std::uintmax_t missing : {4, 1, 300}) {
    write_npy(folder / "short.npy", Tensor({100}));
    std::filesystem::resize_file(folder / "short.npy",
                                 std::filesystem::file_size(folder / "short.npy") - missing);
    EXPECT_THROW(read_npy(folder / "short.npy"), BadShape) << missing;
  }
  // Sizes that no file has
  const std::string bytes = npy_bytes(Tensor({2, 3}));
  for (const std::string size : {"(9999999999999999999999, 1)", "(9999999999, 9999999999)"}) {
    std::string large = bytes;
    large.replace(large.find("(2, 3)"), size.size(), size);
    EXPECT_THROW(read_npy(large, "large"), BadShape) << size;
  }
}

}  // namespace
}  // namespace reverie
