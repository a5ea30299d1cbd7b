// trial_comparison.h: the engine against the reference, for its tests.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "reverie/plan/cpu/compiler.h"
#include "reverie/plan/cpu/trial_network.h"
#include "reverie/plan/reference/reference.h"

namespace reverie::cpu {

inline double norm(const double* values, std::int64_t count) {
  double sum = 0;
  for (std::int64_t i = 0; i < count; ++i) sum += values[i] * values[i];
  return std::sqrt(sum);
}

template <class Ours>
double relative_error(const Ours& ours, const reference::Array& truth) {
  double sum = 0;
  for (std::int64_t i = 0; i < truth.size(); ++i) {
    const double d = ours[i] - truth[i];
    sum += d * d;
  }
  return std::sqrt(sum) / std::max(norm(truth.data(), truth.size()), 1e-30);
}

struct Errors {
  double worst_activation = 0, grad = 0;
};

struct Outcome {
  std::vector<Tensor> activations;
  Tensor grad;
};

inline Outcome run_plan(Plan& plan, const Tensor& canvas, const std::vector<Tensor>& output_grads) {
  plan.forward(canvas);
  Outcome run;
  for (int t = 0; t < plan.targets(); ++t) {
    run.activations.push_back(Tensor::copy_of(plan.activation(t)));
    std::copy_n(output_grads[static_cast<std::size_t>(t)].data(),
                output_grads[static_cast<std::size_t>(t)].size(), plan.output_grad(t).data());
  }
  run.grad = Tensor(plan.canvas_shape());
  std::fill_n(run.grad.data(), run.grad.size(), 7.f);  // it must be overwritten
  plan.backward(run.grad);
  return run;
}

inline Tensor random_canvas(Maker& maker, std::int64_t height, std::int64_t width) {
  Tensor canvas({3, height, width});
  for (float& v : canvas.elements()) v = maker.draw(0, 255);
  return canvas;
}

inline Errors compare(Maker& maker, const std::vector<int>& targets, std::int64_t height,
                      std::int64_t width, Precision precision = Precision::exact) {
  const auto compiler = cpu::make_compiler(maker.graph, targets, precision);
  const auto plan = compiler->compile(height, width);
  const Tensor canvas = random_canvas(maker, height, width);
  std::vector<Tensor> output_grads;
  for (int t = 0; t < plan->targets(); ++t) {
    output_grads.emplace_back(plan->target_shape(t));
    for (float& v : output_grads.back().elements()) v = maker.draw(-1, 1);
  }
  const Outcome run = run_plan(*plan, canvas, output_grads);

  reference::Array truth_canvas({3, height, width});
  for (std::int64_t i = 0; i < canvas.size(); ++i) truth_canvas[i] = canvas[i];
  const auto values = reference::forward(maker.graph, truth_canvas);
  std::vector<reference::Array> true_output_grads(values.size());
  Errors errors;
  for (std::size_t t = 0; t < targets.size(); ++t) {
    const auto target = static_cast<std::size_t>(targets[t]);
    EXPECT_EQ(plan->target_shape(static_cast<int>(t)), values[target].shape());
    errors.worst_activation =
        std::max(errors.worst_activation, relative_error(run.activations[t], values[target]));
    if (true_output_grads[target].empty())
      true_output_grads[target] = reference::Array(values[target].shape());
    for (std::int64_t i = 0; i < output_grads[t].size(); ++i)
      true_output_grads[target][i] += output_grads[t][i];
  }
  errors.grad =
      relative_error(run.grad, reference::backward(maker.graph, values, true_output_grads));
  return errors;
}

// Sums of n float32 products differ from exact ones by about epsilon * sqrt(n) of their norm; the
// sums here have up to 2000 terms, and a few layers follow each other.
inline constexpr double tolerance = 8 * 1.2e-7 * 45 / 4;

inline void expect_close(Maker& maker, const std::vector<int>& targets, std::int64_t height,
                         std::int64_t width, const std::string& what) {
  const Errors e = compare(maker, targets, height, width);
  EXPECT_LT(e.worst_activation, tolerance) << what << " forward at " << width << "x" << height;
  EXPECT_LT(e.grad, tolerance) << what << " backward at " << width << "x" << height;
}

}  // namespace reverie::cpu
