// checksum_x86.h: SHA-256 by the SHA instructions of newer x86 processors.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace reverie::detail {

extern const std::array<std::uint32_t, 64> sha256_constants;

// Asked at run time; always false on other processors.
bool has_sha_instructions();

// Updates the eight words of `state` with `count` blocks of 64 bytes.
// REQUIRES: has_sha_instructions().
void compress_sha256_x86(std::uint32_t* state, const std::byte* blocks, std::size_t count);

}  // namespace reverie::detail
