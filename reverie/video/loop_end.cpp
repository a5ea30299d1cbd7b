#include "reverie/video/loop_end.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "reverie/base/threads.h"
#include "reverie/image/cubic.h"
#include "reverie/image/resample.h"

namespace reverie {
namespace {

constexpr std::int64_t coarsest_px = 8;  // of the shorter side
constexpr double way = 0.3;              // the part of the last frames that each scale takes

Tensor halved(ConstView picture) {
  const Shape& shape = picture.shape();
  return resampled(picture, (shape.height() + 1) / 2, (shape.width() + 1) / 2, Resampler::lanczos);
}

// The picture at half the size, a quarter and so on.
std::vector<Tensor> halves_of(ConstView picture) {
  std::vector<Tensor> halves;
  const auto shorter = [](const Shape& shape) { return std::min(shape.height(), shape.width()); };
  for (ConstView last = picture; shorter(last.shape()) >= 2 * coarsest_px; last = halves.back())
    halves.push_back(halved(last));
  return halves;
}

void add_scaled(Tensor& to, ConstView values, double factor) {
  const auto weight = static_cast<float>(factor);
  for (std::int64_t i = 0; i < to.size(); ++i) to[i] += weight * values.data()[i];
}

// The sum of a picture's scales, each by its weight, the finest first: its Laplacian pyramid put
// together again.
Tensor weighted_scales(Tensor picture, const std::vector<double>& weights) {
  std::vector<Tensor> scales = halves_of(picture);
  scales.insert(scales.begin(), std::move(picture));
  const auto enlarged = [&](ConstView small, std::size_t to) {
    const Shape& shape = scales[to].shape();
    return resampled(small, shape.height(), shape.width(), Resampler::lanczos);
  };
  for (std::size_t k = 0; k + 1 < scales.size(); ++k)
    add_scaled(scales[k], enlarged(scales[k + 1], k), -1);
  Tensor sum(scales.back().shape());
  add_scaled(sum, scales.back(), weights.back());
  for (std::size_t k = scales.size() - 1; k-- > 0;) {
    sum = enlarged(sum, k);
    add_scaled(sum, scales[k], weights[k]);
  }
  return sum;
}

}  // namespace

LoopEnd::LoopEnd(ConstView first, const ZoomSettings& settings, const Timeline& timeline)
    : first_(first), begin_(plain_frames(settings)) {
  if (begin_ >= settings.frames || settings.frames == 0) return;
  Place place;
  for (int frame = settings.frames; frame > begin_; --frame) {
    place = before(place, timeline.at(frame).move);
    places_.push_back(place);
  }
  std::reverse(places_.begin(), places_.end());
  halves_ = halves_of(first);
  scales_ = halves_.size() + 1;
}

// A move takes the pixel x of the new frame from centre + M (x + pan - centre) of the old; so what
// is at x in the old is at M^-1 (x - centre) + centre - pan in the new.
LoopEnd::Place LoopEnd::before(const Place& later, const CameraMove& move) const {
  const double angle = move.turn * std::numbers::pi / 180;
  const double along = std::cos(angle) * move.zoom, across = -std::sin(angle) * move.zoom;
  const auto& shape = first_.shape();
  const double cx = move.centre_x * static_cast<double>(shape.width()) - 0.5;
  const double cy = move.centre_y * static_cast<double>(shape.height()) - 0.5;
  const double x0 = cx - move.pan_x - along * cx - across * cy;
  const double y0 = cy - move.pan_y + across * cx - along * cy;
  return {later.a * along - later.b * across, later.a * across + later.b * along,
          later.a * x0 + later.b * y0 + later.x0, later.a * y0 - later.b * x0 + later.y0};
}

Tensor LoopEnd::target(int frame) const {
  const Place& place = places_.at(static_cast<std::size_t>(frame - begin_));
  // What is seen from afar is sampled where it is small, lest it flicker
  const double reduction = std::hypot(place.a, place.b);
  const auto level = static_cast<std::size_t>(
      std::clamp(std::lround(std::log2(reduction)), 0L, static_cast<long>(halves_.size())));
  const ConstView from = level == 0 ? first_ : ConstView(halves_[level - 1]);
  const Shape &whole = first_.shape(), &shape = from.shape();
  const double across = static_cast<double>(shape.width()) / static_cast<double>(whole.width());
  const double down = static_cast<double>(shape.height()) / static_cast<double>(whole.height());
  Tensor to = Tensor::uninitialized(whole);
  parallel_for(whole.height(), 8, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t y = begin; y < end; ++y)
      for (std::int64_t x = 0; x < whole.width(); ++x) {
        const auto px = static_cast<double>(x), py = static_cast<double>(y);
        const double at_x = place.a * px + place.b * py + place.x0;
        const double at_y = place.a * py - place.b * px + place.y0;
        const CubicTaps tx = cubic_taps((at_x + 0.5) * across - 0.5, shape.width());
        const CubicTaps ty = cubic_taps((at_y + 0.5) * down - 0.5, shape.height());
        for (std::int64_t c = 0; c < whole.channels(); ++c)
          to.view().at(c, y, x) =
              cubic_sample(from.data() + c * shape.height() * shape.width(), shape.width(), tx, ty);
      }
  });
  return to;
}

// The part of a scale that is still the dream's, when `done` of the last frames are.
double LoopEnd::left(double done, std::size_t scale) const {
  const double coarse =
      static_cast<double>(scale) / static_cast<double>(std::max<std::size_t>(scales_ - 1, 1));
  const double begin = (1 - way) * (1 - coarse);
  return 1 - eased(Easing::smooth, std::clamp((done - begin) / way, 0.0, 1.0));
}

void LoopEnd::draw_near(Tensor& canvas, int frame, bool clip) const {
  if (frame < begin_ || places_.empty()) return;
  // After the last frame comes the first, with nothing left of the dream
  const double steps = static_cast<double>(places_.size()) + 1;
  const double done = (frame - begin_ + 1) / steps, earlier = (frame - begin_) / steps;
  std::vector<double> weights;
  for (std::size_t scale = 0; scale < scales_; ++scale) {
    const double before = left(earlier, scale);
    weights.push_back(before > 0 ? 1 - left(done, scale) / before : 1);
  }
  Tensor rest = target(frame);
  add_scaled(rest, canvas, -1);
  add_scaled(canvas, weighted_scales(std::move(rest), weights), 1);
  if (clip)
    for (float& v : canvas.elements()) v = std::clamp(v, 0.f, 255.f);
}

}  // namespace reverie
