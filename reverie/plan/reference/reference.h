// reference.h: what every other plan is tested against: naive loops in double precision.
//
// Slow on purpose. It allocates as it goes and knows nothing of layouts, fusion or threads.
#pragma once

#include <memory>
#include <vector>

#include "reverie/graph/graph.h"
#include "reverie/tensor/tensor.h"

namespace reverie::reference {

using Array = BasicTensor<double>;

// Every layer's value, [C,h,w], for a canvas [3,H,W] of RGB display units; the graph runs as it is
// given. Errors: as infer_shapes.
std::vector<Array> forward(const Graph& graph, const Array& canvas);

// d(objective)/d(canvas), [3,H,W], given d(objective)/d(value) for some layers. `output_grads`
// has one entry per layer, empty where there is none. `values` are what forward returned for this
// canvas. A max-pool sends the gradient to the first maximum in scan order, as Caffe does.
Array backward(const Graph& graph, const std::vector<Array>& values,
               const std::vector<Array>& output_grads);

}  // namespace reverie::reference
