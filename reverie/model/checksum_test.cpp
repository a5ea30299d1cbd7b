#include "reverie/model/checksum.h"

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

TEST(Checksum, MatchesForAMillionLetters) {
  const std::string letters(1000000, 'a');
  EXPECT_EQ(sha256(bytes_of(letters)),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  EXPECT_EQ(sha1(bytes_of(letters)), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
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
