// integer_array.h: small arrays of integers that nodes compute from constants of the file, as
// exporters write paddings and shapes. Source: the operators' pages of ONNX's documentation.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace reverie::onnx {

// C order; no extents: one number.
struct IntegerArray {
  std::vector<std::int64_t> extents, values;
};

using Axes = std::vector<std::int64_t>;  // may count from the end, as -1

// Each is nothing where the arguments do not fit each other, or the result would have more than
// max_integers numbers.
constexpr std::int64_t max_integers = 4096;
std::optional<IntegerArray> filled(const Axes& extents, std::int64_t value);
std::optional<IntegerArray> concatenated(const std::vector<IntegerArray>& parts, std::int64_t axis);
std::optional<IntegerArray> transposed(const IntegerArray& array, Axes order);  // {}: reversed
// From starts[i] in steps of steps[i] to before ends[i], along axes[i].
std::optional<IntegerArray> sliced(const IntegerArray& array, const Axes& starts, const Axes& ends,
                                   const Axes& axes, const Axes& steps);

// The extents of what had these, after Reshape to `target` (0: as it was; -1: what remains).
std::optional<Axes> reshaped(const Axes& extents, const Axes& target);
std::optional<Axes> unsqueezed(const Axes& extents, Axes axes);
std::optional<Axes> squeezed(const Axes& extents, Axes axes);  // {}: all that are 1

}  // namespace reverie::onnx
