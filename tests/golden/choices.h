// choices.h: is a gradient right for the choices that its own plan made?
//
// Under a max-pool two numbers may agree to their last digits, and a ReLU's input may be zero to
// them. Then rounding decides where the gradient goes, and engines and processors differ. This
// takes a plan's own float32 values, checks that they are the true ones but for rounding, and has
// the reference send the gradient down through them: what comes out is the gradient that those
// choices imply.
#pragma once

#include <algorithm>
#include <numeric>
#include <vector>

#include "reverie/graph/passes.h"
#include "reverie/plan/reference/reference.h"
#include "tests/golden/golden.h"

namespace reverie::golden {

inline reference::Array widened(ConstView a) {
  reference::Array wide(a.shape());
  std::copy(a.elements().begin(), a.elements().end(), wide.elements().begin());
  return wide;
}

// d(0.5 * sum of a layer's squares)/d(canvas) in double, through the values that a plan of
// `precision` computes for that canvas. Each of them must be within 5e-5 of its layer's largest:
// rounding grows through deep networks.
inline Tensor grad_of_own_choices(const Graph& graph, int layer, Precision precision,
                                  ConstView canvas) {
  const PassResult prepared = prepare(graph, {layer});
  std::vector<int> all(prepared.graph.layers.size() - 1);
  std::iota(all.begin(), all.end(), 1);
  const auto compiler = make_compiler(prepared.graph, all, precision);
  const auto plan = compiler->compile(canvas.shape().height(), canvas.shape().width());
  plan->forward(canvas);

  std::vector<reference::Array> values = reference::forward(prepared.graph, widened(canvas));
  for (std::size_t i = 0; i < all.size(); ++i) {
    reference::Array& value = values[i + 1];
    reference::Array own = widened(plan->activation(static_cast<int>(i)));
    double error = 0, most = 0;
    for (std::int64_t k = 0; k < value.size(); ++k) {
      error = std::max(error, std::abs(own[k] - value[k]));
      most = std::max(most, std::abs(value[k]));
    }
    EXPECT_LE(error, 5e-5 * most) << prepared.graph.layers[i + 1].name;
    value = std::move(own);
  }

  std::vector<reference::Array> output_grads(values.size());
  const auto target = static_cast<std::size_t>(prepared.targets.front());
  output_grads[target] = values[target].clone();
  const reference::Array wide = reference::backward(prepared.graph, values, output_grads);
  Tensor grad(canvas.shape());
  std::transform(wide.elements().begin(), wide.elements().end(), grad.elements().begin(),
                 [](double v) { return static_cast<float>(v); });
  return grad;
}

}  // namespace reverie::golden
