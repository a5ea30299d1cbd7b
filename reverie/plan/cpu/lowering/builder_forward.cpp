// builder_forward.cpp: the forward steps of each kind of layer, but for convolutions.
#include <fmt/format.h>

#include "reverie/base/error.h"
#include "reverie/plan/cpu/lowering/builder.h"

namespace reverie::cpu {

void ProgramBuilder::forward(const Group& group) {
  if (std::holds_alternative<Convolution>(layer(group.layers[0]).op)) {
    for (const ConvolutionJob& job : jobs(group)) forward_convolution(job);
  } else {
    const int i = group.layers[0];
    std::visit([&](const auto& op) { forward_op(i, op); }, layer(i).op);
  }
  for (std::size_t t = 0; t < targets_.size(); ++t)
    for (int i : group.layers)
      if (targets_[t] == i) export_target(t);
}

void ProgramBuilder::forward_op(int, const Input& input) {
  if (input.channels != 3)
    throw Unsupported(
        fmt::format("network '{}' reads pictures of {} channels; only 3 (colour) are supported",
                    graph_.name, input.channels));
}

void ProgramBuilder::forward_op(int, const Convolution&) {}

void ProgramBuilder::forward_op(int i, const Relu& relu) {
  ReluForward a;
  a.grad = relu.negative_slope;
  a.ceiling = relu.ceiling;
  auto& step = emit(kernels_.relu_forward, a, vectors(range(i)), 4096, i, "forward");
  step.connect(step.arguments.input, in_place_of(i, 0, value(i)));
  step.connect(step.arguments.output, activation(range(i)));
}

void ProgramBuilder::forward_op(int i, const Pool& pool) {
  const PoolGeometry g = geometry(i);
  const int input = layer(i).inputs[0];
  const BufferRef from = in_place_of(i, 0, value(i));
  const std::int64_t items = std::int64_t{value(i).blocks} * g.out_height;
  if (pool.kind == Pool::Kind::average) {
    AveragePoolForward a;
    a.geometry = g;
    auto& step = emit(kernels_.average_pool_forward, a, items, 1, i, "forward");
    divisors(i, step.indices, step.more_indices);
    step.arguments.rows = step.indices.data();
    step.arguments.columns = step.more_indices.data();
    step.connect(step.arguments.input, from);
    step.connect(step.arguments.output, activation(range(i)));
    return;
  }
  MaxPoolForward a;
  a.geometry = g;
  a.wide = std::int64_t{g.kernel_h} * g.kernel_w > 255;
  a.close_relu = closes_relu(input);
  const std::size_t lanes = static_cast<std::size_t>(vectors(range(i)) * layout_.lanes);
  extra_[static_cast<std::size_t>(i)] = planner_.add(lanes * (a.wide ? 4 : 1));
  const auto kernel = range(input).storage == float_storage_ ? kernels_.max_pool_of_floats
                                                             : kernels_.max_pool_forward;
  auto& step = emit(kernel, a, items, 1, i, "forward");
  step.connect(step.arguments.input, from);
  step.connect(step.arguments.output, activation(range(i)));
  step.connect(step.arguments.argmax, BufferRef{extra_[static_cast<std::size_t>(i)], 0});
}

// A max-pool that alone reads a ReLU's value can tell from its maxima where the ReLU was open.
bool ProgramBuilder::closes_relu(int input) const {
  return sole_contribution(input) && relu_of(range(input)) == 0.f;
}

void ProgramBuilder::forward_op(int i, const Lrn& lrn) {
  const int lanes = layout_.lanes;
  if (lrn.size < 1 || lrn.size > 2 * lanes || value(i).blocks * lanes > 1024)
    throw Unsupported(
        fmt::format("layer '{}': response normalisation over {} of {} channels; at most {} of 1024 "
                    "are supported",
                    layer(i).name, lrn.size, value(i).shape.channels(), 2 * lanes));
  LrnForward a;
  a.pixels = value(i).pixels();
  a.blocks = value(i).blocks;
  a.size = lrn.size;
  a.alpha = lrn.alpha;
  a.beta = lrn.beta;
  a.k = lrn.k;
  const BufferRef from = in_place_of(i, 0, value(i));
  auto& step = emit(kernels_.lrn_forward, a, a.pixels, 64, i, "forward");
  step.connect(step.arguments.input, from);
  step.connect(step.arguments.output, activation(range(i)));
}

void ProgramBuilder::forward_op(int i, const Concat&) {
  Range part = range(i);
  const auto& inputs = layer(i).inputs;
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    part.count = value(inputs[k]).blocks;
    if (layout_.copied[static_cast<std::size_t>(i)][k]) {
      const BufferRef from = in_place_of(i, k, value(inputs[k]));
      auto& step = emit(kernels_.combine, Combine{}, vectors(part), 4096, i, "forward");
      step.connect(step.arguments.input, from);
      step.connect(step.arguments.output, activation(part));
    }
    part.first += part.count;
  }
}

