#include "apps/studio/pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "reverie/base/error.h"
#include "reverie/base/file/atomic_file.h"
#include "reverie/codec/image/image_file.h"
#include "reverie/codec/image/tile_pyramid.h"
#include "reverie/codec/video/video_read.h"
#include "reverie/image/resample.h"

namespace reverie::studio {
namespace {

namespace fs = std::filesystem;

constexpr std::array<int, 4> heights{100, 200, 400, 1024};

Image resized(const Image& image, double factor) {
  if (factor >= 1) return image.clone();
  const auto side = [&](std::int64_t length) {
    return std::max<std::int64_t>(std::llround(static_cast<double>(length) * factor), 1);
  };
  const std::int64_t height = side(image.height()), width = side(image.width());
  Image small;
  small.color = resampled(image.color, height, width, Resampler::lanczos);
  if (!image.alpha.empty()) small.alpha = resampled(image.alpha, height, width, Resampler::lanczos);
  return small;
}

}  // namespace

int thumb_height(int asked) {
  for (const int height : heights)
    if (asked <= height) return height;
  return heights.back();
}

Image shrunk_to_side(const Image& image, int side) {
  return resized(image, static_cast<double>(side) /
                            static_cast<double>(std::max(image.width(), image.height())));
}

Image shrunk_to_height(const Image& image, int height) {
  return resized(image, static_cast<double>(height) / static_cast<double>(image.height()));
}

std::string screen_bytes(const Image& image, int quality) {
  ImageOptions options;
  options.format = image.alpha.empty() ? "jpg" : "png";
  options.quality = quality;
  return encode_image(image, options);
}

Image first_picture(const fs::path& file, const std::string& kind) {
  if (kind != "video" && kind != "zoom") {
    return read_image_shrunk(file, view_side);
  }
  VideoReader video(file);
  Image frame;
  if (!video.next(frame)) throw BadImage(fmt::format("'{}' has no frame", file.string()));
  return frame;
}

void make_smaller_pictures(const Store& store, const std::string& id, const Image& image) {
  const auto keep = [&](const std::string& which, const Image& picture) {
    const fs::path path = store.thumb(id + "-" + which);
    if (!fs::exists(path)) write_atomically(path, screen_bytes(picture), true);
  };
  Image small = shrunk_to_side(image, view_side);
  keep("view", small);
  for (auto height = heights.rbegin(); height != heights.rend(); ++height) {
    small = shrunk_to_height(small, *height);
    keep(fmt::format("h{}", *height), small);
  }
}

fs::path smaller_picture(const Store& store, const std::string& id, const std::string& which,
                         const fs::path& file, const std::string& kind) {
  const fs::path path = store.thumb(id + "-" + which);
  if (!fs::exists(path)) make_smaller_pictures(store, id, first_picture(file, kind));
  return path;
}

std::string picture_type(const std::string& bytes) {
  return bytes.rfind("\x89PNG", 0) == 0 ? "image/png" : "image/jpeg";
}

}  // namespace reverie::studio
