// shape.h: the extents of an array.
#pragma once

#include <array>
#include <cassert>
#include <cstdint>
#include <initializer_list>
#include <string>

#include "reverie/base/api.h"

namespace REVERIE_API reverie {

// Up to five extents, outermost first. A picture or an activation is [channels, height, width]; a
// convolution's weights are [out, in / groups, kernel height, kernel width].
class Shape {
 public:
  static constexpr int max_rank = 5;

  Shape() = default;
  Shape(std::initializer_list<std::int64_t> extents) {
    assert(extents.size() <= max_rank);
    for (std::int64_t extent : extents) extents_[static_cast<std::size_t>(rank_++)] = extent;
  }

  void append(std::int64_t extent) {
    assert(rank_ < max_rank);
    extents_[static_cast<std::size_t>(rank_++)] = extent;
  }

  int rank() const { return rank_; }
  std::int64_t operator[](int axis) const {
    assert(axis >= 0 && axis < rank_);
    return extents_[static_cast<std::size_t>(axis)];
  }

  // The product of the extents; 1 for rank 0.
  std::int64_t elements() const {
    std::int64_t product = 1;
    for (int axis = 0; axis < rank_; ++axis) product *= (*this)[axis];
    return product;
  }

  // Names for rank 3, [channels, height, width].
  std::int64_t channels() const { return (*this)[0]; }
  std::int64_t height() const { return (*this)[1]; }
  std::int64_t width() const { return (*this)[2]; }

  // For messages: "[3,240,320]".
  std::string to_string() const;

  friend bool operator==(const Shape&, const Shape&) = default;

 private:
  std::array<std::int64_t, max_rank> extents_{};
  int rank_ = 0;
};

}  // namespace reverie
