// builder_backward.cpp: the backward steps of each kind of layer, but for convolutions.
#include "reverie/plan/cpu/lowering/builder.h"

namespace reverie::cpu {

void ProgramBuilder::backward(const Group& group) {
  for (std::size_t t = 0; t < targets_.size(); ++t)
    for (int i : group.layers)
      if (targets_[t] == i) import_output_grad(t);
  if (std::holds_alternative<Convolution>(layer(group.layers[0]).op)) {
    for (const ConvolutionJob& job : jobs(group)) complete(job.to, true);
    backward_convolutions(jobs(group));
    return;
  }
  const int i = group.layers[0];
  if (i != 0 && !std::holds_alternative<Concat>(layer(i).op)) complete(range(i), false);
  std::visit([&](const auto& op) { backward_op(i, op); }, layer(i).op);
}

// Connects the members that all backward kernels share: gradients in and out, and the mask.
template <class Arguments>
void ProgramBuilder::connect_grads(KernelStep<Arguments>& step, int i,
                                   const GradDestination& destination) {
  step.arguments.accumulate = destination.accumulate;
  step.arguments.mask.grad = destination.mask_grad;
  step.connect(step.arguments.out_grad, grad(range(i)));
  step.connect(step.arguments.in_grad, destination.grad);
  step.connect(step.arguments.mask.value, destination.mask);
}

void ProgramBuilder::backward_op(int, const Convolution&) {}
void ProgramBuilder::backward_op(int, const UnknownLayer&) {}

// What no convolution has put into the canvas's gradient already
void ProgramBuilder::backward_op(int, const Input&) {
  const auto& states = blocks_[static_cast<std::size_t>(value(0).storage)];
  if (states[0].started || !grad_written_) {
    complete(range(0), false);
    WriteGradient a;
    a.phase_height = static_cast<int>(value(0).shape.height());
    a.phase_width = static_cast<int>(value(0).shape.width());
    write_grad(a, grad(range(0)), 0);
  }
}

void ProgramBuilder::write_grad(WriteGradient a, BufferRef gradient, int i) {
  a.grad = &program_->grad;
  set_transform(a);
  a.accumulate = grad_written_;
  grad_written_ = true;
  auto& step = emit(kernels_.write_grad, a, a.height, 1, i, "backward");
  step.connect(step.arguments.gradient, gradient);
}

void ProgramBuilder::backward_op(int i, const Relu& relu) {
  const int input = layer(i).inputs[0];
  const GradDestination destination = claim_grad(input, true);
  ReluBackward a;
  a.grad = relu.negative_slope;
  a.ceiling = relu.ceiling;
  auto& step = emit(kernels_.relu_backward, a, vectors(range(i)), 4096, i, "backward");
  step.connect(step.arguments.input, activation(range(input)));
  connect_grads(step, i, destination);
}

void ProgramBuilder::backward_op(int i, const Pool& pool) {
  const PoolGeometry g = geometry(i);
  const int input = layer(i).inputs[0];
  const std::int64_t items = std::int64_t{value(i).blocks} * g.height;
  if (pool.kind == Pool::Kind::average) {
    AveragePoolBackward a;
    a.geometry = g;
    const GradDestination destination = claim_grad(input, true);
    auto& step = emit(kernels_.average_pool_backward, a, items, 1, i, "backward");
    divisors(i, step.indices, step.more_indices);
    step.arguments.rows = step.indices.data();
    step.arguments.columns = step.more_indices.data();
    connect_grads(step, i, destination);
    return;
  }
  MaxPoolBackward a;
  a.geometry = g;
  a.wide = std::int64_t{g.kernel_h} * g.kernel_w > 255;
  const bool closed = closes_relu(input);
  const GradDestination destination = claim_grad(input, !closed);
  if (closed) mark_masked(range(input));
  auto& step = emit(kernels_.max_pool_backward, a, items, 1, i, "backward");
  step.connect(step.arguments.argmax, BufferRef{extra_[static_cast<std::size_t>(i)], 0});
  connect_grads(step, i, destination);
}

bool ProgramBuilder::fills_storage(int i) const {
  return value(i).blocks == storage(value(i).storage).blocks;
}

void ProgramBuilder::mark_masked(const Range& r) {
  auto& states = blocks_[static_cast<std::size_t>(r.storage)];
  for (int b = r.first; b < r.first + r.count; ++b)
    states[static_cast<std::size_t>(b)].masked = true;
}

void ProgramBuilder::backward_op(int i, const Lrn& lrn) {
  const int input = layer(i).inputs[0];
  const bool direct = value(input).place == value(i).place;
  LrnBackward a;
  a.forward.pixels = value(i).pixels();
  a.forward.blocks = value(i).blocks;
  a.forward.size = lrn.size;
  a.forward.alpha = lrn.alpha;
  a.forward.beta = lrn.beta;
  a.forward.k = lrn.k;
  const BufferRef from = in_place_of(i, 0, value(i));
  GradDestination destination;
  if (direct) {
    // The kernel reads a pixel before it writes it: one array can be both gradients
    if (sole_contribution(input) && fills_storage(input) && fills_storage(i))
      grad_buffers_[static_cast<std::size_t>(value(input).storage)] = grad(range(i)).buffer;
    destination = claim_grad(input, true);
    a.mask_by_input = !destination.mask.none();
    a.mask_grad = destination.mask_grad;
    a.accumulate = destination.accumulate;
  } else {
    destination.grad = borrowed_grad(value(i));
  }
  auto& step = emit(kernels_.lrn_backward, a, a.forward.pixels, 64, i, "backward");
  step.connect(step.arguments.forward.input, from);
  step.connect(step.arguments.out_grad, grad(range(i)));
  step.connect(step.arguments.in_grad, destination.grad);
  if (!direct) return_grad(i, 0, value(i), destination.grad);
}

// Branches that lie in the concat already have its gradient; copies get theirs
void ProgramBuilder::backward_op(int i, const Concat&) {
  Range part = range(i);
  const auto& inputs = layer(i).inputs;
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    part.count = value(inputs[k]).blocks;
    if (layout_.copied[static_cast<std::size_t>(i)][k]) {
      complete(part, false);
      const GradDestination destination = claim_grad(inputs[k], true);
      Combine a;
      a.accumulate = destination.accumulate;
      a.mask.grad = destination.mask_grad;
      auto& step = emit(kernels_.combine, a, vectors(part), 4096, i, "backward");
      step.connect(step.arguments.input, grad(part));
      step.connect(step.arguments.output, destination.grad);
      step.connect(step.arguments.mask.value, destination.mask);
    }
    part.first += part.count;
  }
}

