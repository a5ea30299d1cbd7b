// array.h: arrays that nodes compute from constants of the file: paddings, shapes and scales as
// exporters write them, weights in another order. Source: the operators' pages of ONNX's
// documentation.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace reverie::onnx {

using Axes = std::vector<std::int64_t>;  // may count from the end, as -1

// C order; no extents: one number. Either integers or floats.
struct Array {
  Axes extents;
  bool is_integer = true;
  std::vector<std::int64_t> integers;
  std::vector<float> floats;

  static Array of(Axes extents, std::vector<std::int64_t> integers);
  static Array of(Axes extents, std::vector<float> floats);

  std::int64_t size() const {
    return static_cast<std::int64_t>(is_integer ? integers.size() : floats.size());
  }
  double at(std::int64_t i) const {
    return is_integer ? static_cast<double>(integers[static_cast<std::size_t>(i)])
                      : static_cast<double>(floats[static_cast<std::size_t>(i)]);
  }
  // Appends a number as this array's kind has it; integers toward zero, within their range.
  void append(double number);
};

// Each is nothing where the arguments do not fit each other, or the result would have more than
// `most` numbers (by default of max_numbers or the arrays' own size).
constexpr std::int64_t max_numbers = 1 << 16;
std::optional<Array> filled(const Axes& extents, const Array& number);
std::optional<Array> concatenated(const std::vector<Array>& parts, std::int64_t axis);
std::optional<Array> transposed(const Array& array, Axes order);  // {}: reversed
// From starts[i] in steps of steps[i] to before ends[i], along axes[i].
std::optional<Array> sliced(const Array& array, const Axes& starts, const Axes& ends,
                            const Axes& axes, const Axes& steps);
// The entries at `indices` along an axis, in place of which stand the indices' axes.
std::optional<Array> gathered(const Array& array, const Array& indices, std::int64_t axis);
// To extents that both broadcast to.
std::optional<Array> expanded(const Array& array, const Axes& extents);
std::optional<Array> tiled(const Array& array, const Axes& repeats);

// Number by number, broadcast. The results are integers where `is_integer`.
using Unary = std::function<double(double)>;
using Binary = std::function<double(double, double)>;
Array mapped(const Array& array, const Unary& function, bool is_integer);
std::optional<Array> combined(const Array& a, const Array& b, const Binary& function,
                              bool is_integer);
std::optional<Array> chosen(const Array& where, const Array& a, const Array& b);

// Over axes ({}: all), by a function from a sum so far and a number. `finish` gets how many numbers
// there were.
struct Reduction {
  double start = 0;
  Binary add;
  Binary finish;  // of the sum and the count
};
std::optional<Array> reduced(const Array& array, const Axes& axes, bool keep,
                             const Reduction& reduction);

// The extents of what had these, after Reshape to `target` (0: as it was, unless zero_is_zero; -1:
// what remains).
std::optional<Axes> reshaped(const Axes& extents, const Axes& target, bool zero_is_zero = false);
std::optional<Axes> unsqueezed(const Axes& extents, Axes axes);
std::optional<Axes> squeezed(const Axes& extents, Axes axes);  // {}: all that are 1
std::optional<Axes> broadcast(const Axes& a, const Axes& b);

}  // namespace reverie::onnx
