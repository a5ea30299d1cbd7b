// numbered_name.h: names of pictures that together are a video: frame_0001.png, frame_0002.png...
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "reverie/base/api.h"

namespace REVERIE_API reverie {

// A number between two texts. Numbers are written with at least `digits` digits.
struct NumberedName {
  std::string before;
  int digits = 1;
  std::string after;  // with the extension

  std::string name(std::int64_t number) const;
  // The number in a file's name; nothing for other names.
  std::optional<int> number(const std::string& name) const;

  friend bool operator==(const NumberedName&, const NumberedName&) = default;
};

// What "frame_%04d.png" and "frame_####.png" stand for; nothing for other names.
std::optional<NumberedName> parse_numbered_name(const std::string& name);

// Whether a path names pictures to write: its name stands for numbers, and ends as a picture does
// that can be written.
bool is_numbered_output(const std::filesystem::path& path);

// The order in which people count: frame_9 before frame_10.
bool comes_before(const std::string& a, const std::string& b);

}  // namespace reverie
