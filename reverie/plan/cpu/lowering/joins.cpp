// Element by element: the steps of Eltwise, forward and backward, with inputs that broadcast.
#include "reverie/plan/cpu/lowering/backward_pass.h"
#include "reverie/plan/cpu/lowering/forward_pass.h"

namespace reverie::cpu {

// ---- Forward

void ForwardPass::layer(int i, const Eltwise& eltwise) {
  if (eltwise.operation == Eltwise::Operation::product) return product(i);
  const bool sum = eltwise.operation == Eltwise::Operation::sum;
  for (std::size_t k = 0; k < network_.layer(i).inputs.size(); ++k) {
    const BufferRef from = values_.broadcast(i, k);
    if (sum || k == 0) {
      Combine a;
      if (sum && !eltwise.coefficients.empty()) a.scale = eltwise.coefficients[k];
      a.accumulate = k > 0;
      emit_over_vectors(network_.kernels.combine, a, i, from);
    } else {
      emit_pair(network_.kernels.maximum, Maximum{}, i, from);
    }
  }
}

void ForwardPass::product(int i) {
  const std::size_t count = network_.layer(i).inputs.size();
  const std::size_t first = values_.first_whole(i);
  BufferRef running = values_.broadcast(i, first);
  if (count == 1) emit_over_vectors(network_.kernels.combine, Combine{}, i, running);
  for (std::size_t k = 0; k < count; ++k) {
    if (k == first) continue;
    if (values_.is_per_channel(i, k)) {
      ScaleChannels a;
      a.pixels = network_.value(i).pixels();
      const BufferRef scale = values_.input(i, k, network_.value(i));
      auto& step = emit_over_vectors(network_.kernels.scale_channels, a, i, running);
      step.connect(step.arguments.scale, scale);
    } else {
      const BufferRef with = values_.broadcast(i, k);
      auto& step = writer_.emit(network_.kernels.product, Product{}, vectors(i), vectors_per_task,
                                i, "forward");
      step.connect(step.arguments.left, running);
      step.connect(step.arguments.right, with);
      step.connect(step.arguments.output, output(i));
    }
    running = output(i);
  }
}

// ---- Backward

void BackwardPass::layer(int i, const Eltwise& eltwise) {
  for (std::size_t k = 0; k < network_.layer(i).inputs.size(); ++k) {
    const Value& v = network_.value(i);
    const Value& in = network_.value(network_.layer(i).inputs[k]);
    const bool broadcasts = in.shape != v.shape;
    const bool direct = !broadcasts && in.place == v.place && in.blocks == v.blocks;

    // The gradient of one input as if it were as large as all
    Destination to;
    BufferRef factor;  // what is left to multiply the gradient by while it is summed
    if (direct) to = gradients_.claim(network_.layer(i).inputs[k]);
    switch (eltwise.operation) {
      case Eltwise::Operation::sum:
        to = sum(i, k, eltwise, to);
        break;
      case Eltwise::Operation::product:
        std::tie(to, factor) = product(i, k, to);
        break;
      case Eltwise::Operation::maximum:
        to = maximum(i, k, to);
        break;
    }
    if (broadcasts)
      sum_broadcast(i, k, to.at, factor);
    else if (!direct)
      gradients_.add_repacked(i, k, v, to.at);
  }
}

// Where a step writes: `to`, or an array of its own for a value like that of the layer.
Destination BackwardPass::or_scratch(const Destination& to, int i) {
  return to.at.none() ? Destination{writer_.scratch_like(network_.value(i)), false, {}, 0} : to;
}

Destination BackwardPass::sum(int i, std::size_t k, const Eltwise& eltwise, const Destination& to) {
  Combine a;
  if (!eltwise.coefficients.empty()) a.scale = eltwise.coefficients[k];
  if (to.at.none() && a.scale == 1) return {grad(i), false, {}, 0};
  const Destination target = or_scratch(to, i);
  auto& step =
      writer_.emit(network_.kernels.combine, a, vectors(i), vectors_per_task, i, "backward");
  step.connect(step.arguments.input, grad(i));
  connect_destination(step, step.arguments.output, target);
  return target;
}

// The gradient times the values of all other inputs, but for the last of them where the result is
// summed: that one is returned.
std::pair<Destination, BufferRef> BackwardPass::product(int i, std::size_t k,
                                                        const Destination& to) {
  const auto& inputs = network_.layer(i).inputs;
  const bool is_summed = network_.value(inputs[k]).shape != network_.value(i).shape;
  // Scales of channels first: what is left is as large as the gradient
  std::vector<std::size_t> others;
  for (const bool per_channel : {true, false})
    for (std::size_t j = 0; j < inputs.size(); ++j)
      if (j != k && values_.is_per_channel(i, j) == per_channel) others.push_back(j);

  Destination running{grad(i), false, {}, 0};
  for (const std::size_t j : others) {
    const bool last = j == others.back();
    if (last && is_summed && !values_.is_per_channel(i, j))
      return {running, values_.broadcast(i, j)};
    const Destination next = or_scratch(last ? to : Destination{}, i);
    multiply(i, j, running.at, next);
    running = next;
  }
  if (!others.empty() || to.at.none()) return {running, {}};
  return {sum(i, k, Eltwise{}, to), {}};  // a product of one
}

void BackwardPass::multiply(int i, std::size_t j, BufferRef from, const Destination& to) {
  const Value& v = network_.value(i);
  if (values_.is_per_channel(i, j)) {
    ScaleChannels a;
    a.pixels = v.pixels();
    const BufferRef scale = values_.input(i, j, v);
    auto& step = writer_.emit(network_.kernels.scale_channels, a, vectors(i), vectors_per_task, i,
                              "backward");
    step.connect(step.arguments.input, from);
    step.connect(step.arguments.scale, scale);
    connect_destination(step, step.arguments.output, to);
    return;
  }
  const BufferRef with = values_.broadcast(i, j);
  auto& step = writer_.emit(network_.kernels.product, Product{}, vectors(i), vectors_per_task, i,
                            "backward");
  step.connect(step.arguments.left, from);
  step.connect(step.arguments.right, with);
  connect_destination(step, step.arguments.output, to);
}

Destination BackwardPass::maximum(int i, std::size_t k, const Destination& to) {
  const std::size_t count = network_.layer(i).inputs.size();
  std::vector<BufferRef> values;
  for (std::size_t j = 0; j < count; ++j) values.push_back(values_.broadcast(i, j));
  const Destination target = or_scratch(to, i);
  MaximumBackward a;
  a.count = static_cast<int>(count);
  a.chosen = static_cast<int>(k);
  auto& step = writer_.emit(network_.kernels.maximum_backward, a, vectors(i), vectors_per_task, i,
                            "backward");
  step.pointers.resize(count);
  step.arguments.inputs = step.pointers.data();
  for (std::size_t j = 0; j < count; ++j) step.connect(step.pointers[j], values[j]);
  connect_grads(step, i, target);
  return target;
}

// Adds to the gradient of an input that broadcasts: the sum over its axes of length 1 of a gradient
// as large as the layer's value, times `factor` where there is one. The partial sums are those of
// whole rows and columns, whatever the number of threads.
void BackwardPass::sum_broadcast(int i, std::size_t k, BufferRef from, BufferRef factor) {
  const Value& v = network_.value(i);
  const Shape& in = network_.value(network_.layer(i).inputs[k]).shape;
  SumRows rows;
  set_size(rows, v);
  rows.sum_width = in.width() != v.shape.width();
  const std::int64_t columns = rows.sum_width ? 1 : v.shape.width();
  BufferRef sums =
      writer_.scratch_floats(v.blocks * v.shape.height() * columns * network_.layout.lanes);
  auto& step =
      writer_.emit(network_.kernels.sum_rows, rows, v.blocks * v.shape.height(), 1, i, "backward");
  step.connect(step.arguments.left, from);
  step.connect(step.arguments.right, factor);
  step.connect(step.arguments.output, sums);

  if (in.height() != v.shape.height()) {
    SumColumns down;
    down.height = rows.height;
    down.width = static_cast<int>(columns);
    const BufferRef totals = writer_.scratch_floats(v.blocks * columns * network_.layout.lanes);
    auto& columns_step =
        writer_.emit(network_.kernels.sum_columns, down, v.blocks * columns, 1, i, "backward");
    columns_step.connect(columns_step.arguments.input, sums);
    columns_step.connect(columns_step.arguments.output, totals);
    sums = totals;
  }
  deliver_sums(i, k, sums);
}

// Adds sums in float32, with the channels of layer i, to the gradient of its input k.
void BackwardPass::deliver_sums(int i, std::size_t k, BufferRef sums) {
  const int input = network_.layer(i).inputs[k];
  const Value& v = network_.value(i);
  const Value& in = network_.value(input);
  if (in.shape.channels() != v.shape.channels()) {
    SumAllChannels all;
    all.blocks = v.blocks;
    all.place = in.place[0];
    all.pixels = in.pixels();
    const Destination to = gradients_.claim(input);
    auto& step =
        writer_.emit(network_.kernels.sum_all_channels, all, all.pixels, 64, i, "backward");
    step.connect(step.arguments.input, sums);
    connect_destination(step, step.arguments.output, to);
    return;
  }
  const bool direct = in.place == v.place && in.blocks == v.blocks;
  const Value like = values_.in_places(in, v);
  const Destination to =
      direct ? gradients_.claim(input) : Destination{writer_.scratch_like(like), false, {}, 0};
  auto& step = writer_.emit(network_.kernels.deliver_floats, DeliverFloats{},
                            like.blocks * like.pixels(), vectors_per_task, i, "backward");
  step.connect(step.arguments.input, sums);
  connect_destination(step, step.arguments.output, to);
  if (!direct) gradients_.add_repacked(i, k, like, to.at);
}

}  // namespace reverie::cpu
