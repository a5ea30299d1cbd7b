// pictures.h: smaller pictures of dreams and uploads for the page, kept in the store's thumbs/.
#pragma once

#include <filesystem>
#include <string>

#include "apps/studio/store.h"
#include "reverie/image/image.h"

namespace reverie::studio {

inline constexpr std::int64_t most_pixels = std::int64_t{1} << 27;  // of an upload
inline constexpr int view_side = 2048;                              // px, the longer one

// Heights in px in which thumbnails are made; the nearest one that is asked for is used.
int thumb_height(int asked);

// The picture at most `side` px on its longer side, or `height` px high; never enlarged.
Image shrunk_to_side(const Image& image, int side);
Image shrunk_to_height(const Image& image, int height);

// A picture for the screen: PNG where it is transparent, else JPEG.
std::string screen_bytes(const Image& image, int quality = 85);

// A picture for the screen, at most view_side px, or the first frame of a video. Errors: as
// read_image, VideoReader.
Image first_picture(const std::filesystem::path& file, const std::string& kind);

// Makes what the page shows of a picture with this id: `ID-view`, `ID-h100`... from the file. What
// is there already stays. Returns the file of that name. Any thread; several may make the same.
// Errors: as first_picture.
std::filesystem::path smaller_picture(const Store& store, const std::string& id,
                                      const std::string& which, const std::filesystem::path& file,
                                      const std::string& kind);

// The same for a picture that is decoded already.
void make_smaller_pictures(const Store& store, const std::string& id, const Image& image);

// "image/png" or "image/jpeg", by the first bytes.
std::string picture_type(const std::string& bytes);

}  // namespace reverie::studio
