// value.h: what the names of an ONNX graph stand for while its nodes are turned into layers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reverie/model/formats/onnx/array.h"
#include "reverie/model/formats/onnx/onnx_model.h"

namespace reverie::onnx {

// Numbers that do not depend on the picture.
struct Literal {
  Axes extents;
  // Where the numbers are, in C order whatever the extents: one of these
  const Constant* constant = nullptr;
  std::shared_ptr<const Array> array;
};

// What one axis of a value runs over: parts of its layer's [channels, height, width], the slowest
// first. Several parts are axes that a Reshape made one; none is an axis of one entry.
using Axis = std::vector<int>;
constexpr int height_part = -1, width_part = -2;  // 0, 1, ...: factors of the channels

// A value is a layer, seen through axes. As the network's batch is of one, its axis has no parts;
// neither have the height and the width of values that are one pixel whatever the picture's size.
//   [N, C, H, W]                   {}, {0}, {height}, {width}     factors {C}
//   [N, H, W, C]                   {}, {height}, {width}, {0}
//   [N, C] after global pooling    {}, {0}
//   [N, C * H * W]                 {}, {0, height, width}
//   [N, g, C / g, H, W]            {}, {0}, {1}, {height}, {width}     factors {g, C / g}
struct Value {
  enum class Kind {
    layer,
    literal,
    lost  // depends on sizes in a way that is not known; or nothing that a layer could read
  };
  Kind kind = Kind::lost;
  int index = -1;  // layer
  std::vector<Axis> axes;
  Axes factors;           // whose product is the layer's channels; none: one channel. -1: unknown
  bool positive = false;  // never below zero
  // Channels of zeros that a Pad put before and after the others, for the pool that reads it
  std::int64_t zeros_before = 0, zeros_after = 0;
  Literal literal;
  bool was_quantized =
      false;        // literal: QuantizeLinear's, not rounded to the integers that it gives
  std::string why;  // lost: the reason, where it is worth saying

  bool is_layer() const { return kind == Kind::layer; }
  bool is_literal() const { return kind == Kind::literal; }
  // One pixel whatever the size of the picture.
  bool is_pixel() const;
};

// The axis of all channels in their order.
Axis channel_axis(const Value& value);
// Whether an axis has all channels in their order, and nothing else.
bool is_channel_axis(const Value& value, const Axis& axis);
// [N, C, H, W], and nothing else; [N, C] of one pixel; [N, C * H * W].
bool is_picture(const Value& value);
bool is_row(const Value& value);
// The place of the axis that has all channels in their order, or -1.
int channel_place(const Value& value);

// How many channels one entry of each factor skips.
Axes factor_steps(const Axes& factors);

void set_picture_axes(Value& value, std::int64_t channels, bool is_pixel);

// Joins neighbouring factors that stand together wherever they stand.
void join_factors(Value& value);

// The value's extents where its layer is height x width; -1: unknown.
Axes extents_of(const Value& value, std::int64_t height, std::int64_t width);

// The value with its parts divided among axes of `target` extents; nothing when they cannot be.
// Extents of -1 and 0 must have been resolved.
std::optional<Value> with_extents(const Value& value, const Axes& target, std::int64_t height,
                                  std::int64_t width);

}  // namespace reverie::onnx
