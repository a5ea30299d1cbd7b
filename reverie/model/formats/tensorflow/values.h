// values.h: the value of a GraphDef's node, as far as reading the graph needs it.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "reverie/model/formats/tensorflow/graph_def.h"

namespace reverie::tensorflow {

// How TensorFlow would lay out a value that the graph here has as [channels, height, width].
enum class Order {
  nhwc,  // also [rows, channels] where each position is a row
  nchw,
  flat_hwc,  // [1, height * width * channels]
  flat_chw
};

inline bool is_flat(Order order) { return order == Order::flat_hwc || order == Order::flat_chw; }

struct Value {
  // Numbers that do not depend on the picture
  std::shared_ptr<const Constant> constant;
  bool is_random = false;  // of a dropout: `constant` is its expected value

  // Or a layer's value; -1: neither
  int layer = -1;
  Order order = Order::nhwc;
  bool single = false;  // height and width are 1, whatever the picture

  // Of a shape that is put together from numbers of which not all are constants
  int shape_rank = 0;  // 0: not one
  std::int64_t shape_last = -1;

  bool is_data() const { return layer >= 0; }
};

// Evaluates a node that depends on numbers only: arithmetic, square roots, reshapes, packed shapes.
// None when it is not such a node, or too large. Dropout's random numbers become their expected
// value. `inputs` without control inputs.
std::optional<Value> fold(const Node& node, const std::vector<Value>& inputs);

}  // namespace reverie::tensorflow
