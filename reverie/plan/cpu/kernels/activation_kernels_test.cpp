// The kernels of functions of one number against the reference's double: over all of their range,
// in both kinds of elements.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "reverie/plan/cpu/instruction_set_environment.h"
#include "reverie/plan/cpu/kernels/kernels.h"
#include "reverie/plan/cpu/processor.h"
#include "reverie/plan/reference/activations.h"

namespace reverie::cpu {
namespace {

[[maybe_unused]] const auto* const environment =
    testing::AddGlobalTestEnvironment(new InstructionSetEnvironment);

constexpr float infinite = std::numeric_limits<float>::infinity();

std::vector<const KernelTable*> float_tables() {
  std::vector<const KernelTable*> tables = {&kernels(Element::f32, 8)};
  if (instruction_set() >= InstructionSet::avx512) tables.push_back(&kernels(Element::f32, 16));
  return tables;
}

// Numbers of both signs, from 1e-6 to beyond where every function is flat, a multiple of 16.
std::vector<float> arguments(bool negative) {
  std::vector<float> all;
  for (double x = 1e-6; x < 150; x *= 1.003) {
    all.push_back(static_cast<float>(x));
    if (negative) all.push_back(static_cast<float>(-x));
  }
  for (float x : {0.f, 3.f, 1.f, 0.5f, 1e4f}) all.push_back(x);
  if (negative) all.insert(all.end(), {-3.f, -1.f, -0.5f, -1e4f, -0.f});
  while (all.size() % 16 != 0) all.push_back(1.25f);
  return all;
}

std::vector<float> run_forward(const KernelTable& table, const Activation& activation,
                               const std::vector<float>& x) {
  std::vector<float> y(x.size());
  const std::vector<float> live(static_cast<std::size_t>(table.block), 1);
  ActivationForward a{x.data(),     y.data(),
                      live.data(),  static_cast<std::int64_t>(x.size()) / table.block,
                      activation.a, activation.b};
  table.activation_forward[static_cast<std::size_t>(activation.function)](a, 0, a.pixels);
  return y;
}

std::vector<float> run_backward(const KernelTable& table, const Activation& activation,
                                const std::vector<float>& x, const std::vector<float>& y) {
  std::vector<float> grads(x.size());
  const std::vector<float> ones(x.size(), 1);
  ActivationBackward a;
  a.source = derives_from_value(static_cast<Function>(activation.function)) ? y.data() : x.data();
  a.out_grad = ones.data();
  a.in_grad = grads.data();
  a.a = activation.a;
  a.b = activation.b;
  table.activation_backward[static_cast<std::size_t>(activation.function)](
      a, 0, static_cast<std::int64_t>(x.size()) / table.block);
  return grads;
}

void expect_near(double ours, double truth, double tolerance, const Activation& activation,
                 float x) {
  if (std::isinf(truth) || std::abs(truth) > 3e38)
    EXPECT_EQ(ours, truth > 0 ? infinite : -infinite)
        << function_name(activation.function) << " at " << x;
  else
    EXPECT_NEAR(ours, truth, tolerance)
        << function_name(activation.function) << " of " << activation.a << " at " << x;
}

// A value is off by some roundings of its own, and by those of its argument; a derivative, which
// is about 1, by its own.
void expect_accurate(const Activation& activation, bool negative = true) {
  constexpr double epsilon = 1.2e-7;
  for (const KernelTable* table : float_tables()) {
    const std::vector<float> x = arguments(negative);
    const std::vector<float> y = run_forward(*table, activation, x);
    const std::vector<float> grads = run_backward(*table, activation, x, y);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double value = reference::value_of(activation, x[i]);
      const double slope = reference::derivative_of(activation, x[i]);
      const double by_argument = value == 0 ? 0 : std::abs(x[i] * slope);
      expect_near(y[i], value, 3 * epsilon * (std::abs(value) + by_argument) + 1e-35, activation,
                  x[i]);
      expect_near(grads[i], slope, 4 * epsilon * std::max(std::abs(slope), 1.0), activation, x[i]);
    }
  }
}

TEST(ActivationKernels, AreAsAccurateAsFloat32) {
  for (int f = 0; f < function_count; ++f) {
    const auto function = static_cast<Activation::Function>(f);
    if (function == Activation::Function::log || function == Activation::Function::power) continue;
    expect_accurate({function, 0.75f, 0.5f});
    expect_accurate({function, 1, 1});
  }
}

TEST(ActivationKernels, PowersAndLogarithms) {
  expect_accurate({Activation::Function::log}, false);
  for (float exponent : {0.f, 0.5f, 1.f, -1.f, -0.5f, 2.f, 3.f, 1.75f, -1.25f})
    expect_accurate({Activation::Function::power, exponent}, false);
  expect_accurate({Activation::Function::power, 2});
  expect_accurate({Activation::Function::power, 3});
  expect_accurate({Activation::Function::power, 5});
}

TEST(ActivationKernels, PaddingStaysZero) {
  for (const KernelTable* table : float_tables())
    for (int f = 0; f < function_count; ++f) {
      const std::vector<float> zeros(16), live(16);
      std::vector<float> y(16, 7), grads(16, 7);
      const ActivationForward a{zeros.data(), y.data(), live.data(), 16 / table->block, -1, 1};
      table->activation_forward[f](a, 0, a.pixels);
      ActivationBackward b;
      b.source = b.out_grad = zeros.data();
      b.in_grad = grads.data();
      b.a = -1;
      table->activation_backward[f](b, 0, 16 / table->block);
      EXPECT_EQ(y, zeros) << f;
      EXPECT_EQ(grads, zeros) << f;
    }
}

float widened(std::uint16_t bits) {
  const std::uint32_t wide = std::uint32_t{bits} << 16;
  float f;
  std::memcpy(&f, &wide, 4);
  return f;
}

TEST(ActivationKernels, HalvesAreRoundedOnce) {
  const KernelTable& table = kernels(Element::bf16, 8);
  std::vector<std::uint16_t> x;
  for (std::uint16_t exponent = 0x3c00; exponent < 0x4180; exponent += 5)  // 0.008 to 16
    for (const int sign : {0, 0x8000}) x.push_back(static_cast<std::uint16_t>(exponent | sign));
  x.resize(x.size() / 8 * 8);
  const std::vector<float> live(8, 1);
  for (int f = 0; f < function_count; ++f) {
    const Activation activation{static_cast<Activation::Function>(f), 1, 0.5f};
    std::vector<std::uint16_t> y(x.size());
    const ActivationForward a{
        x.data(), y.data(), live.data(), static_cast<std::int64_t>(x.size()) / 8, 1, 0.5f};
    table.activation_forward[f](a, 0, a.pixels);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double truth = reference::value_of(activation, widened(x[i]));
      if (std::isnan(truth)) continue;
      EXPECT_NEAR(widened(y[i]), truth, std::abs(truth) / 250 + 1e-12)
          << function_name(activation.function) << " at " << widened(x[i]);
    }
  }
}

}  // namespace
}  // namespace reverie::cpu
