// `half` on any processor: programs whose every convolution runs by our own kernels, which need no
// instructions for bfloat16.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "reverie/graph/passes.h"
#include "reverie/plan/cpu/instruction_set_environment.h"
#include "reverie/plan/cpu/lowering/build_program.h"
#include "reverie/plan/cpu/processor.h"
#include "reverie/plan/cpu/trial_network.h"
#include "reverie/plan/reference/reference.h"

namespace reverie::cpu {
namespace {

[[maybe_unused]] const auto* const environment =
    testing::AddGlobalTestEnvironment(new InstructionSetEnvironment);

// As GoogLeNet begins: a strided first layer, a max-pool, and a 3x3 convolution.
void add_stem(Maker& maker, bool pooled) {
  int last = maker.conv(0, 64, square(7, 2, 3));
  if (pooled) last = maker.add(Pool{Pool::Kind::max, square(3, 2)}, {last});
  maker.conv(last, 64, square(3, 1, 1));
}

// Smooth, bright, and between the levels of 8 bits, as a dream's canvas is.
Tensor smooth_canvas(Maker& maker, std::int64_t height, std::int64_t width) {
  Tensor canvas({3, height, width});
  for (std::int64_t i = 0; i < canvas.size(); ++i) {
    const auto x = static_cast<float>(i % width), y = static_cast<float>(i / width % height);
    canvas[i] = 190 + 40 * std::sin(0.05f * x + 0.02f * y) + maker.draw(0, 2);
  }
  return canvas;
}

struct Agreement {
  double activation, cosine;  // relative L2; between the gradients
};

Agreement half_against_truth(const Graph& graph, const Tensor& canvas) {
  const int target = static_cast<int>(graph.layers.size()) - 1;
  const PassResult prepared = prepare(graph, {target});
  const OnednnContext onednn;
  WeightStore store(onednn);
  const auto program =
      build_program(prepared.graph, prepared.targets, canvas.shape().height(),
                    canvas.shape().width(), {Precision::half, Element::bf16, 8}, onednn, store);
  Tensor grad(canvas.shape());
  program->canvas = canvas.data();
  program->grad = grad.data();
  for (const auto& step : program->forward) step->run();
  const Tensor& found = program->activations[0];
  std::copy_n(found.data(), found.size(), program->output_grads[0].data());
  for (const auto& step : program->backward) step->run();

  reference::Array exact({3, canvas.shape().height(), canvas.shape().width()});
  for (std::int64_t i = 0; i < canvas.size(); ++i) exact[i] = canvas[i];
  const auto values = reference::forward(graph, exact);
  std::vector<reference::Array> output_grads(values.size());
  output_grads.back() = reference::Array(values.back().shape());
  std::copy_n(values.back().data(), values.back().size(), output_grads.back().data());
  const auto truth = reference::backward(graph, values, output_grads);

  double error = 0, energy = 0, product = 0, ours = 0, theirs = 0;
  for (std::int64_t i = 0; i < found.size(); ++i) {
    error += std::pow(found[i] - values.back()[i], 2);
    energy += std::pow(values.back()[i], 2);
  }
  for (std::int64_t i = 0; i < grad.size(); ++i) {
    product += grad[i] * truth[i];
    ours += double{grad[i]} * grad[i];
    theirs += truth[i] * truth[i];
  }
  return {std::sqrt(error / energy), product / std::sqrt(ours * theirs)};
}

void expect_agreement(bool pooled, std::int64_t height, std::int64_t width) {
  Maker maker(7);
  add_stem(maker, pooled);
  const Agreement found = half_against_truth(maker.graph, smooth_canvas(maker, height, width));
  EXPECT_LT(found.activation, 0.01);
  EXPECT_GT(found.cosine, 0.999);
}

TEST(Half, FirstLayerIsFloat32UntilItIsPooled) { expect_agreement(true, 61, 94); }

TEST(Half, FirstLayerWithoutAPoolIsNarrowed) { expect_agreement(false, 40, 51); }

}  // namespace
}  // namespace reverie::cpu
