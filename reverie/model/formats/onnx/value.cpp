#include "reverie/model/formats/onnx/value.h"

#include <algorithm>
#include <numeric>

namespace reverie::onnx {
namespace {

bool has_part(const Axis& axis, int part) {
  return std::find(axis.begin(), axis.end(), part) != axis.end();
}

std::int64_t extent_of(const Value& value, int part, std::int64_t height, std::int64_t width) {
  if (part == height_part) return height;
  if (part == width_part) return width;
  return value.factors[static_cast<std::size_t>(part)];
}

// Splits the factor at `part` where it is the product of a rest and `last`; else does nothing.
bool split_for(Value& value, int part, std::int64_t last, std::vector<int>& parts) {
  if (part < 0) return false;
  const std::int64_t extent = value.factors[static_cast<std::size_t>(part)];
  if (last < 2 || extent <= last || extent % last != 0) return false;
  value.factors[static_cast<std::size_t>(part)] = extent / last;
  value.factors.insert(value.factors.begin() + part + 1, last);
  for (int& other : parts)
    if (other > part) ++other;
  for (Axis& axis : value.axes)
    for (int& other : axis)
      if (other > part) ++other;
  parts.push_back(part + 1);
  return true;
}

}  // namespace

bool Value::is_pixel() const {
  return std::none_of(axes.begin(), axes.end(), [](const Axis& axis) {
    return has_part(axis, height_part) || has_part(axis, width_part);
  });
}

Axis channel_axis(const Value& value) {
  Axis axis(value.factors.size());
  std::iota(axis.begin(), axis.end(), 0);
  return axis;
}

bool is_channel_axis(const Value& value, const Axis& axis) { return axis == channel_axis(value); }

bool is_picture(const Value& value) {
  if (!value.is_layer() || value.axes.size() != 4 || !value.axes[0].empty() ||
      !is_channel_axis(value, value.axes[1]))
    return false;
  const bool has_pixels = value.axes[2] == Axis{height_part} && value.axes[3] == Axis{width_part};
  return has_pixels || (value.axes[2].empty() && value.axes[3].empty());
}

bool is_row(const Value& value) {
  if (!value.is_layer() || value.axes.size() != 2 || !value.axes[0].empty()) return false;
  Axis all = channel_axis(value);
  if (value.axes[1] == all) return true;
  all.insert(all.end(), {height_part, width_part});
  return value.axes[1] == all;
}

int channel_place(const Value& value) {
  if (value.factors.empty()) return -1;
  const auto found = std::find_if(value.axes.begin(), value.axes.end(),
                                  [&](const Axis& axis) { return is_channel_axis(value, axis); });
  return found == value.axes.end() ? -1 : static_cast<int>(found - value.axes.begin());
}

Axes factor_steps(const Axes& factors) {
  Axes steps(factors.size(), 1);
  for (std::size_t f = factors.size(); f-- > 1;) steps[f - 1] = steps[f] * factors[f];
  return steps;
}

void set_picture_axes(Value& value, std::int64_t channels, bool is_pixel) {
  value.factors = channels == 1 ? Axes{} : Axes{channels};
  value.axes = {{}, channel_axis(value), {height_part}, {width_part}};
  if (is_pixel) value.axes[2] = value.axes[3] = {};
}

void join_factors(Value& value) {
  const auto stand_together = [&](int first) {
    for (const Axis& axis : value.axes) {
      const auto found = std::find(axis.begin(), axis.end(), first);
      if (found != axis.end()) return found + 1 != axis.end() && *(found + 1) == first + 1;
    }
    return false;
  };
  for (int first = 0; first + 1 < static_cast<int>(value.factors.size());) {
    if (!stand_together(first)) {
      ++first;
      continue;
    }
    const auto place = value.factors.begin() + first;
    *place *= *(place + 1);
    value.factors.erase(place + 1);
    for (Axis& axis : value.axes) {
      std::erase(axis, first + 1);
      for (int& part : axis)
        if (part > first) --part;
    }
  }
}

Axes extents_of(const Value& value, std::int64_t height, std::int64_t width) {
  Axes extents;
  for (const Axis& axis : value.axes) {
    std::int64_t product = 1;
    for (const int part : axis) {
      const std::int64_t extent = extent_of(value, part, height, width);
      product = extent < 0 || product < 0 ? -1 : product * extent;
    }
    extents.push_back(product);
  }
  return extents;
}

std::optional<Value> with_extents(const Value& value, const Axes& target, std::int64_t height,
                                  std::int64_t width) {
  Value result = value;
  std::vector<int> parts;  // what is left, the fastest last
  for (const Axis& axis : value.axes) parts.insert(parts.end(), axis.begin(), axis.end());
  result.axes.assign(target.size(), {});

  // From the last axis to the first, each takes parts until it has its extent
  for (std::size_t i = target.size(); i-- > 0;) {
    std::int64_t left = target[i];
    while (!parts.empty()) {
      const std::int64_t extent = extent_of(result, parts.back(), height, width);
      if (extent < 1 || left < 1) return std::nullopt;
      // A part of one entry goes with its neighbour, or to an axis of one
      if (left == 1 && (extent != 1 || target[i] != 1 || !result.axes[i].empty())) break;
      if (left % extent != 0) {
        if (!split_for(result, parts.back(), left, parts)) return std::nullopt;
        continue;
      }
      left /= extent;
      result.axes[i].insert(result.axes[i].begin(), parts.back());
      parts.pop_back();
    }
    if (left != 1) return std::nullopt;
  }

  // Parts of one entry that no axis needed stand before the first that has parts
  for (const int part : parts)
    if (extent_of(result, part, height, width) != 1) return std::nullopt;
  const auto first = std::find_if(result.axes.begin(), result.axes.end(),
                                  [](const Axis& axis) { return !axis.empty(); });
  if (first == result.axes.end()) return parts.empty() ? std::optional(result) : std::nullopt;
  first->insert(first->begin(), parts.begin(), parts.end());
  join_factors(result);
  return result;
}

}  // namespace reverie::onnx
