#include "reverie/plan/cpu/compiler.h"

#include <fmt/format.h>

#include <new>

#include "reverie/base/error.h"
#include "reverie/graph/passes.h"
#include "reverie/plan/cpu/lowering/build_program.h"
#include "reverie/plan/cpu/processor.h"
#include "reverie/plan/program/profile.h"

namespace reverie::cpu {
namespace {

class OnednnPlan : public Plan, public StepwisePlan {
 public:
  OnednnPlan(std::unique_ptr<Program> program, Shape canvas)
      : program_(std::move(program)), canvas_(canvas) {}

  const Shape& canvas_shape() const override { return canvas_; }
  int targets() const override { return static_cast<int>(program_->activations.size()); }
  const Shape& target_shape(int target) const override { return value(target).shape(); }

  void forward(ConstView canvas) override {
    check(canvas.shape(), "canvas");
    program_->canvas = canvas.data();
    for (const auto& step : program_->forward) step->run();
  }

  ConstView activation(int target) const override { return value(target); }
  View output_grad(int target) override {
    return program_->output_grads[static_cast<std::size_t>(target)];
  }

  void backward(View grad) override {
    check(grad.shape(), "slope");
    program_->grad = grad.data();
    for (const auto& step : program_->backward) step->run();
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

  std::unique_ptr<Program> program_;
  Shape canvas_;
};

class OnednnCompiler : public Compiler {
 public:
  OnednnCompiler(const Graph& graph, const std::vector<int>& targets, Precision precision)
      : prepared_(prepare(graph, targets)), store_(onednn_) {
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
    try {
      auto program = build_program(prepared_.graph, prepared_.targets, height, width, settings_,
                                   onednn_, store_);
      return std::make_unique<OnednnPlan>(std::move(program), Shape{3, height, width});
    } catch (const std::bad_alloc&) {
      throw OutOfMemory(fmt::format(
          "a plan for {}x{} pixels does not fit into memory; use a smaller picture or tiles", width,
          height));
    } catch (const dnnl::error& error) {
      throw DeviceFailure(fmt::format("oneDNN failed to compile '{}' for {}x{} pixels: {}",
                                      prepared_.graph.name, width, height, error.message));
    }
  }

  const Graph& graph() const override { return prepared_.graph; }
  const std::vector<int>& targets() const override { return prepared_.targets; }
  Precision precision() const override { return settings_.precision; }

 private:
  PassResult prepared_;
  ProgramSettings settings_;
  OnednnContext onednn_;
  WeightStore store_;
};

}  // namespace

std::unique_ptr<Compiler> make_compiler(const Graph& graph, const std::vector<int>& targets,
                                        Precision precision) {
  return std::make_unique<OnednnCompiler>(graph, targets, precision);
}

}  // namespace reverie::cpu
