#include "reverie/plan/program/profile.h"

#include <algorithm>
#include <chrono>

#include "reverie/base/error.h"
#include "reverie/plan/bench.h"

namespace reverie {
namespace {

double now_ms() {
  const auto time = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double, std::milli>(time).count();
}

}  // namespace

std::vector<StepReport> profile(Plan& plan, ConstView canvas, int runs) {
  auto* stepwise = dynamic_cast<program::StepwisePlan*>(&plan);
  if (!stepwise) throw Unsupported("this device's plans cannot be timed step by step");
  const program::Program& program = stepwise->program();
  Tensor grad(plan.canvas_shape());

  // The first run touches the memory and does not count
  std::vector<program::Step*> steps;
  for (const auto* list : {&program.forward, &program.backward})
    for (const auto& step : *list) steps.push_back(step.get());
  plan.forward(canvas);
  for (int t = 0; t < plan.targets(); ++t)
    std::copy_n(plan.activation(t).data(), plan.activation(t).size(), plan.output_grad(t).data());
  plan.backward(grad);

  std::vector<std::vector<double>> times(steps.size());
  for (int run = 0; run < runs; ++run)
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const double start = now_ms();
      steps[i]->run();
      times[i].push_back(now_ms() - start);
    }

  std::vector<StepReport> reports;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    std::sort(times[i].begin(), times[i].end());
    const program::StepInfo& info = steps[i]->info;
    reports.push_back({info.layer, info.action, info.algorithm,
                       times[i].empty() ? 0 : times[i][times[i].size() / 2], info.flops * 1e-9});
  }
  return reports;
}

}  // namespace reverie
