// text.h: text functions for messages and settings. Internal to the library.
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "reverie/base/api.h"

namespace REVERIE_API reverie {

// The candidates that are near `text`, which may be what was meant: those that differ in a few
// letters, contain it, or are a part of it. Best first, at most `most`; none for nonsense.
std::vector<std::string> nearest_names(std::string_view text,
                                       const std::vector<std::string>& candidates,
                                       std::size_t most);

// The nearest candidate for the end of a message, "; the nearest is 'flip'"; empty when none is
// near.
std::string nearest_note(std::string_view text, const std::vector<std::string>& candidates);

// The whole of `text` as a number, or nothing.
template <class T>
std::optional<T> read_number(std::string_view text) {
  T value{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

std::string lower(std::string_view text);

// A user's text with control characters replaced by spaces, for messages of one line.
std::string one_line(std::string_view text);

}  // namespace reverie
