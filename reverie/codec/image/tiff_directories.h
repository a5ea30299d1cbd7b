// tiff_directories.h: which pictures of a TIFF file are the cells of a camera's sensor.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace reverie {

struct TiffDirectories {
  // Whether a picture has one cell of one colour for each pixel: of each page, and of each that
  // lies below the first page, in the file's order.
  std::vector<bool> pages, below;
};

// Of the bytes of a file. Empty for what is no TIFF of 32-bit offsets; what is damaged ends a list.
// Source: TIFF 6.0, section 2; its supplement 1 (SubIFDs); TIFF/EP (color filter arrays).
TiffDirectories tiff_directories(std::span<const std::byte> bytes);

}  // namespace reverie
