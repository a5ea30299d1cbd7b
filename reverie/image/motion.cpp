#include "reverie/image/motion.h"

#include <algorithm>
#include <cmath>

#include "reverie/base/error.h"
#include "reverie/base/threads.h"
#include "reverie/image/cubic.h"

namespace reverie {
namespace {

// 1 up to `low`, 0 from `high`, smooth between.
float fading(float value, float low, float high) {
  const float part = std::clamp((value - low) / (high - low), 0.f, 1.f);
  return 1 - part * part * (3 - 2 * part);
}

float square(float value) { return value * value; }

void fit(Tensor& tensor, const Shape& shape) {
  if (tensor.empty() || tensor.shape() != shape) tensor = Tensor::uninitialized(shape);
}

// The mean over 2 `radius` + 1 samples along one axis; edges are repeated.
void box(const float* from, std::int64_t stride, std::int64_t count, std::int64_t radius,
         float* to) {
  const auto at = [&](std::int64_t i) {
    return from[std::clamp<std::int64_t>(i, 0, count - 1) * stride];
  };
  double sum = 0;
  for (std::int64_t i = -radius; i <= radius; ++i) sum += at(i);
  const double scale = 1 / static_cast<double>(2 * radius + 1);
  for (std::int64_t i = 0; i < count; ++i) {
    to[i * stride] = static_cast<float>(sum * scale);
    sum += at(i + radius + 1) - at(i - radius);
  }
}

// Spreads a [1,H,W] plane over its surroundings, in place.
void spread(View plane, std::int64_t radius, Tensor& scratch) {
  const std::int64_t height = plane.shape().height(), width = plane.shape().width();
  fit(scratch, plane.shape());
  parallel_for(height, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t y = begin; y < end; ++y)
      box(plane.data() + y * width, 1, width, radius, scratch.data() + y * width);
  });
  parallel_for(width, 64, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t x = begin; x < end; ++x)
      box(scratch.data() + x, width, height, radius, plane.data() + x);
  });
}

void check_motion(ConstView picture, ConstView flow) {
  const Shape& shape = picture.shape();
  if (shape.rank() != 3 || shape.elements() == 0 ||
      flow.shape() != Shape{2, shape.height(), shape.width()})
    throw BadShape("the motion differs in size from its picture, expected one size");
}

}  // namespace

void warp(ConstView from, ConstView flow, View to) {
  check_motion(from, flow);
  if (from.shape() != to.shape())
    throw BadShape("warping between pictures of different sizes, expected one size");
  const std::int64_t channels = from.shape().channels();
  const std::int64_t height = from.shape().height(), width = from.shape().width();
  parallel_for(height, 8, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t y = begin; y < end; ++y)
      for (std::int64_t x = 0; x < width; ++x) {
        const CubicTaps across = cubic_taps(static_cast<double>(x) + flow.at(0, y, x), width);
        const CubicTaps down = cubic_taps(static_cast<double>(y) + flow.at(1, y, x), height);
        for (std::int64_t c = 0; c < channels; ++c)
          to.at(c, y, x) = cubic_sample(from.data() + c * height * width, width, across, down);
      }
  });
}

MotionFinder::MotionFinder(std::optional<FlowEffort> effort) {
  if (effort) search_.emplace(*effort);
}

void MotionFinder::run(ConstView before, ConstView now, Motion& motion) {
  const Shape& shape = now.shape();
  if (shape.rank() != 3 || shape.channels() != 3 || shape != before.shape())
    throw BadShape("motion between pictures of different sizes, expected one size");
  fit(motion.flow, {2, shape.height(), shape.width()});
  fit(motion.confidence, {1, shape.height(), shape.width()});
  if (search_) {
    search(before, now, motion);
    compare_ways(motion);
  } else {
    for (float& v : motion.flow.elements()) v = 0;
    for (float& v : motion.confidence.elements()) v = 1;
  }
  compare_looks(before, now, motion);

  constexpr std::int64_t soft_px = 2;
  spread(motion.confidence, soft_px, scratch_);
  double seen = 0;
  for (const float weight : motion.confidence.elements()) seen += weight;
  motion.unexplained = 1 - seen / static_cast<double>(motion.confidence.size());
}

// Both ways, and the way forth as seen from where the way back ends.
void MotionFinder::search(ConstView before, ConstView now, Motion& motion) {
  fit(forth_, motion.flow.shape());
  fit(returned_, motion.flow.shape());
  search_->run(now, before, motion.flow);
  search_->run(before, now, forth_);
  warp(forth_, motion.flow, returned_);
}

// What does not come back to where it began was hidden; what comes from outside was not seen.
void MotionFinder::compare_ways(Motion& motion) const {
  const ConstView back = motion.flow, forth = returned_;
  const std::int64_t height = motion.confidence.shape().height(),
                     width = motion.confidence.shape().width();
  parallel_for(height, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t y = begin; y < end; ++y)
      for (std::int64_t x = 0; x < width; ++x) {
        const float back_x = back.at(0, y, x), back_y = back.at(1, y, x);
        const float forth_x = forth.at(0, y, x), forth_y = forth.at(1, y, x);
        const float miss = square(back_x + forth_x) + square(back_y + forth_y);
        const float way = square(back_x) + square(back_y) + square(forth_x) + square(forth_y);
        const float tolerance = 0.01f * way + 0.5f;
        const float from_x = static_cast<float>(x) + back_x,
                    from_y = static_cast<float>(y) + back_y;
        const bool is_inside = from_x >= -0.5f && from_x <= static_cast<float>(width) - 0.5f &&
                               from_y >= -0.5f && from_y <= static_cast<float>(height) - 0.5f;
        motion.confidence.view().at(0, y, x) =
            is_inside ? fading(miss, tolerance, 4 * tolerance) : 0;
      }
  });
}

// Where the surroundings, moved along, look otherwise than they did, something else has come.
void MotionFinder::compare_looks(ConstView before, ConstView now, Motion& motion) {
  constexpr float alike = 12, other = 48;  // levels
  constexpr std::int64_t surroundings_px = 3;
  fit(warped_, now.shape());
  fit(difference_, motion.confidence.shape());
  warp(before, motion.flow, warped_);
  const std::int64_t pixels = difference_.size();
  for (std::int64_t i = 0; i < pixels; ++i)
    difference_[i] = (std::fabs(now.data()[i] - warped_[i]) +
                      std::fabs(now.data()[pixels + i] - warped_[pixels + i]) +
                      std::fabs(now.data()[2 * pixels + i] - warped_[2 * pixels + i])) /
                     3;
  spread(difference_, surroundings_px, scratch_);
  for (std::int64_t i = 0; i < pixels; ++i)
    motion.confidence[i] *= fading(difference_[i], alike, other);
}

double flicker(ConstView before, ConstView now, const Motion& motion, Tensor& scratch) {
  fit(scratch, now.shape());
  warp(before, motion.flow, scratch);
  const std::int64_t pixels = motion.confidence.size();
  double difference = 0, seen = 0;
  for (std::int64_t i = 0; i < pixels; ++i) {
    const double weight = motion.confidence[i];
    for (std::int64_t c = 0; c < 3; ++c)
      difference += weight * std::fabs(now.data()[c * pixels + i] - scratch[c * pixels + i]);
    seen += 3 * weight;
  }
  return seen > 0 ? difference / seen : 0;
}

}  // namespace reverie
