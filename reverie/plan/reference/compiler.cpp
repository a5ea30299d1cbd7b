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

// A value and a gradient for each layer while backward runs.
std::size_t bytes_of(const std::vector<Shape>& shapes) {
  std::size_t bytes = 0;
  for (const Shape& shape : shapes)
    bytes += 2 * sizeof(double) * static_cast<std::size_t>(shape.elements());
  return bytes;
}

class ReferencePlan : public Plan {
 public:
  ReferencePlan(std::shared_ptr<const PassResult> prepared, std::int64_t height, std::int64_t width)
      : prepared_(std::move(prepared)), canvas_shape_{3, height, width} {
    const std::vector<Shape> shapes = infer_shapes(prepared_->graph, height, width);
    memory_bytes_ = bytes_of(shapes);
    for (int target : prepared_->targets) {
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

  bool forward(ConstView canvas, const CancelToken* cancel) override {
    if (cancel && cancel->cancelled()) return false;
    Array wide(canvas_shape_);
    convert(canvas.elements(), wide.elements());
    values_ = reference::forward(prepared_->graph, wide);
    for (std::size_t i = 0; i < activations_.size(); ++i)
      convert(at(values_, prepared_->targets[i]).elements(), activations_[i].elements());
    return true;
  }

  bool backward(View grad, const CancelToken* cancel) override {
    if (cancel && cancel->cancelled()) return false;
    std::vector<Array> output_grads(values_.size());
    for (std::size_t i = 0; i < output_grads_.size(); ++i) {
      Array& output_grad = at(output_grads, prepared_->targets[i]);
      if (output_grad.empty()) output_grad = Array(output_grads_[i].shape());
      for (std::int64_t k = 0; k < output_grad.size(); ++k) output_grad[k] += output_grads_[i][k];
    }
    convert(reference::backward(prepared_->graph, values_, output_grads).elements(),
            grad.elements());
    return true;
  }

 private:
  std::shared_ptr<const PassResult> prepared_;
  Shape canvas_shape_;
  std::vector<Tensor> activations_, output_grads_;
  std::vector<Array> values_;
  std::size_t memory_bytes_ = 0;
};

class ReferenceCompiler : public Compiler {
 public:
  ReferenceCompiler(const Graph& graph, const std::vector<int>& targets)
      : prepared_(std::make_shared<const PassResult>(prepare(graph, targets))) {}

  std::unique_ptr<Plan> compile(std::int64_t height, std::int64_t width) override {
    return std::make_unique<ReferencePlan>(prepared_, height, width);
  }
  std::size_t plan_bytes(std::int64_t height, std::int64_t width) override {
    return bytes_of(infer_shapes(prepared_->graph, height, width));
  }
  const Graph& graph() const override { return prepared_->graph; }
  const std::vector<int>& targets() const override { return prepared_->targets; }
  Precision precision() const override { return Precision::exact; }

 private:
  std::shared_ptr<const PassResult> prepared_;
};

// The graph as it is: the reference puts no weights in order.
class ReferenceNetwork : public PreparedNetwork {
 public:
  explicit ReferenceNetwork(const Graph& graph) : graph_(graph) {}
  std::unique_ptr<Compiler> make_compiler(const std::vector<int>& targets, Precision) override {
    return std::make_unique<ReferenceCompiler>(graph_, targets);
  }
  PreparedWeights weights() const override { return {}; }

 private:
  const Graph graph_;
};

}  // namespace

Backend backend() {
  return {"reference", 0,
          [] {
            std::vector<DeviceInfo> one(1);
            one[0].device.backend = "reference";
            one[0].description = "plain loops in double precision, for tests";
            return one;
          },
          [](const Graph& graph, int) { return std::make_shared<ReferenceNetwork>(graph); }};
}

std::unique_ptr<Compiler> make_compiler(const Graph& graph, const std::vector<int>& targets) {
  return std::make_unique<ReferenceCompiler>(graph, targets);
}

}  // namespace reverie::reference
