#include "reverie/model/formats/zip/zip.h"

#include "reverie/base/error.h"
#include "reverie/model/formats/expect_error_fixture.h"
#include "reverie/model/formats/zip/zip_fixture.h"

namespace reverie {
namespace {

std::string read(const ZipArchive& archive, const std::string& name) {
  const ZipArchive::Member* member = archive.find(name);
  if (member == nullptr) return "no member";
  const ZipArchive::Content content = archive.read(*member);
  return {reinterpret_cast<const char*>(content.bytes().data()), content.bytes().size()};
}

const std::string long_text(5000, 'x');

TEST(Zip, StoredAndDeflatedMembers) {
  const std::string bytes = ZipWriter()
                                .add("a", "stored")
                                .add("folder/b", long_text, true)
                                .add("none", "")
                                .add("none packed", "", true)
                                .finish("a comment");
  ASSERT_LT(bytes.size(), 1000u);
  const ZipArchive archive(bytes_of(bytes), "net.zip");
  EXPECT_EQ(archive.members().size(), 4u);
  EXPECT_EQ(read(archive, "a"), "stored");
  EXPECT_EQ(read(archive, "folder/b"), long_text);
  EXPECT_EQ(read(archive, "none"), "");
  EXPECT_EQ(read(archive, "none packed"), "");
  EXPECT_EQ(archive.find("c"), nullptr);
}

TEST(Zip, SixtyFourBits) {
  const std::string bytes =
      ZipWriter().add("a", "one", false, true).add("b", long_text, true, true).finish("", true);
  const ZipArchive archive(bytes_of(bytes), "net.zip");
  EXPECT_EQ(read(archive, "a"), "one");
  EXPECT_EQ(read(archive, "b"), long_text);
}

TEST(Zip, WhatIsNotReadIsSaid) {
  const auto open = [](std::string bytes, std::size_t at, char value) {
    bytes[at] = value;
    return [bytes] { ZipArchive(bytes_of(bytes), "net.zip"); };
  };
  const std::string bytes = ZipWriter().add("member", "content").finish();
  const std::size_t entry = bytes.find("PK\x01\x02");
  expect_error<Unsupported>(open(bytes, entry + 8, 1), {"'net.zip'", "'member' is encrypted"});
  expect_error<Unsupported>(open(bytes, entry + 10, 12), {"'member' is packed by method 12"});
  expect_error<Unsupported>(open(bytes, bytes.size() - 18, 1), {"is one part of a zip archive"});
  expect_error<BadModel>(open(bytes, bytes.size() - 12, 9), {"states", "members"});
  expect_error<BadModel>([] { ZipArchive({}, "net.zip"); }, {"the list of its members is missing"});
}

// Whatever is damaged, all that is stated is checked before it is used.
TEST(Zip, DamagedArchives) {
  const std::string bytes =
      ZipWriter().add("a", "stored", false, true).add("b", long_text, true).finish("", true);
  const auto read_all = [](const std::string& damaged) {
    try {
      const ZipArchive archive(bytes_of(damaged), "net.zip");
      for (const ZipArchive::Member& member : archive.members()) archive.read(member);
      return true;
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
      return false;
    }
  };
  EXPECT_TRUE(read_all(bytes));
  for (std::size_t length = 0; length < bytes.size(); ++length)
    EXPECT_FALSE(read_all(bytes.substr(0, length))) << length;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(~damaged[i]);
    read_all(damaged);
  }
}

TEST(Zip, WrongSumsAndSizes) {
  const std::string good = ZipWriter().add("b", long_text, true).finish();
  const auto damage = [&](std::size_t offset, char value) {
    std::string bytes = good;
    bytes[bytes.find("PK\x01\x02") + offset] = value;
    return [bytes] {
      const ZipArchive archive(bytes_of(bytes), "net.zip");
      archive.read(archive.members()[0]);
    };
  };
  expect_error<BadModel>(damage(16, 0), {"member 'b' cannot be unpacked"});  // the sum
  expect_error<BadModel>(damage(24, 0), {"member 'b' cannot be unpacked"});  // fewer bytes
  expect_error<BadModel>(damage(27, 1), {"member 'b' cannot have"});         // 16 million
  expect_error<BadModel>(damage(43, 1), {"should be at"});                   // the place
}

}  // namespace
}  // namespace reverie
