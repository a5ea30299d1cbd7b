#include "reverie/plan/cpu/lowering/backward_pass.h"

#include "reverie/plan/cpu/lowering/inner_product.h"
#include "reverie/plan/cpu/lowering/normalize_steps.h"
#include "reverie/plan/cpu/lowering/pool_windows.h"
#include "reverie/plan/cpu/lowering/resample_steps.h"
#include "reverie/plan/cpu/lowering/transposed_convolution.h"

namespace reverie::cpu {

void BackwardPass::write(const Group& group) {
  for (std::size_t t : network_.targets_in(group)) import_output_grad(t);

  const int first = group.layers[0];
  const Op& op = network_.layer(first).op;
  if (std::holds_alternative<Convolution>(op)) {
    const std::vector<ConvolutionJob> jobs = convolution_jobs(network_, group);
    for (const ConvolutionJob& job : jobs) gradients_.complete(job.to, true);
    convolutions(jobs);
    return;
  }
  // A concat completes only what it copies; a selection in its input has no gradient of its own
  if (first != 0 && !std::holds_alternative<Concat>(op) && !network_.lies_in_input(first))
    gradients_.complete(network_.range(first), false);
  std::visit([&](const auto& kind) { layer(first, kind); }, op);
}

void BackwardPass::import_output_grad(std::size_t t) {
  const int i = network_.targets[t];
  const Value& v = network_.value(i);
  const Destination to = gradients_.claim(i);
  Import a;
  a.input = writer_.program().output_grads[t].data();
  set_size(a, v);
  auto& step = writer_.emit_plain(network_.kernels.import_plain, a, v.blocks * v.shape.height(), 1,
                                  i, "output gradient", logical_channels(v, network_.layout.lanes));
  connect_destination(step, step.arguments.output, to);
}

// ---- Convolutions

void BackwardPass::layer(int, const Convolution&) {}  // written as a group

void BackwardPass::convolutions(const std::vector<ConvolutionJob>& jobs) {
  const ConvolutionJob& first = jobs[0];
  const ConvolutionSpec forward = forward_spec(network_, first);
  if (first.input == 0 && !first.depthwise)
    if (const auto by_phases = input_gradient_by_phases(forward)) {
      convolution_by_phases(first, forward, *by_phases);
      return;
    }
  const bool can_mask =
      jobs.size() == 1 && input_gradient_can_mask(forward, network_.settings.precision);
  const Destination whole = gradients_.claim(first.input, can_mask);
  for (const ConvolutionJob& job : jobs) {
    Destination part = whole;
    part.at.offset += writer_.grad(job.from).offset - grad(job.input).offset;
    convolution(job, forward_spec(network_, job), part);
  }
}

void BackwardPass::convolution(const ConvolutionJob& job, const ConvolutionSpec& forward,
                               const Destination& to) {
  ConvolutionCall call;
  call.spec = input_gradient_spec(forward);
  call.spec.accumulate = to.accumulate;
  call.layer = job.name;
  call.action = "backward";
  call.flops = logical_flops(job.weights, forward.out_height * forward.out_width);
  const bool turned = !call.spec.backward_data;
  call.weights_name = weights_name(job, turned ? "turned" : "blocked");
  call.weights = [&] {
    if (job.depthwise)
      return depthwise_weights(*job.conv, job.weights.parts[0].in_place, job.weights.in_channels,
                               turned);
    return turned ? turned_weights(job.weights) : forward_weights(job.weights);
  };
  call.from = writer_.grad(job.to);
  call.to = to;
  convolutions_.write(call);
}

void BackwardPass::convolution_by_phases(const ConvolutionJob& job, const ConvolutionSpec& forward,
                                         const PhaseConvolution& by_phases) {
  const Phases& p = by_phases.phases;
  const int channels = static_cast<int>(by_phases.spec.out_channels);
  ConvolutionCall call;
  call.spec = by_phases.spec;
  call.layer = job.name;
  call.action = "backward by phases";
  call.flops = logical_flops(job.weights, forward.out_height * forward.out_width);
  call.weights_name = identity(job.weights) + "/" + phases_name("phases", p);
  call.weights = [&] { return phase_weights(job.weights, p, channels); };
  call.from = writer_.grad(job.to);
  call.to.at = writer_.scratch(
      static_cast<std::size_t>(channels * p.rows * p.columns * network_.kernels.element_bytes));
  convolutions_.write(call);

  WriteGradient a;
  a.phase_height = p.rows;
  a.phase_width = p.columns;
  a.stride_h = p.stride_h;
  a.stride_w = p.stride_w;
  a.top = forward.top;
  a.left = forward.left;
  a.first_y = p.first_y;
  a.first_x = p.first_x;
  gradients_.write_canvas(a, call.to.at);
}

void BackwardPass::layer(int i, const InnerProduct&) {
  const FlatProduct flat(network_, i);
  const int input = network_.layer(i).inputs[0];
  const Value& v = network_.value(input);
  ConvolutionCall call = flat.backward();
  call.from = grad(i);
  call.to.at = writer_.scratch(
      static_cast<std::size_t>(call.spec.out_channels * network_.kernels.element_bytes));
  const BufferRef plain = writer_.scratch_floats(flat.elements);
  convolutions_.write(call);

  Export out;
  out.blocks = flat.blocks;
  out.height = out.width = 1;
  auto& unblock = writer_.emit_plain(network_.kernels.export_plain, out, flat.blocks, 64, i,
                                     "unflatten", flat.logical);
  unblock.connect(unblock.arguments.input, call.to.at);
  unblock.connect(unblock.arguments.output, plain);
  const Destination to = gradients_.claim(input);
  Import in;
  set_size(in, v);
  auto& block = writer_.emit_plain(network_.kernels.import_plain, in, v.blocks * v.shape.height(),
                                   1, i, "unflatten", logical_channels(v, network_.layout.lanes));
  block.connect(block.arguments.input, plain);
  connect_destination(block, block.arguments.output, to);
}

// ---- The other kinds

void BackwardPass::layer(int, const UnknownLayer&) {}  // the forward pass refused it

// What no convolution has put into the canvas's gradient already
void BackwardPass::layer(int i, const Input&) {
  if (!gradients_.ledger().started(network_.range(i)) && gradients_.canvas_written()) return;
  gradients_.complete(network_.range(i), false);
  WriteGradient a;
  a.phase_height = static_cast<int>(network_.value(i).shape.height());
  a.phase_width = static_cast<int>(network_.value(i).shape.width());
  gradients_.write_canvas(a, grad(i));
}

Destination BackwardPass::claim_in_place(int i) {
  const int input = network_.layer(i).inputs[0];
  if (gradients_.ledger().sole_contribution(network_.range(input)) &&
      network_.fills_storage(input) && network_.fills_storage(i))
    writer_.share_grad(network_.range(input), network_.range(i));
  return gradients_.claim(input);
}

void BackwardPass::layer(int i, const Relu& relu) {
  const int input = network_.layer(i).inputs[0];
  const Destination to = claim_in_place(i);
  ReluBackward a;
  a.grad = relu.negative_slope;
  a.ceiling = relu.ceiling;
  auto& step =
      writer_.emit(network_.kernels.relu_backward, a, vectors(i), vectors_per_task, i, "backward");
  step.connect(step.arguments.input, writer_.activation(network_.range(input)));
  connect_grads(step, i, to);
}

void BackwardPass::layer(int i, const Pool& pool) {
  const Value& v = network_.value(i);
  const PoolGeometry geometry =
      pool_geometry(pool, network_.value(network_.layer(i).inputs[0]).shape, v.shape, v.blocks);
  if (pool.kind == Pool::Kind::average)
    average_pool(i, pool, geometry);
  else
    max_pool(i, geometry);
}

void BackwardPass::average_pool(int i, const Pool& pool, const PoolGeometry& geometry) {
  const int input = network_.layer(i).inputs[0];
  const Destination to = gradients_.claim(input);
  AveragePoolBackward a;
  a.geometry = geometry;
  auto& step = writer_.emit(network_.kernels.average_pool_backward, a,
                            std::int64_t{geometry.blocks} * geometry.height, 1, i, "backward");
  std::tie(step.indices, step.more_indices) =
      pool_divisors(pool, network_.value(input).shape, network_.value(i).shape);
  step.arguments.rows = step.indices.data();
  step.arguments.columns = step.more_indices.data();
  connect_grads(step, i, to);
}

void BackwardPass::max_pool(int i, const PoolGeometry& geometry) {
  const int input = network_.layer(i).inputs[0];
  const BlockRange range = network_.range(input);
  // Where it alone reads a ReLU's value, its maxima tell where the ReLU was open
  const bool masks_itself = gradients_.ledger().relu_read_once(range);
  const Destination to = gradients_.claim(input, !masks_itself);
  if (masks_itself) gradients_.ledger().mark_masked(range);
  MaxPoolBackward a;
  a.geometry = geometry;
  a.wide = has_wide_argmax(geometry);
  auto& step = writer_.emit(network_.kernels.max_pool_backward, a,
                            std::int64_t{geometry.blocks} * geometry.height, 1, i, "backward");
  step.connect(step.arguments.argmax, values_.kept(i));
  connect_grads(step, i, to);
}

void BackwardPass::layer(int i, const Lrn& lrn) {
  const int input = network_.layer(i).inputs[0];
  const Value& v = network_.value(i);
  const bool direct = network_.value(input).place == v.place;
  LrnBackward a;
  a.forward = lrn_arguments(lrn, v);
  const BufferRef from = values_.input(i, 0, v);
  Destination to;
  if (direct) {
    to = claim_in_place(i);
    a.mask_by_input = !to.mask.none();
    a.mask_grad = to.mask_grad;
    a.accumulate = to.accumulate;
  } else {
    to.at = writer_.scratch_like(v);
  }
  auto& step = writer_.emit(network_.kernels.lrn_backward, a, a.forward.pixels, 64, i, "backward");
  step.connect(step.arguments.forward.input, from);
  step.connect(step.arguments.out_grad, grad(i));
  step.connect(step.arguments.in_grad, to.at);
  if (!direct) gradients_.add_repacked(i, 0, v, to.at);
}

// Branches that lie in the concat already have its gradient; copies get theirs
void BackwardPass::layer(int i, const Concat&) {
  for (const auto& [k, part] : network_.copied_inputs(i)) {
    gradients_.complete(part, false);
    const Destination to = gradients_.claim(network_.layer(i).inputs[k]);
    auto& step = writer_.emit(network_.kernels.combine, Combine{}, network_.vectors(part),
                              vectors_per_task, i, "backward");
    step.connect(step.arguments.input, writer_.grad(part));
    connect_destination(step, step.arguments.output, to);
  }
}

void BackwardPass::layer(int i, const Affine& affine) {
  const Destination to = claim_in_place(i);
  AffineMap a;
  a.pixels = network_.value(i).pixels();
  auto& step =
      writer_.emit(network_.kernels.affine, a, vectors(i), vectors_per_task, i, "backward");
  step.numbers = per_channel(affine.scale, network_.value(i), network_.layout.lanes);
  step.arguments.scale = step.numbers.data();
  step.connect(step.arguments.input, grad(i));
  connect_destination(step, step.arguments.output, to);
}

void BackwardPass::layer(int i, const Normalize& normalize) {
  write_normalize_backward(network_, writer_, values_, gradients_, i, normalize);
}

void BackwardPass::layer(int i, const TransposedConvolution&) {
  TransposedConvolutionSteps(network_, writer_, convolutions_, i).write_backward(gradients_);
}

void BackwardPass::layer(int i, const Resize& resize) {
  write_resample_backward(network_, writer_, gradients_, i, resize);
}

void BackwardPass::layer(int i, const Pad& pad) {
  write_resample_backward(network_, writer_, gradients_, i, pad);
}

void BackwardPass::layer(int i, const DepthToSpace& depth) {
  write_rearrange_backward(network_, writer_, gradients_, i, depth);
}

void BackwardPass::layer(int i, const Softmax&) {
  const Value& v = network_.value(i);
  SoftmaxBackward a;
  a.channels = static_cast<int>(v.place.size());
  a.physical = v.blocks * network_.layout.lanes;
  a.pixels = v.pixels();
  const Destination to = gradients_.claim(network_.layer(i).inputs[0]);
  auto& step = writer_.emit(network_.kernels.softmax_backward, a, a.pixels, 16, i, "backward");
  step.indices = v.place;
  step.arguments.places = step.indices.data();
  step.connect(step.arguments.value, writer_.activation(network_.range(i)));
  connect_grads(step, i, to);
}

}  // namespace reverie::cpu
