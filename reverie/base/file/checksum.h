// checksum.h: the MD5, SHA-1 and SHA-256 of bytes, for telling files apart.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "reverie/base/api.h"

namespace REVERIE_PRIVATE_API reverie {

// Hexadecimal, lower case. Source: FIPS 180-4.
std::string sha256(std::span<const std::byte> bytes);

// Only for files whose publisher gives no better sum.
std::string sha1(std::span<const std::byte> bytes);

// As sha1; it tells damage, but anybody can make two files of one sum. Source: RFC 1321.
std::string md5(std::span<const std::byte> bytes);

namespace detail {
// sha256 without the processor's own instructions, for testing one against the other.
std::string sha256_portable(std::span<const std::byte> bytes);
}  // namespace detail

}  // namespace reverie
