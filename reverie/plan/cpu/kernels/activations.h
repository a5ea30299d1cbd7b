// activations.h: the arguments of kernels for functions of one number. Item: one vector of lanes.
#pragma once

#include <cstdint>

#include "reverie/plan/cpu/kernels/mask.h"

namespace reverie::cpu {

// As Activation::Function, in its order.
enum class Function {
  sigmoid,
  tanh,
  silu,
  hard_sigmoid,
  hard_swish,
  mish,
  gelu,
  gelu_tanh,
  erf,
  softplus,
  softsign,
  elu,
  exp,
  log,
  absolute,
  power,
  clip
};
constexpr int function_count = static_cast<int>(Function::clip) + 1;

// Whose derivatives are taken from the function's value instead of its argument.
constexpr bool derives_from_value(Function function) {
  return function == Function::sigmoid || function == Function::tanh || function == Function::exp;
}

// output = live[channel] ? f(input) : 0. `live` is 0 in channels that are only padding.
struct ActivationForward {
  const void* input = nullptr;
  void* output = nullptr;
  const float* live = nullptr;
  std::int64_t pixels = 0;
  float a = 1, b = 1;
};
// in_grad = f' * out_grad, and 0 where out_grad is 0.
struct ActivationBackward {
  const void* source = nullptr;  // the function's value or its argument
  const void* out_grad = nullptr;
  void* in_grad = nullptr;
  float a = 1, b = 1;
  bool accumulate = false;
  Mask mask;
};

// output = input where input > 0, slope[channel] * input elsewhere.
struct PreluForward {
  const void* input = nullptr;
  void* output = nullptr;
  const float* slope = nullptr;
  std::int64_t pixels = 0;
};
struct PreluBackward {
  const void* input = nullptr;
  const void* out_grad = nullptr;
  void* in_grad = nullptr;
  const float* slope = nullptr;
  std::int64_t pixels = 0;
  bool accumulate = false;
  Mask mask;
};

}  // namespace reverie::cpu
