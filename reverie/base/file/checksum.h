// checksum.h: the MD5, SHA-1 and SHA-256 of bytes, for identifying files.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "reverie/base/api.h"

namespace REVERIE_API reverie {

// Hexadecimal, lower case. Source: FIPS 180-4.
std::string sha256(std::span<const std::byte> bytes);

// Only for files whose publisher gives no better checksum.
std::string sha1(std::span<const std::byte> bytes);

// As sha1; it detects damage, but anybody can make two files with one checksum. Source: RFC 1321.
std::string md5(std::span<const std::byte> bytes);

namespace detail {
// sha256 without the processor's instructions for it, for tests of one against the other.
std::string sha256_portable(std::span<const std::byte> bytes);
}  // namespace detail

}  // namespace reverie