void ProgramBuilder::backward_op(int i, const Eltwise& eltwise) {
  const auto& inputs = layer(i).inputs;
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    // Values of all inputs, where the gradient depends on them
    std::vector<BufferRef> values;
    if (eltwise.operation != Eltwise::Operation::sum)
      for (std::size_t j = 0; j < inputs.size(); ++j) values.push_back(in_place_of(i, j, value(i)));

    const Value& v = value(inputs[k]);
    const bool direct = v.place == value(i).place && v.blocks == value(i).blocks;
    GradDestination destination;
    if (direct)
      destination = claim_grad(inputs[k], true);
    else
      destination.grad = borrowed_grad(value(i));
    switch (eltwise.operation) {
      case Eltwise::Operation::sum:
        backward_sum(i, eltwise.coefficients.empty() ? 1.f : eltwise.coefficients[k], destination);
        break;
      case Eltwise::Operation::product:
        backward_product(i, k, values, destination);
        break;
      case Eltwise::Operation::maximum:
        backward_maximum(i, k, values, destination);
        break;
    }
    if (!direct) return_grad(i, k, value(i), destination.grad);
  }
}

void ProgramBuilder::backward_sum(int i, float coefficient, const GradDestination& destination) {
  Combine a;
  a.scale = coefficient;
  a.accumulate = destination.accumulate;
  a.mask.grad = destination.mask_grad;
  auto& step = emit(kernels_.combine, a, vectors(range(i)), 4096, i, "backward");
  step.connect(step.arguments.input, grad(range(i)));
  step.connect(step.arguments.output, destination.grad);
  step.connect(step.arguments.mask.value, destination.mask);
}

