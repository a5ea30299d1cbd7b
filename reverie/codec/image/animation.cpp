#include "reverie/codec/image/animation.h"

#include <algorithm>

#include "reverie/codec/image/image_color.h"
#include "reverie/codec/image/image_file.h"
#include "reverie/codec/image/image_source.h"

namespace reverie {

struct Animation::Pixels {
  SourcePtr source;
  ImagePtr image;  // all frames, one below the other
};

Animation::~Animation() = default;

Animation::Animation(const std::string& bytes, std::string name)
    : name_(std::move(name)), pixels_(std::make_unique<Pixels>()) {
  pixels_->source = source_in_memory(bytes, name_);
  ImagePtr image = must(ImagePtr(vips_image_new_from_source(
                            pixels_->source.get(), "[n=-1]", "access", VIPS_ACCESS_SEQUENTIAL,
                            "fail_on", VIPS_FAIL_ON_ERROR, nullptr)),
                        name_);
  width_ = vips_image_get_width(image.get());
  height_ = vips_image_get_page_height(image.get());
  const int frames = vips_image_get_n_pages(image.get());
  if (width_ * height_ > max_image_pixels)
    throw BadImage(fmt::format("{}: is {} x {} pixels, more than the {} million that are allowed",
                               name_, width_, height_, max_image_pixels / 1000000));
  if (frames < 1 || height_ * frames != vips_image_get_height(image.get()))
    throw BadImage(fmt::format("{}: its frames have several sizes, expected one", name_));
  // As browsers do where a file does not say
  constexpr int usual_ms = 100;
  delays_.assign(static_cast<std::size_t>(frames), usual_ms);
  int* delays = nullptr;
  int count = 0;
  if (vips_image_get_typeof(image.get(), "delay") != 0 &&
      vips_image_get_array_int(image.get(), "delay", &delays, &count) == 0)
    for (int i = 0; i < std::min(count, frames); ++i)
      if (delays[i] > 0) delays_[static_cast<std::size_t>(i)] = delays[i];
  take_vips_error();
  pixels_->image = must(to_srgb(std::move(image), false, name_, {}), name_);
  if (vips_image_get_format(pixels_->image.get()) != VIPS_FORMAT_UCHAR)
    throw BadImage(fmt::format("{}: its samples have more than 8 bits, expected 8", name_));
}

bool Animation::has_alpha() const { return vips_image_hasalpha(pixels_->image.get()) != 0; }

bool Animation::next(Image& frame) {
  if (position_ == static_cast<int>(delays_.size())) return false;
  const auto width = static_cast<int>(width_), height = static_cast<int>(height_);
  const VipsRect area{0, position_ * height, width, height};
  // A region belongs to the thread that has made it, and frames may be read by another than the
  // last
  const std::unique_ptr<VipsRegion, Unref> region(vips_region_new(pixels_->image.get()));
  if (vips_region_prepare(region.get(), &area) != 0) fail_damaged(name_);
  ++position_;
  const int bands = vips_image_get_bands(pixels_->image.get()), colors = bands < 3 ? 1 : 3;
  frame.color = Tensor::uninitialized({3, height_, width_});
  frame.alpha = bands > colors ? Tensor::uninitialized({1, height_, width_}) : Tensor();
  for (int y = 0; y < height; ++y) {
    const VipsPel* const row = VIPS_REGION_ADDR(region.get(), 0, area.top + y);
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < 3; ++c)
        frame.color.view().at(c, y, x) = row[x * bands + (colors == 3 ? c : 0)];
      if (bands > colors) frame.alpha.view().at(0, y, x) = row[x * bands + colors];
    }
  }
  return true;
}

}  // namespace reverie