void ProgramBuilder::forward_op(int i, const Eltwise& eltwise) {
  const auto& inputs = layer(i).inputs;
  const BufferRef to = activation(range(i));
  const std::int64_t count = vectors(range(i));
  BufferRef running;
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    const BufferRef from = in_place_of(i, k, value(i));
    if (eltwise.operation == Eltwise::Operation::sum || k == 0) {
      Combine a;
      if (eltwise.operation == Eltwise::Operation::sum && !eltwise.coefficients.empty())
        a.scale = eltwise.coefficients[k];
      a.accumulate = k > 0;
      auto& step = emit(kernels_.combine, a, count, 4096, i, "forward");
      step.connect(step.arguments.input, from);
      step.connect(step.arguments.output, to);
    } else if (eltwise.operation == Eltwise::Operation::product) {
      auto& step = emit(kernels_.product, Product{}, count, 4096, i, "forward");
      step.connect(step.arguments.left, to);
      step.connect(step.arguments.right, from);
      step.connect(step.arguments.output, to);
    } else {
      auto& step = emit(kernels_.maximum, Maximum{}, count, 4096, i, "forward");
      step.connect(step.arguments.left, to);
      step.connect(step.arguments.right, from);
      step.connect(step.arguments.output, to);
    }
  }
}

// Per physical channel, zero where there is no logical one.
std::vector<float> ProgramBuilder::per_channel(int i, const Weights& weights) const {
  const Value& v = value(i);
  std::vector<float> all(static_cast<std::size_t>(v.blocks * layout_.lanes));
  for (std::size_t c = 0; c < v.place.size(); ++c)
    all[static_cast<std::size_t>(v.place[c])] = (*weights)[static_cast<std::int64_t>(c)];
  return all;
}

void ProgramBuilder::forward_op(int i, const Affine& affine) {
  AffineMap a;
  a.pixels = value(i).pixels();
  const BufferRef from = in_place_of(i, 0, value(i));
  auto& step = emit(kernels_.affine, a, vectors(range(i)), 4096, i, "forward");
  step.numbers = per_channel(i, affine.scale);
  step.more_numbers = per_channel(i, affine.shift);
  step.arguments.scale = step.numbers.data();
  step.arguments.shift = step.more_numbers.data();
  step.connect(step.arguments.input, from);
  step.connect(step.arguments.output, activation(range(i)));
}

void ProgramBuilder::forward_op(int i, const Sigmoid&) {
  SigmoidForward a;
  a.pixels = value(i).pixels();
  const BufferRef from = in_place_of(i, 0, value(i));
  auto& step = emit(kernels_.sigmoid_forward, a, vectors(range(i)), 512, i, "forward");
  step.numbers.resize(static_cast<std::size_t>(value(i).blocks * layout_.lanes));
  for (const int place : value(i).place) step.numbers[static_cast<std::size_t>(place)] = 1;
  step.arguments.live = step.numbers.data();
  step.connect(step.arguments.input, from);
  step.connect(step.arguments.output, activation(range(i)));
}

void ProgramBuilder::forward_op(int i, const Softmax&) {
  SoftmaxForward a;
  a.channels = static_cast<int>(value(i).place.size());
  a.physical = value(i).blocks * layout_.lanes;
  a.pixels = value(i).pixels();
  const BufferRef from = in_place_of(i, 0, value(i));
  auto& step = emit(kernels_.softmax_forward, a, a.pixels, 16, i, "forward");
  step.indices = value(i).place;
  step.arguments.places = step.indices.data();
  step.connect(step.arguments.input, from);
  step.connect(step.arguments.output, activation(range(i)));
}

void ProgramBuilder::forward_op(int i, const UnknownLayer& unknown) {
  throw Unsupported(fmt::format(
      "layer '{}' is of type {}, which Reverie does not know; dream on a layer below it",
      layer(i).name, unknown.type));
}

void ProgramBuilder::export_target(std::size_t t) {
  const int i = targets_[t];
  const Value& v = value(i);
  if (i == 0) input_form(true);
  Export a;
  a.output = program_->activations[t].data();
  a.blocks = v.blocks;
  a.height = static_cast<int>(v.shape.height());
  a.width = static_cast<int>(v.shape.width());
  auto& step = emit(kernels_.export_plain, a, v.blocks * v.shape.height(), 1, i, "export");
  step.indices = logical_channels(v, layout_.lanes);
  step.arguments.logical = step.indices.data();
  step.connect(step.arguments.input, activation(range(i)));
}

}  // namespace reverie::cpu
