// Damaged and mismatched networks, made from a real one where that is on this machine.
#include <fstream>
#include <iterator>

#include "tests/cli/program.h"

namespace reverie::test {
namespace {

class BadNetwork : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    weights_ = test_data("models/squeezenet_v1.1/squeezenet_v1.1.caffemodel");
    description_ = test_data("models/squeezenet_v1.1/deploy.prototxt");
    other_description_ = test_data("models/googlenet/deploy.prototxt");
    if (weights_.empty() || other_description_.empty())
      GTEST_SKIP() << "no networks in " << REVERIE_TEST_DATA << "/models";
    make_scene("sky.png");
  }
  std::string weights_, description_, other_description_;
};

TEST_F(BadNetwork, NoSuchNetwork) {
  expect_refusal({"image", "sky.png", "-m", "nonet"}, 1, {"nonet"});
  expect_refusal({"layers", "-m", "nonet.caffemodel"}, 1, {"nonet.caffemodel"});
}

TEST_F(BadNetwork, NotANetwork) {
  write("noise.caffemodel", "this is no network");
  fs::copy_file(description_, folder_ / "noise.prototxt");
  expect_refusal({"layers", "-m", "noise.caffemodel"}, 1, {"noise.caffemodel"});
  expect_refusal({"layers", "-m", "sky.png"}, 1, {"sky.png"});
}

TEST_F(BadNetwork, TruncatedWeights) {
  fs::copy_file(description_, folder_ / "deploy.prototxt");
  fs::copy_file(weights_, folder_ / "cut.caffemodel");
  fs::permissions(folder_ / "cut.caffemodel", fs::perms::owner_all);
  fs::resize_file(folder_ / "cut.caffemodel", 1'000'000);
  expect_refusal({"image", "sky.png", "-m", "cut.caffemodel"}, 1, {"cut.caffemodel"});
}

TEST_F(BadNetwork, DescriptionOfAnotherNetwork) {
  expect_refusal({"image", "sky.png", "-m", weights_, "--prototxt", other_description_}, 1,
                 {"squeezenet_v1.1.caffemodel"});
}

TEST_F(BadNetwork, DescriptionWithOtherShapes) {
  // The first convolution of the description gets another kernel than the weights have
  std::string text;
  {
    std::ifstream file(description_);
    text.assign(std::istreambuf_iterator<char>(file), {});
  }
  const std::size_t kernel = text.find("kernel_size: 3");
  ASSERT_NE(kernel, std::string::npos);
  text.replace(kernel, 14, "kernel_size: 5");
  write("other.prototxt", text);
  expect_refusal({"layers", "-m", weights_, "--prototxt", "other.prototxt"}, 1,
                 {"conv1", "3,3", "5,5"});
}

TEST_F(BadNetwork, MissingDescription) {
  fs::copy_file(weights_, folder_ / "alone.caffemodel");
  expect_refusal({"layers", "-m", "alone.caffemodel", "--prototxt", "nowhere.prototxt"}, 1,
                 {"nowhere.prototxt"});
}

TEST_F(BadNetwork, BrokenDescription) {
  fs::copy_file(weights_, folder_ / "a.caffemodel");
  write("a.prototxt", "name: \"broken\"\nlayer {\n  nmae: 3\n");
  expect_refusal({"layers", "-m", "a.caffemodel"}, 1, {"a.prototxt"});
}

}  // namespace
}  // namespace reverie::test
