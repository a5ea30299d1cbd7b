// bytes.h: what the fuzz targets share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "reverie/base/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace reverie::fuzz {

inline std::span<const std::byte> as_bytes(const std::uint8_t* data, std::size_t size) {
  return std::as_bytes(std::span(data, size));
}

inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Damaged input may be refused by any of our errors, and by nothing else.
template <class Action>
int run(Action&& action) {
  try {
    action();
  } catch (const Error&) {
  }
  return 0;
}

}  // namespace reverie::fuzz
