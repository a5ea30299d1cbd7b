#include "reverie/plan/cpu/lowering/resample_steps.h"

namespace reverie::cpu {
namespace {

template <class Number>
void append(std::vector<Number>& to, const std::vector<Number>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

// The input's channel that channel c of the output has at pixel (row, column) of a block.
int source_channel(const DepthToSpace& depth, int channels, int c, int row, int column) {
  return depth.order == DepthToSpace::Order::depth_first
             ? (row * depth.block + column) * channels + c
             : (c * depth.block + row) * depth.block + column;
}

// Calls visit(pixel of a block of the output, physical channel of the output, that of the input).
template <class Visit>
void for_each_move(const DepthToSpace& depth, const Value& in, const Value& out, Visit&& visit) {
  const int channels = static_cast<int>(out.place.size());
  for (int c = 0; c < channels; ++c)
    for (int pixel = 0; pixel < depth.block * depth.block; ++pixel) {
      const int from = source_channel(depth, channels, c, pixel / depth.block, pixel % depth.block);
      visit(pixel, out.place[static_cast<std::size_t>(c)],
            in.place[static_cast<std::size_t>(from)]);
    }
}

// from: what is read, to: what is written.
Rearrange rearrange_arguments(const Value& from, const Value& to) {
  Rearrange a;
  set_size(a, to);
  a.in_height = static_cast<int>(from.shape.height());
  a.in_width = static_cast<int>(from.shape.width());
  return a;
}

}  // namespace

KernelStep<Resample>& emit_resample(const SizedNetwork& network, ProgramWriter& writer,
                                    const PlaneMap& map, int blocks, const Shape& in,
                                    BufferRef from, int layer, const std::string& action) {
  Resample a;
  a.blocks = blocks;
  a.height = map.rows.outputs();
  a.width = map.columns.outputs();
  a.in_height = static_cast<int>(in.height());
  a.in_width = static_cast<int>(in.width());
  auto& step =
      writer.emit(network.kernels.resample, a, std::int64_t{a.blocks} * a.height, 1, layer, action);
  step.indices = map.rows.begin;
  append(step.indices, map.rows.cells);
  step.more_indices = map.columns.begin;
  append(step.more_indices, map.columns.cells);
  step.numbers = map.rows.weights;
  step.more_numbers = map.columns.weights;
  step.arguments.row_begin = step.indices.data();
  step.arguments.row_cells = step.indices.data() + map.rows.begin.size();
  step.arguments.column_begin = step.more_indices.data();
  step.arguments.column_cells = step.more_indices.data() + map.columns.begin.size();
  step.arguments.row_weights = step.numbers.data();
  step.arguments.column_weights = step.more_numbers.data();
  step.connect(step.arguments.input, from);
  return step;
}

void write_rearrange_forward(const SizedNetwork& network, ProgramWriter& writer, ValueForms& values,
                             int layer, const DepthToSpace& depth) {
  const int input = network.layer(layer).inputs[0];
  const Value &in = network.value(input), &out = network.value(layer);
  const int channels = out.blocks * network.layout.lanes;
  Rearrange a = rearrange_arguments(in, out);
  a.out_block = depth.block;
  const BufferRef from = values.value(input);
  auto& step = writer.emit(network.kernels.rearrange, a, out.blocks * out.shape.height(), 1, layer,
                           "forward");
  step.indices.assign(static_cast<std::size_t>(depth.block * depth.block * channels), -1);
  for_each_move(depth, in, out, [&](int pixel, int to, int source) {
    step.indices[static_cast<std::size_t>(pixel * channels + to)] = source;
  });
  step.arguments.source = step.indices.data();
  step.connect(step.arguments.input, from);
  step.connect(step.arguments.output, writer.activation(network.range(layer)));
}

void write_rearrange_backward(const SizedNetwork& network, ProgramWriter& writer,
                              Gradients& gradients, int layer, const DepthToSpace& depth) {
  const int input = network.layer(layer).inputs[0];
  const Value &in = network.value(input), &out = network.value(layer);
  Rearrange a = rearrange_arguments(out, in);
  a.in_block = depth.block;
  const Destination to = gradients.claim(input);
  auto& step = writer.emit(network.kernels.rearrange, a, in.blocks * in.shape.height(), 1, layer,
                           "backward");
  step.indices.assign(static_cast<std::size_t>(in.blocks * network.layout.lanes), -1);
  for_each_move(depth, in, out, [&](int pixel, int from, int target) {
    step.indices[static_cast<std::size_t>(target)] = from * depth.block * depth.block + pixel;
  });
  step.arguments.source = step.indices.data();
  step.connect(step.arguments.input, writer.grad(network.range(layer)));
  connect_destination(step, step.arguments.output, to);
}

}  // namespace reverie::cpu
