// Functions of one number: the steps of Activation and Prelu, forward and backward.
#include "reverie/plan/cpu/lowering/backward_pass.h"
#include "reverie/plan/cpu/lowering/forward_pass.h"

namespace reverie::cpu {
namespace {

// Vectors that one thread takes at a time: most functions need dozens of instructions for each.
constexpr std::int64_t activations_per_task = 512;

Function function_of(const Activation& activation) {
  static_assert(static_cast<int>(Activation::Function::clip) == static_cast<int>(Function::clip));
  static_assert(static_cast<int>(Activation::Function::gelu) == static_cast<int>(Function::gelu));
  static_assert(static_cast<int>(Activation::Function::elu) == static_cast<int>(Function::elu));
  return static_cast<Function>(activation.function);
}

}  // namespace

void ForwardPass::layer(int i, const Activation& activation) {
  const Value& v = network_.value(i);
  ActivationForward a;
  a.pixels = v.pixels();
  a.a = activation.a;
  a.b = activation.b;
  const BufferRef from = values_.input(i, 0, v);
  const auto kernel =
      network_.kernels.activation_forward[static_cast<std::size_t>(function_of(activation))];
  auto& step = writer_.emit(kernel, a, vectors(i), activations_per_task, i, "forward");
  step.numbers.resize(static_cast<std::size_t>(v.blocks * network_.layout.lanes));
  for (const int place : v.place) step.numbers[static_cast<std::size_t>(place)] = 1;
  step.arguments.live = step.numbers.data();
  step.connect(step.arguments.input, from);
  step.connect(step.arguments.output, output(i));
}

void ForwardPass::layer(int i, const Prelu& prelu) {
  const Value& v = network_.value(i);
  PreluForward a;
  a.pixels = v.pixels();
  auto& step = emit_over_vectors(network_.kernels.prelu_forward, a, i, values_.input(i, 0, v));
  step.numbers = per_channel(prelu.slope, v, network_.layout.lanes);
  step.arguments.slope = step.numbers.data();
}

void BackwardPass::layer(int i, const Activation& activation) {
  const Function function = function_of(activation);
  const BufferRef source =
      derives_from_value(function) ? values_.value(i) : values_.input(i, 0, network_.value(i));
  const Destination to = claim_in_place(i);
  ActivationBackward a;
  a.a = activation.a;
  a.b = activation.b;
  const auto kernel = network_.kernels.activation_backward[static_cast<std::size_t>(function)];
  auto& step = writer_.emit(kernel, a, vectors(i), activations_per_task, i, "backward");
  step.connect(step.arguments.source, source);
  connect_grads(step, i, to);
}

void BackwardPass::layer(int i, const Prelu& prelu) {
  const Value& v = network_.value(i);
  const BufferRef from = values_.input(i, 0, v);
  const Destination to = claim_in_place(i);
  PreluBackward a;
  a.pixels = v.pixels();
  auto& step =
      writer_.emit(network_.kernels.prelu_backward, a, vectors(i), vectors_per_task, i, "backward");
  step.numbers = per_channel(prelu.slope, v, network_.layout.lanes);
  step.arguments.slope = step.numbers.data();
  step.connect(step.arguments.input, from);
  connect_grads(step, i, to);
}

}  // namespace reverie::cpu
