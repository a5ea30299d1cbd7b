#include "reverie/base/file/checksum.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace reverie {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

// Source of the expected values: the examples of FIPS 180-4.
TEST(Checksum, MatchesThePublishedExamples) {
  EXPECT_EQ(sha256(bytes_of("")),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256(bytes_of("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256(bytes_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha1(bytes_of("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(sha1(bytes_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
}

// Source of the expected values: the test suite of RFC 1321.
TEST(Checksum, MatchesThePublishedExamplesOfMd5) {
  EXPECT_EQ(md5(bytes_of("")), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(md5(bytes_of("abc")), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(md5(bytes_of("1234567890123456789012345678901234567890123456789012345678901234567890123"
                         "4567890")),
            "57edf4a22be3c955ac49da2e2107b67a");
}

TEST(Checksum, MatchesForAMillionLetters) {
  const std::string letters(1000000, 'a');
  EXPECT_EQ(sha256(bytes_of(letters)),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  EXPECT_EQ(sha1(bytes_of(letters)), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
  EXPECT_EQ(md5(bytes_of(letters)), "7707d6ae4e027c70eea2a935c2296f21");
}

TEST(Checksum, DoesNotDependOnTheProcessor) {
  std::string text;
  for (int length = 0; length < 300; ++length) {
    EXPECT_EQ(sha256(bytes_of(text)), detail::sha256_portable(bytes_of(text))) << length;
    text.push_back(static_cast<char>(length * 37 + 11));
  }
}

}  // namespace
}  // namespace reverie
