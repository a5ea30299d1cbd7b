#include "reverie/base/file/checksum.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "reverie/base/file/checksum_x86.h"

namespace reverie {
namespace {

constexpr std::size_t block_bytes = 64;

std::uint32_t big_endian(const std::byte* bytes) {
  return static_cast<std::uint32_t>(bytes[0]) << 24 | static_cast<std::uint32_t>(bytes[1]) << 16 |
         static_cast<std::uint32_t>(bytes[2]) << 8 | static_cast<std::uint32_t>(bytes[3]);
}

void compress_sha256(std::uint32_t* state, const std::byte* blocks, std::size_t count) {
  for (; count > 0; --count, blocks += block_bytes) {
    // The schedule: sixteen words of the block, the others mixed from those before
    std::array<std::uint32_t, 64> w;
    for (std::size_t i = 0; i < 16; ++i) w[i] = big_endian(blocks + 4 * i);
    for (std::size_t i = 16; i < 64; ++i) {
      const std::uint32_t s0 =
          std::rotr(w[i - 15], 7) ^ std::rotr(w[i - 15], 18) ^ (w[i - 15] >> 3);
      const std::uint32_t s1 = std::rotr(w[i - 2], 17) ^ std::rotr(w[i - 2], 19) ^ (w[i - 2] >> 10);
      w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }

    // The 64 rounds
    std::uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    std::uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
    for (std::size_t i = 0; i < 64; ++i) {
      const std::uint32_t s1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
      const std::uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + detail::sha256_constants[i] + w[i];
      const std::uint32_t s0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
      const std::uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
      h = g, g = f, f = e, e = d + t1;
      d = c, c = b, b = a, a = t1 + t2;
    }
    const std::array<std::uint32_t, 8> sum{a, b, c, d, e, f, g, h};
    for (std::size_t i = 0; i < 8; ++i) state[i] += sum[i];
  }
}

void compress_sha1(std::uint32_t* state, const std::byte* blocks, std::size_t count) {
  for (; count > 0; --count, blocks += block_bytes) {
    std::array<std::uint32_t, 80> w;
    for (std::size_t i = 0; i < 16; ++i) w[i] = big_endian(blocks + 4 * i);
    for (std::size_t i = 16; i < 80; ++i)
      w[i] = std::rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    std::uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
    for (std::size_t i = 0; i < 80; ++i) {
      const std::uint32_t mixed = i < 20   ? ((b & c) | (~b & d)) + 0x5A827999u
                                  : i < 40 ? (b ^ c ^ d) + 0x6ED9EBA1u
                                  : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDCu
                                           : (b ^ c ^ d) + 0xCA62C1D6u;
      const std::uint32_t next = std::rotl(a, 5) + mixed + e + w[i];
      e = d, d = c, c = std::rotl(b, 30), b = a, a = next;
    }
    const std::array<std::uint32_t, 5> sum{a, b, c, d, e};
    for (std::size_t i = 0; i < 5; ++i) state[i] += sum[i];
  }
}

std::uint32_t little_endian(const std::byte* bytes) {
  return static_cast<std::uint32_t>(bytes[3]) << 24 | static_cast<std::uint32_t>(bytes[2]) << 16 |
         static_cast<std::uint32_t>(bytes[1]) << 8 | static_cast<std::uint32_t>(bytes[0]);
}

// floor(2^32 |sin(i + 1)|)
std::array<std::uint32_t, 64> md5_constants() {
  std::array<std::uint32_t, 64> constants;
  for (std::size_t i = 0; i < 64; ++i)
    constants[i] = static_cast<std::uint32_t>(
        std::floor(4294967296.0 * std::abs(std::sin(static_cast<double>(i + 1)))));
  return constants;
}

void compress_md5(std::uint32_t* state, const std::byte* blocks, std::size_t count) {
  static const std::array<std::uint32_t, 64> constants = md5_constants();
  constexpr int turns[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
  for (; count > 0; --count, blocks += block_bytes) {
    std::uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    for (std::size_t i = 0; i < 64; ++i) {
      const std::size_t round = i / 16;
      const std::uint32_t mixed = round == 0   ? (b & c) | (~b & d)
                                  : round == 1 ? (d & b) | (~d & c)
                                  : round == 2 ? b ^ c ^ d
                                               : c ^ (b | ~d);
      const std::size_t word = round == 0   ? i
                               : round == 1 ? (5 * i + 1) % 16
                               : round == 2 ? (3 * i + 5) % 16
                                            : 7 * i % 16;
      const std::uint32_t sum = a + mixed + constants[i] + little_endian(blocks + 4 * word);
      a = d, d = c, c = b, b += std::rotl(sum, turns[round][i % 4]);
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d;
  }
}

using Compress = void (*)(std::uint32_t* state, const std::byte* blocks, std::size_t count);

// All sums pad alike: a one, zeros, and the length in bits in the last eight bytes; MD5 writes its
// numbers with the low byte first.
template <std::size_t words>
std::string digest(std::span<const std::byte> bytes, std::array<std::uint32_t, words> state,
                   Compress compress, bool low_first = false) {
  const std::size_t whole = bytes.size() / block_bytes;
  compress(state.data(), bytes.data(), whole);
  std::array<std::byte, 2 * block_bytes> last{};
  const auto rest = bytes.subspan(whole * block_bytes);
  if (!rest.empty()) std::memcpy(last.data(), rest.data(), rest.size());
  last[rest.size()] = std::byte{0x80};
  const std::size_t blocks = rest.size() + 9 > block_bytes ? 2 : 1;
  const std::uint64_t bits = std::uint64_t{8} * bytes.size();
  for (std::size_t i = 0; i < 8; ++i)
    last[blocks * block_bytes - (low_first ? 8 - i : 1 + i)] =
        static_cast<std::byte>((bits >> (8 * i)) & 0xFF);
  compress(state.data(), last.data(), blocks);
  std::string text;
  for (const std::uint32_t word : state)
    text += fmt::format("{:08x}", low_first ? __builtin_bswap32(word) : word);
  return text;
}

constexpr std::array<std::uint32_t, 8> sha256_start{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                                    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

}  // namespace

namespace detail {

const std::array<std::uint32_t, 64> sha256_constants{
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

std::string sha256_portable(std::span<const std::byte> bytes) {
  return digest(bytes, sha256_start, compress_sha256);
}

}  // namespace detail

std::string sha256(std::span<const std::byte> bytes) {
  if (detail::has_sha_instructions())
    return digest(bytes, sha256_start, detail::compress_sha256_x86);
  return detail::sha256_portable(bytes);
}

std::string sha1(std::span<const std::byte> bytes) {
  constexpr std::array<std::uint32_t, 5> start{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476,
                                               0xc3d2e1f0};
  return digest(bytes, start, compress_sha1);
}

std::string md5(std::span<const std::byte> bytes) {
  constexpr std::array<std::uint32_t, 4> start{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  return digest(bytes, start, compress_md5, true);
}

}  // namespace reverie
