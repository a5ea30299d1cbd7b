#include "reverie/plan/cpu/lowering/forward_pass.h"

#include <fmt/format.h>

#include "reverie/base/error.h"
#include "reverie/plan/cpu/lowering/convolution_choice.h"
#include "reverie/plan/cpu/lowering/inner_product.h"
#include "reverie/plan/cpu/lowering/normalize_steps.h"
#include "reverie/plan/cpu/lowering/pool_windows.h"
#include "reverie/plan/cpu/lowering/resample_steps.h"
#include "reverie/plan/cpu/lowering/transposed_convolution.h"

namespace reverie::cpu {

void ForwardPass::write(const Group& group) {
  const int first = group.layers[0];
  if (std::holds_alternative<Convolution>(network_.layer(first).op))
    for (const ConvolutionJob& job : convolution_jobs(network_, group)) convolution(job);
  else
    std::visit([&](const auto& op) { layer(first, op); }, network_.layer(first).op);
  for (std::size_t t : network_.targets_in(group)) export_target(t);
}

void ForwardPass::export_target(std::size_t t) {
  const int i = network_.targets[t];
  const Value& v = network_.value(i);
  const BufferRef from = values_.value(i);
  Export a;
  a.output = writer_.program().activations[t].data();
  set_size(a, v);
  auto& step = writer_.emit_plain(network_.kernels.export_plain, a, v.blocks * v.shape.height(), 1,
                                  i, "export", logical_channels(v, network_.layout.lanes));
  step.connect(step.arguments.input, from);
}

// ---- Convolutions

void ForwardPass::layer(int, const Convolution&) {}  // written as a group

void ForwardPass::convolution(const ConvolutionJob& job) {
  if (job.input == 0 && !job.depthwise) return first_convolution(job);
  if (job.input == 0) values_.picture_blocks();
  ConvolutionCall call;
  call.spec = forward_spec(network_, job);
  call.layer = job.name;
  call.action = "forward";
  call.flops = logical_flops(job.weights, call.spec.out_height * call.spec.out_width);
  call.weights_name = weights_name(job, "forward");
  call.weights = [&] {
    return job.depthwise ? depthwise_weights(*job.conv, job.weights.parts[0].in_place,
                                             job.weights.in_channels, false)
                         : forward_weights(job.weights);
  };
  call.bias = [&] { return biases(job.weights); };
  call.from = writer_.activation(job.from);
  call.to.at = writer_.activation(job.to);
  convolutions_.write(call);
}

// What convolves the picture sums in float32 in every precision: of a value over 64, bfloat16 keeps
// no half of a level, and a dream's steps are smaller than that.
void ForwardPass::first_convolution(const ConvolutionJob& job) {
  const bool narrow = writer_.value_bytes(job.to) != network_.float_kernels.element_bytes;
  const BufferRef to =
      narrow ? writer_.scratch_floats(network_.vectors(job.to) * network_.layout.lanes)
             : writer_.activation(job.to);
  ConvolutionSpec spec = forward_spec(network_, job);
  spec.element = Element::f32;
  if (const auto by_phases = forward_by_phases(spec, network_.settings.precision))
    convolution_by_phases(job, spec, *by_phases, to);
  else
    convolution_of_planes(job, spec, to);
  if (!narrow) return;

  auto& step = writer_.emit(network_.kernels.narrow, Narrow{}, network_.vectors(job.to),
                            vectors_per_task, 0, "narrow");
  step.info.layer = job.name;
  step.connect(step.arguments.input, to);
  step.connect(step.arguments.output, writer_.activation(job.to));
}

void ForwardPass::convolution_of_planes(const ConvolutionJob& job, const ConvolutionSpec& forward,
                                        BufferRef to) {
  WeightSource planes = job.weights;
  planes.in_channels = 3;
  ConvolutionCall call;
  call.spec = forward;
  call.spec.plain_input = true;
  call.spec.in_channels = 3;
  call.layer = job.name;
  call.action = "forward";
  call.flops = logical_flops(planes, forward.out_height * forward.out_width);
  call.weights_name = identity(planes) + "/forward";
  call.weights = [&] { return forward_weights(planes); };
  call.bias = [&] { return biases(planes); };
  call.from = values_.picture_planes();
  call.to.at = to;
  convolutions_.write(call);
}

void ForwardPass::convolution_by_phases(const ConvolutionJob& job, const ConvolutionSpec& forward,
                                        const PhaseConvolution& by_phases, BufferRef to) {
  const Phases& p = by_phases.phases;
  const ConvolutionSpec& spec = by_phases.spec;
  const int channels = static_cast<int>(spec.in_channels);
  ReadPhases read;
  set_transform(read, network_);
  read.rows = static_cast<int>(spec.in_height);
  read.columns = static_cast<int>(spec.in_width);
  read.blocks = channels / network_.layout.lanes;
  read.stride_h = p.stride_h;
  read.stride_w = p.stride_w;
  read.top = forward.top;
  read.left = forward.left;
  read.canvas = &writer_.program().canvas;
  const BufferRef phases = writer_.scratch_floats(channels * spec.in_height * spec.in_width);
  auto& step = writer_.emit(network_.float_kernels.read_phases, read, read.rows, 1, 0, "forward");
  step.connect(step.arguments.output, phases);

  ConvolutionCall call;
  call.spec = spec;
  call.layer = job.name;
  call.action = "forward by phases";
  call.flops = logical_flops(job.weights, forward.out_height * forward.out_width);
  call.weights_name = identity(job.weights) + "/" + phases_name("forward phases", p);
  call.weights = [&] { return forward_phase_weights(job.weights, p, channels); };
  call.bias = [&] { return biases(job.weights); };
  call.from = phases;
  call.to.at = to;
  convolutions_.write_winograd(call, by_phases.used_channels);
}

void ForwardPass::layer(int i, const InnerProduct&) {
  const FlatProduct flat(network_, i);
  const int input = network_.layer(i).inputs[0];
  const Value& v = network_.value(input);
  const BufferRef from = values_.value(input);
  const BufferRef plain = writer_.scratch_floats(flat.elements);
  ConvolutionCall call = flat.forward();
  call.from = writer_.scratch(
      static_cast<std::size_t>(call.spec.in_channels * network_.kernels.element_bytes));
  call.to.at = output(i);

  Export out;
  set_size(out, v);
  auto& unblock =
      writer_.emit_plain(network_.kernels.export_plain, out, v.blocks * v.shape.height(), 1, i,
                         "flatten", logical_channels(v, network_.layout.lanes));
  unblock.connect(unblock.arguments.input, from);
  unblock.connect(unblock.arguments.output, plain);
  Import in;
  in.blocks = flat.blocks;
  in.height = in.width = 1;
  auto& block = writer_.emit_plain(network_.kernels.import_plain, in, flat.blocks, 64, i, "flatten",
                                   flat.logical);
  block.connect(block.arguments.input, plain);
  block.connect(block.arguments.output, call.from);
  convolutions_.write(call);
}

// ---- The other kinds

void ForwardPass::layer(int, const Input& input) {
  if (input.channels != 3)
    throw Unsupported(
        fmt::format("network '{}' reads pictures of {} channels; only 3 (colour) are supported",
                    network_.graph.name, input.channels));
}

void ForwardPass::layer(int i, const UnknownLayer& unknown) {
  throw Unsupported(fmt::format(
      "layer '{}' is of type {}, which Reverie does not know; dream on a layer below it",
      network_.layer(i).name, unknown.type));
}

void ForwardPass::layer(int i, const Relu& relu) {
  ReluForward a;
  a.grad = relu.negative_slope;
  a.ceiling = relu.ceiling;
  emit_over_vectors(network_.kernels.relu_forward, a, i, values_.input(i, 0, network_.value(i)));
}

void ForwardPass::layer(int i, const Pool& pool) {
  const Value& v = network_.value(i);
  const int input = network_.layer(i).inputs[0];
  const Shape& in_shape = network_.value(input).shape;
  const PoolGeometry g = pool_geometry(pool, in_shape, v.shape, v.blocks);
  const BufferRef from = values_.input(i, 0, v);
  const std::int64_t items = std::int64_t{v.blocks} * g.out_height;
  if (pool.kind == Pool::Kind::average) {
    AveragePoolForward a;
    a.geometry = g;
    auto& step = writer_.emit(network_.kernels.average_pool_forward, a, items, 1, i, "forward");
    std::tie(step.indices, step.more_indices) = pool_divisors(pool, in_shape, v.shape);
    step.arguments.rows = step.indices.data();
    step.arguments.columns = step.more_indices.data();
    step.connect(step.arguments.input, from);
    step.connect(step.arguments.output, output(i));
    return;
  }
  MaxPoolForward a;
  a.geometry = g;
  a.wide = has_wide_argmax(g);
  a.close_relu = ledger_.relu_read_once(network_.range(input));
  const auto lanes = static_cast<std::size_t>(vectors(i) * network_.layout.lanes);
  const BufferRef argmax = values_.make_kept(i, lanes * (a.wide ? sizeof(std::int32_t) : 1));
  const auto kernel = writer_.holds_floats(network_.range(input))
                          ? network_.kernels.max_pool_of_floats
                          : network_.kernels.max_pool_forward;
  auto& step = writer_.emit(kernel, a, items, 1, i, "forward");
  step.connect(step.arguments.input, from);
  step.connect(step.arguments.output, output(i));
  step.connect(step.arguments.argmax, argmax);
}

void ForwardPass::layer(int i, const Lrn& lrn) {
  const int lanes = network_.layout.lanes;
  const Value& v = network_.value(i);
  if (lrn.size < 1 || lrn.size > 2 * lanes || v.blocks * lanes > 1024)
    throw Unsupported(
        fmt::format("layer '{}': response normalisation over {} of {} channels; at most {} of 1024 "
                    "are supported",
                    network_.layer(i).name, lrn.size, v.shape.channels(), 2 * lanes));
  const LrnForward a = lrn_arguments(lrn, v);
  const BufferRef from = values_.input(i, 0, v);
  auto& step = writer_.emit(network_.kernels.lrn_forward, a, a.pixels, 64, i, "forward");
  step.connect(step.arguments.input, from);
  step.connect(step.arguments.output, output(i));
}

// Branches that lie in the concat already are part of it
void ForwardPass::layer(int i, const Concat&) {
  for (const auto& [k, part] : network_.copied_inputs(i)) {
    const int input = network_.layer(i).inputs[k];
    const BufferRef from = values_.input(i, k, network_.value(input));
    auto& step = writer_.emit(network_.kernels.combine, Combine{}, network_.vectors(part),
                              vectors_per_task, i, "forward");
    step.connect(step.arguments.input, from);
    step.connect(step.arguments.output, writer_.activation(part));
  }
}

void ForwardPass::layer(int i, const Affine& affine) {
  const Value& v = network_.value(i);
  AffineMap a;
  a.pixels = v.pixels();
  auto& step = emit_over_vectors(network_.kernels.affine, a, i, values_.input(i, 0, v));
  step.numbers = per_channel(affine.scale, v, network_.layout.lanes);
  step.more_numbers = per_channel(affine.shift, v, network_.layout.lanes);
  step.arguments.scale = step.numbers.data();
  step.arguments.shift = step.more_numbers.data();
}

void ForwardPass::layer(int i, const Normalize& normalize) {
  write_normalize_forward(network_, writer_, values_, i, normalize);
}

void ForwardPass::layer(int i, const TransposedConvolution&) {
  const TransposedConvolutionSteps steps(network_, writer_, convolutions_, i);
  steps.write_forward(values_.value(network_.layer(i).inputs[0]));
}

void ForwardPass::layer(int i, const Resize& resize) {
  write_resample_forward(network_, writer_, values_, i, resize);
}

void ForwardPass::layer(int i, const Pad& pad) {
  write_resample_forward(network_, writer_, values_, i, pad);
}

void ForwardPass::layer(int i, const DepthToSpace& depth) {
  write_rearrange_forward(network_, writer_, values_, i, depth);
}

void ForwardPass::not_computed(int i, const Op& op) const {
  throw Unsupported(
      fmt::format("layer '{}' ({}) is not computed yet", network_.layer(i).name, describe(op)));
}

void ForwardPass::layer(int i, const Softmax&) {
  const Value& v = network_.value(i);
  SoftmaxForward a;
  a.channels = static_cast<int>(v.place.size());
  a.physical = v.blocks * network_.layout.lanes;
  a.pixels = v.pixels();
  const BufferRef from = values_.input(i, 0, v);
  auto& step = writer_.emit(network_.kernels.softmax_forward, a, a.pixels, 16, i, "forward");
  step.indices = v.place;
  step.arguments.places = step.indices.data();
  step.connect(step.arguments.input, from);
  step.connect(step.arguments.output, output(i));
}

}  // namespace reverie::cpu
