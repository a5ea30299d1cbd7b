#include "reverie/ascent/augmentation.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "reverie/base/threads.h"

namespace reverie {
namespace {

// The four pixels of a plane that a pixel of the held picture is mixed from, and their shares.
struct Mix {
  std::int64_t at[4];
  float weight[4];
};

// Where the pixels of a held picture come from.
class Origin {
 public:
  Origin(const Shape& shape, const Augmentation& augmentation)
      : height_(shape.height()),
        width_(shape.width()),
        middle_x_(static_cast<double>(width_ - 1) / 2),
        middle_y_(static_cast<double>(height_ - 1) / 2) {
    const double angle = augmentation.degrees * std::numbers::pi / 180;
    cosine_ = std::cos(angle) / augmentation.scale;
    sine_ = std::sin(angle) / augmentation.scale;
    side_ = augmentation.mirrored ? -1 : 1;
  }

  Mix of(std::int64_t y, std::int64_t x) const {
    const double dx = static_cast<double>(x) - middle_x_, dy = static_cast<double>(y) - middle_y_;
    const double from_x = middle_x_ + side_ * (cosine_ * dx + sine_ * dy);
    const double from_y = middle_y_ - sine_ * dx + cosine_ * dy;
    const double left = std::floor(from_x), top = std::floor(from_y);
    const auto part_x = static_cast<float>(from_x - left),
               part_y = static_cast<float>(from_y - top);
    const auto column = [&](double at) {
      return std::clamp<std::int64_t>(static_cast<std::int64_t>(at), 0, width_ - 1);
    };
    const auto line = [&](double at) {
      return std::clamp<std::int64_t>(static_cast<std::int64_t>(at), 0, height_ - 1) * width_;
    };
    return {{line(top) + column(left), line(top) + column(left + 1), line(top + 1) + column(left),
             line(top + 1) + column(left + 1)},
            {(1 - part_y) * (1 - part_x), (1 - part_y) * part_x, part_y * (1 - part_x),
             part_y * part_x}};
  }

 private:
  std::int64_t height_, width_;
  double middle_x_, middle_y_;
  double cosine_, sine_, side_;
};

}  // namespace

void augment(ConstView from, const Augmentation& augmentation, View to) {
  const std::int64_t height = to.shape().height(), width = to.shape().width();
  const Origin origin(to.shape(), augmentation);
  parallel_for(height, 4, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t y = begin; y < end; ++y)
      for (std::int64_t x = 0; x < width; ++x) {
        const Mix mix = origin.of(y, x);
        for (std::int64_t c = 0; c < to.shape().channels(); ++c) {
          const float* const plane = from.data() + c * height * width;
          float sum = 0;
          for (int i = 0; i < 4; ++i) sum += mix.weight[i] * plane[mix.at[i]];
          to.at(c, y, x) = sum;
        }
      }
  });
}

void augment_transpose(ConstView from, const Augmentation& augmentation, View to) {
  const std::int64_t height = to.shape().height(), width = to.shape().width();
  const Origin origin(to.shape(), augmentation);
  // Pixels that are near fall on the same ones, so a thread has whole planes
  parallel_for(to.shape().channels(), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t c = begin; c < end; ++c) {
      float* const plane = to.data() + c * height * width;
      std::fill_n(plane, height * width, 0.f);
      for (std::int64_t y = 0; y < height; ++y)
        for (std::int64_t x = 0; x < width; ++x) {
          const Mix mix = origin.of(y, x);
          for (int i = 0; i < 4; ++i) plane[mix.at[i]] += mix.weight[i] * from.at(c, y, x);
        }
    }
  });
}

}  // namespace reverie
