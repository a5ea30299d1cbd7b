// axis_map.h: which cells of the input each cell of the output is made of, along one axis of a
// picture: resizing and padding are such maps of rows and of columns, one after the other.
#pragma once

#include <vector>

#include "reverie/base/api.h"
#include "reverie/graph/layer.h"

namespace REVERIE_PRIVATE_API reverie {

// Output o is the sum of weights[t] * input cells[t] for t from begin[o] to begin[o + 1] - 1.
struct AxisMap {
  std::vector<int> begin{0}, cells;
  std::vector<float> weights;

  int outputs() const { return static_cast<int>(begin.size()) - 1; }

  // For making one: a summand of the next output, and the end of its summands.
  void add(std::int64_t cell, float weight);
  void finish_output() { begin.push_back(static_cast<int>(cells.size())); }
};

// The map from the outputs' gradients to those of the inputs, of which there are so many.
AxisMap transposed(const AxisMap& map, std::int64_t inputs);

// Rows and columns of one layer.
struct PlaneMap {
  AxisMap rows, columns;
};

// in, out: the shapes of the layer's input and value.
// Source: ONNX Runtime's Resize, whose coordinates are float32.
PlaneMap plane_map(const Resize& resize, const Shape& in, const Shape& out);
PlaneMap plane_map(const Pad& pad, const Shape& in, const Shape& out);

PlaneMap transposed(const PlaneMap& map, const Shape& in);

}  // namespace reverie
