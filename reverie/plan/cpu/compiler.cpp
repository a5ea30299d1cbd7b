#include "reverie/plan/cpu/compiler.h"

#include <fmt/format.h>

#include <new>
#include <type_traits>

#include "reverie/base/error.h"
#include "reverie/plan/cpu/lowering/build_program.h"
#include "reverie/plan/cpu/prepared_weights.h"
#include "reverie/plan/cpu/processor.h"
#include "reverie/plan/program/profile.h"

namespace reverie::cpu {
namespace {

using program::Program;

class CpuPlan : public Plan, public program::StepwisePlan {
 public:
  CpuPlan(std::unique_ptr<Program> program, Shape canvas,
          std::shared_ptr<const SharedWeights> weights)
      : weights_(std::move(weights)), program_(std::move(program)), canvas_(canvas) {}

  const Shape& canvas_shape() const override { return canvas_; }
  int targets() const override { return static_cast<int>(program_->activations.size()); }
  const Shape& target_shape(int target) const override { return value(target).shape(); }

  bool forward(ConstView canvas, const CancelToken* cancel) override {
    check(canvas.shape(), "canvas");
    program_->canvas = canvas.data();
    return program::run_steps(program_->forward, cancel);
  }

  ConstView activation(int target) const override { return value(target); }
  View output_grad(int target) override {
    return program_->output_grads[static_cast<std::size_t>(target)];
  }

  bool backward(View grad, const CancelToken* cancel) override {
    check(grad.shape(), "gradient");
    program_->grad = grad.data();
    return program::run_steps(program_->backward, cancel);
  }

  const Program& program() const override { return *program_; }

  std::size_t memory_bytes() const override {
    std::size_t bytes = program_->arena.bytes();
    for (int t = 0; t < targets(); ++t)
      bytes += 2 * sizeof(float) * static_cast<std::size_t>(value(t).size());
    return bytes;
  }

 private:
  const Tensor& value(int target) const {
    return program_->activations[static_cast<std::size_t>(target)];
  }
  void check(const Shape& given, const char* what) const {
    if (given != canvas_)
      throw BadShape(fmt::format("the {} is {}, expected {}, the size that was compiled", what,
                                 given.to_string(), canvas_.to_string()));
  }

  std::shared_ptr<const SharedWeights> weights_;  // which the program's steps read
  std::unique_ptr<Program> program_;
  Shape canvas_;
};

class CpuCompiler : public Compiler {
 public:
  CpuCompiler(PassResult prepared, Precision precision, std::shared_ptr<SharedWeights> weights)
      : prepared_(std::move(prepared)), weights_(std::move(weights)) {
    settings_.lanes = widest_lanes();
    settings_.precision = precision;
    if (precision == Precision::half) {
      if (has_bf16() && settings_.lanes == 16)
        settings_.element = Element::bf16;
      else
        settings_.precision = Precision::fast;
    }
  }

  std::unique_ptr<Plan> compile(std::int64_t height, std::int64_t width) override {
    return guarded(height, width, [&]() -> std::unique_ptr<Plan> {
      auto program = build_program(prepared_.graph, prepared_.targets, height, width, settings_,
                                   weights_->onednn, weights_->store);
      return std::make_unique<CpuPlan>(std::move(program), Shape{3, height, width}, weights_);
    });
  }

  std::size_t plan_bytes(std::int64_t height, std::int64_t width) override {
    return guarded(height, width, [&] {
      const ProgramBytes bytes = program_bytes(prepared_.graph, prepared_.targets, height, width,
                                               settings_, weights_->onednn);
      return bytes.arena + bytes.targets;
    });
  }

  const Graph& graph() const override { return prepared_.graph; }
  const std::vector<int>& targets() const override { return prepared_.targets; }
  Precision precision() const override { return settings_.precision; }

 private:
  // Says what failed in our own errors.
  template <class Work>
  std::invoke_result_t<Work> guarded(std::int64_t height, std::int64_t width, Work&& work) const {
    try {
      return work();
    } catch (const std::bad_alloc&) {
      throw OutOfMemory(fmt::format(
          "a plan for {}x{} pixels does not fit into memory; use a smaller picture or tiles", width,
          height));
    } catch (const dnnl::error& error) {
      throw DeviceFailure(fmt::format("oneDNN failed to compile '{}' for {}x{} pixels: {}",
                                      prepared_.graph.name, width, height, error.message));
    }
  }

  PassResult prepared_;
  ProgramSettings settings_;
  std::shared_ptr<SharedWeights> weights_;
};

class CpuNetwork : public PreparedNetwork {
 public:
  explicit CpuNetwork(const Graph& graph)
      : graph_(graph), weights_(std::make_shared<SharedWeights>(graph)) {}

  std::unique_ptr<Compiler> make_compiler(const std::vector<int>& targets,
                                          Precision precision) override {
    PassResult prepared = prepare(graph_, targets);
    weights_->adopt(prepared.graph);
    return std::make_unique<CpuCompiler>(std::move(prepared), precision, weights_);
  }

  PreparedWeights weights() const override {
    return {weights_->store.count(), weights_->store.bytes()};
  }

 private:
  const Graph graph_;
  std::shared_ptr<SharedWeights> weights_;
};

}  // namespace

Backend backend() {
  return {"cpu", 1, [] { return std::vector{describe_processor()}; },
          [](const Graph& graph, int) { return std::make_shared<CpuNetwork>(graph); }};
}

std::unique_ptr<Compiler> make_compiler(const Graph& graph, const std::vector<int>& targets,
                                        Precision precision) {
  return CpuNetwork(graph).make_compiler(targets, precision);
}

}  // namespace reverie::cpu
