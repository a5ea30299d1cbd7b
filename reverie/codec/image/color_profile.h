// color_profile.h: what the header of an ICC color profile says about it.
#pragma once

#include <string>
#include <string_view>

namespace reverie {

struct ProfileInfo {
  std::string space;        // "RGB", "GRAY", "CMYK", "Lab", ...; empty when it is no profile
  std::string description;  // "Display P3"; "unnamed" when there is none
  bool is_srgb() const { return description.find("sRGB") != std::string::npos; }
};

// Reads bytes that may be anything: never reads beyond them, and never throws.
// Source: ICC.1:2010, 7.2 (header), 9.2.41 (profileDescriptionTag), 10.13 (mluc); ICC.1:2001-04,
// 6.5.17 (desc).
ProfileInfo describe_profile(std::string_view icc);

}  // namespace reverie