// The gradient times the values of all other inputs
void ProgramBuilder::backward_product(int i, std::size_t k, const std::vector<BufferRef>& values,
                                      const GradDestination& destination) {
  BufferRef running = grad(range(i));
  const std::size_t last = k + 1 == values.size() ? values.size() - 2 : values.size() - 1;
  if (values.size() == 1) {
    backward_sum(i, 1.f, destination);
    return;
  }
  for (std::size_t j = 0; j < values.size(); ++j) {
    if (j == k) continue;
    Product a;
    BufferRef to = j == last ? destination.grad : borrowed_grad(value(i));
    if (j == last) {
      a.accumulate = destination.accumulate;
      a.mask.grad = destination.mask_grad;
    }
    auto& step = emit(kernels_.product, a, vectors(range(i)), 4096, i, "backward");
    step.connect(step.arguments.left, running);
    step.connect(step.arguments.right, values[j]);
    step.connect(step.arguments.output, to);
    if (j == last) step.connect(step.arguments.mask.value, destination.mask);
    running = to;
  }
}

void ProgramBuilder::backward_maximum(int i, std::size_t k, const std::vector<BufferRef>& values,
                                      const GradDestination& destination) {
  MaximumBackward a;
  a.count = static_cast<int>(values.size());
  a.chosen = static_cast<int>(k);
  auto& step = emit(kernels_.maximum_backward, a, vectors(range(i)), 4096, i, "backward");
  step.pointers.resize(values.size());
  step.arguments.inputs = step.pointers.data();
  for (std::size_t j = 0; j < values.size(); ++j) step.connect(step.pointers[j], values[j]);
  connect_grads(step, i, destination);
}

void ProgramBuilder::backward_op(int i, const Affine& affine) {
  const GradDestination destination = claim_grad(layer(i).inputs[0], true);
  AffineMap a;
  a.pixels = value(i).pixels();
  a.accumulate = destination.accumulate;
  a.mask.grad = destination.mask_grad;
  auto& step = emit(kernels_.affine, a, vectors(range(i)), 4096, i, "backward");
  step.numbers = per_channel(i, affine.scale);
  step.arguments.scale = step.numbers.data();
  step.connect(step.arguments.input, grad(range(i)));
  step.connect(step.arguments.output, destination.grad);
  step.connect(step.arguments.mask.value, destination.mask);
}

void ProgramBuilder::backward_op(int i, const Sigmoid&) {
  const GradDestination destination = claim_grad(layer(i).inputs[0], true);
  auto& step =
      emit(kernels_.sigmoid_backward, SigmoidBackward{}, vectors(range(i)), 4096, i, "backward");
  step.connect(step.arguments.value, activation(range(i)));
  connect_grads(step, i, destination);
}

void ProgramBuilder::backward_op(int i, const Softmax&) {
  SoftmaxBackward a;
  a.channels = static_cast<int>(value(i).place.size());
  a.physical = value(i).blocks * layout_.lanes;
  a.pixels = value(i).pixels();
  const GradDestination destination = claim_grad(layer(i).inputs[0], true);
  auto& step = emit(kernels_.softmax_backward, a, a.pixels, 16, i, "backward");
  step.indices = value(i).place;
  step.arguments.places = step.indices.data();
  step.connect(step.arguments.value, activation(range(i)));
  connect_grads(step, i, destination);
}

void ProgramBuilder::import_output_grad(std::size_t t) {
  const int i = targets_[t];
  const Value& v = value(i);
  const GradDestination destination = claim_grad(i, true);
  Import a;
  a.input = program_->output_grads[t].data();
  a.blocks = v.blocks;
  a.height = static_cast<int>(v.shape.height());
  a.width = static_cast<int>(v.shape.width());
  a.accumulate = destination.accumulate;
  a.mask.grad = destination.mask_grad;
  auto& step = emit(kernels_.import_plain, a, v.blocks * v.shape.height(), 1, i, "output gradient");
  step.indices = logical_channels(v, layout_.lanes);
  step.arguments.logical = step.indices.data();
  step.connect(step.arguments.output, destination.grad);
  step.connect(step.arguments.mask.value, destination.mask);
}

}  // namespace reverie::cpu
