#include "reverie/plan/reference/compiler.h"

#include <algorithm>

#include "reverie/graph/passes.h"
#include "reverie/graph/shapes.h"
#include "reverie/plan/reference/reference.h"

namespace reverie::reference {
namespace {

template <class To, class From>
void convert(const From& from, To&& to) {
  std::transform(from.begin(), from.end(), to.begin(), [](auto v) {
    return static_cast<std::remove_reference_t<decltype(*to.begin())>>(v);
  });
}

template <class Vector>
auto& at(Vector& vector, int index) {
  return vector[static_cast<std::size_t>(index)];
}

class ReferencePlan : public Plan {
 public:
  ReferencePlan(const PassResult& prepared, std::int64_t height, std::int64_t width)
      : prepared_(prepared), canvas_shape_{3, height, width} {
    const std::vector<Shape> shapes = infer_shapes(prepared.graph, height, width);
    // A value and a gradient for each layer while backward runs
    for (const Shape& shape : shapes)
      memory_bytes_ += 2 * sizeof(double) * static_cast<std::size_t>(shape.elements());
    for (int target : prepared.targets) {
      activations_.emplace_back(shapes[static_cast<std::size_t>(target)]);
      output_grads_.emplace_back(shapes[static_cast<std::size_t>(target)]);
    }
  }

  const Shape& canvas_shape() const override { return canvas_shape_; }
  int targets() const override { return static_cast<int>(activations_.size()); }
  const Shape& target_shape(int target) const override { return at(activations_, target).shape(); }
  ConstView activation(int target) const override { return at(activations_, target); }
  View output_grad(int target) override { return at(output_grads_, target); }
  std::size_t memory_bytes() const override { return memory_bytes_; }

  void forward(ConstView canvas) override {
    Array wide(canvas_shape_);
    convert(canvas.elements(), wide.elements());
    values_ = reference::forward(prepared_.graph, wide);
    for (std::size_t i = 0; i < activations_.size(); ++i)
      convert(at(values_, prepared_.targets[i]).elements(), activations_[i].elements());
  }

  void backward(View grad) override {
    std::vector<Array> output_grads(values_.size());
    for (std::size_t i = 0; i < output_grads_.size(); ++i) {
      Array& output_grad = at(output_grads, prepared_.targets[i]);
      if (output_grad.empty()) output_grad = Array(output_grads_[i].shape());
      for (std::int64_t k = 0; k < output_grad.size(); ++k) output_grad[k] += output_grads_[i][k];
    }
    convert(reference::backward(prepared_.graph, values_, output_grads).elements(),
            grad.elements());
  }

 private:
  const PassResult& prepared_;
  Shape canvas_shape_;
  std::vector<Tensor> activations_, output_grads_;
  std::vector<Array> values_;
  std::size_t memory_bytes_ = 0;
};

class ReferenceCompiler : public Compiler {
 public:
  ReferenceCompiler(const Graph& graph, const std::vector<int>& targets)
      : prepared_(prepare(graph, targets)) {}

  std::unique_ptr<Plan> compile(std::int64_t height, std::int64_t width) override {
    return std::make_unique<ReferencePlan>(prepared_, height, width);
  }
  const Graph& graph() const override { return prepared_.graph; }
  const std::vector<int>& targets() const override { return prepared_.targets; }
  Precision precision() const override { return Precision::exact; }

 private:
  PassResult prepared_;
};

}  // namespace

std::unique_ptr<Compiler> make_compiler(const Graph& graph, const std::vector<int>& targets) {
  return std::make_unique<ReferenceCompiler>(graph, targets);
}

}  // namespace reverie::reference
