// Objectives and their gradients on a small network, through the plan that users get.
#include "reverie/gradient/gradient.h"

#include <gtest/gtest.h>

#include <cmath>

#include "reverie/base/error.h"
#include "reverie/base/random.h"
#include "reverie/plan/reference/reference.h"

namespace reverie {
namespace {

constexpr std::int64_t height = 12, width = 14;

Weights drawn(Shape shape, std::uint64_t output_grad) {
  Tensor t(shape);
  RandomStream stream = Random(output_grad).at(RandomUse::noise, 0, 0, 0);
  for (float& v : t.elements()) v = stream.uniform() - 0.4f;
  return std::make_shared<const Tensor>(std::move(t));
}

Graph small_network() {
  const Window three{3, 3, 1, 1, 1, 1, {Padding::Rule::given, 1, 1, 1, 1}};
  Graph graph;
  graph.name = "small";
  graph.transform = {{2, 1, 0}, {104, 116, 122}, {0.02f, 0.02f, 0.02f}};
  graph.add("data", Input{}, {});
  graph.add("a", Convolution{three, 1, drawn({9, 3, 3, 3}, 1), drawn({9}, 2), {}}, {0});
  graph.add("a/relu", Relu{}, {1});
  graph.add("b", Convolution{three, 1, drawn({5, 9, 3, 3}, 3), drawn({5}, 4), {}}, {2});
  return graph;
}

struct Expected {
  double value = 0;
  reference::Array grad;
};

// The same objective on the reference plan, in double.
Expected by_reference(const Graph& graph, const Tensor& canvas, const Objective& objective) {
  reference::Array wide(canvas.shape());
  std::copy(canvas.elements().begin(), canvas.elements().end(), wide.elements().begin());
  const auto values = reference::forward(graph, wide);
  std::vector<reference::Array> output_grads(values.size());
  Expected expected;
  for (const Term& term : objective.terms) {
    const auto layer = static_cast<std::size_t>(graph.find(term.layer));
    const auto& a = values[layer];
    if (output_grads[layer].empty()) output_grads[layer] = reference::Array(a.shape());
    const std::int64_t plane = a.shape().height() * a.shape().width();
    for (std::int64_t i = 0; i < a.size(); ++i) {
      const int channel = static_cast<int>(i / plane);
      if (!term.channels.empty() &&
          std::find(term.channels.begin(), term.channels.end(), channel) == term.channels.end())
        continue;
      const double n = static_cast<double>(
          plane * (term.channels.empty() ? a.shape().channels()
                                         : static_cast<std::int64_t>(term.channels.size())));
      switch (term.reduction) {
        case Reduction::l2:
          expected.value += term.weight * a[i] * a[i] / 2;
          output_grads[layer][i] += term.weight * a[i];
          break;
        case Reduction::mean_square:
          expected.value += term.weight * a[i] * a[i] / n;
          output_grads[layer][i] += term.weight * 2 * a[i] / n;
          break;
        case Reduction::mean:
          expected.value += term.weight * a[i] / n;
          output_grads[layer][i] += term.weight / n;
          break;
        case Reduction::l1:
          expected.value += term.weight * std::abs(a[i]);
          output_grads[layer][i] += term.weight * (a[i] > 0 ? 1 : a[i] < 0 ? -1 : 0);
      }
    }
  }
  expected.grad = reference::backward(graph, values, output_grads);
  return expected;
}

Gradient gradient_for(const Graph& graph, const Objective& objective,
                      std::unique_ptr<Compiler>& compiler) {
  auto bound = std::make_shared<const BoundObjective>(bind(objective, graph));
  compiler = make_compiler(graph, bound->layers, Precision::exact);
  return Gradient(compiler->compile(height, width), bound);
}

Tensor some_canvas() {
  Tensor canvas({3, height, width});
  RandomStream stream = Random(9).at(RandomUse::noise, 0, 0, 0);
  for (float& v : canvas.elements()) v = 255 * stream.uniform();
  return canvas;
}

TEST(Gradient, IsThatOfTheReference) {
  const Graph graph = small_network();
  const Tensor canvas = some_canvas();
  for (const Objective& objective :
       {Objective{{{"b", {}, 1, {}}}}, Objective{{{"a/relu", {2, 3}, 1, {}}}},
        Objective{{{"b", {0, 4}, 1, {}}, {"a/relu", {}, -0.5, {}}, {"a", {1}, 0.25, {}}}},
        Objective{{{"b", {}, 1, {}, Reduction::mean_square}}},
        Objective{{{"b", {1, 2}, 1, {}, Reduction::mean}, {"a/relu", {}, 2, {}, Reduction::mean}}},
        Objective{{{"b", {}, -3, {}, Reduction::l1}, {"a/relu", {4}, 1, {}, Reduction::l1}}}}) {
    std::unique_ptr<Compiler> compiler;
    Gradient gradient = gradient_for(graph, objective, compiler);
    Tensor grad(canvas.shape());
    const double value = gradient.run(canvas, grad);
    const Expected expected = by_reference(graph, canvas, objective);
    EXPECT_NEAR(value, expected.value, 1e-5 * std::abs(expected.value));
    double error = 0, norm = 0;
    for (std::int64_t i = 0; i < grad.size(); ++i) {
      error += std::pow(grad[i] - expected.grad[i], 2);
      norm += std::pow(expected.grad[i], 2);
    }
    EXPECT_LT(std::sqrt(error / norm), 1e-5);
  }
}

TEST(Gradient, RefusesWhatDoesNotFit) {
  std::unique_ptr<Compiler> compiler;
  const Graph graph = small_network();
  Gradient gradient = gradient_for(graph, {{{"b", {}, 1, {}}}}, compiler);
  Tensor small({3, 4, 4}), grad({3, height, width});
  EXPECT_THROW(gradient.run(small, grad), BadShape);
  const auto guide = std::make_shared<const Tensor>(Shape{4, 2, 2});
  EXPECT_THROW(gradient_for(graph, {{{"b", {}, 1, guide}}}, compiler), BadShape);
}

TEST(Gradient, RefusesAValueThatIsNotANumber) {
  std::unique_ptr<Compiler> compiler;
  Gradient gradient = gradient_for(small_network(), {{{"a", {}, 1, {}}}}, compiler);
  Tensor canvas = some_canvas(), grad(canvas.shape());
  for (float& v : canvas.elements()) v = std::numeric_limits<float>::infinity();
  EXPECT_THROW(gradient.run(canvas, grad), NonFinite);
}

// The gradient agrees with central differences along itself.
void expect_grad_along_itself(Gradient& gradient, const Tensor& canvas,
                              const CropPlacement& placement = {}) {
  Tensor grad(canvas.shape()), unused(canvas.shape());
  gradient.run(canvas, grad, placement);
  double squares = 0;
  for (float v : grad.elements()) squares += double{v} * v;
  ASSERT_GT(squares, 0);
  const auto value_at = [&](double step) {
    Tensor moved = canvas.clone();
    for (std::int64_t i = 0; i < moved.size(); ++i)
      moved[i] += static_cast<float>(step / std::sqrt(squares)) * grad[i];
    return gradient.run(moved, unused, placement);
  };
  const double quotient = (value_at(1) - value_at(-1)) / 2;
  EXPECT_NEAR(quotient, std::sqrt(squares), 5e-3 * std::sqrt(squares));
}

TEST(Gradient, OfAPlaceIsThatOfItsNeuron) {
  std::unique_ptr<Compiler> compiler;
  Term term{"b", {2}, 1, {}, Reduction::l2, Place{0.5, 0.25}};
  Gradient gradient = gradient_for(small_network(), {{term}}, compiler);
  const Tensor canvas = some_canvas();
  Tensor grad(canvas.shape());
  const double value = gradient.run(canvas, grad);
  const float a = gradient.plan().activation(0).at(2, 3, 7);
  EXPECT_NEAR(value, a * a / 2, 1e-6 * value);
  EXPECT_EQ(grad.view().at(0, 11, 0), 0.f);  // outside its receptive field
  expect_grad_along_itself(gradient, canvas);
}

TEST(Gradient, FollowsAPlaceWhereThePictureLies) {
  std::unique_ptr<Compiler> compiler;
  Term term{"b", {2}, 1, {}, Reduction::mean, Place{1, 0}};
  Gradient gradient = gradient_for(small_network(), {{term}}, compiler);
  const Tensor canvas = some_canvas();
  Tensor grad(canvas.shape());
  const auto neuron = [&](std::int64_t y, std::int64_t x) {
    return double{gradient.plan().activation(0).at(2, y, x)};
  };
  // Rolled: the last column comes in at the left
  double value = gradient.run(canvas, grad, {width, height, 3, 2, 0, 0, {}});
  EXPECT_EQ(value, neuron(2, 2));
  // A tile of a larger picture that begins at its column 10
  value = gradient.run(canvas, grad, {20, height, 0, 0, 10, 0, {}});
  EXPECT_EQ(value, neuron(0, 9));
  expect_grad_along_itself(gradient, canvas, {20, height, 0, 0, 10, 0, {}});
  // One that does not hold it
  EXPECT_EQ(gradient.run(canvas, grad, {40, height, 0, 0, 10, 0, {}}), 0);
}

TEST(Gradient, OfADirectionIsThatOfItsDotProduct) {
  std::unique_ptr<Compiler> compiler;
  Term term{"b", {}, 2, {}, Reduction::l2};
  term.direction =
      std::make_shared<const std::vector<float>>(std::vector<float>{1, 0, -2, 0, 0.5f});
  Gradient gradient = gradient_for(small_network(), {{term}}, compiler);
  const Tensor canvas = some_canvas();
  Tensor grad(canvas.shape());
  const double value = gradient.run(canvas, grad);
  double expected = 0;
  for (std::int64_t i = 0; i < height * width; ++i)
    for (std::int64_t c = 0; c < 5; ++c)
      expected += 2. * (*term.direction)[static_cast<std::size_t>(c)] *
                  gradient.plan().activation(0)[c * height * width + i] / (height * width);
  EXPECT_NEAR(value, expected, 1e-5 * std::abs(expected));
  expect_grad_along_itself(gradient, canvas);
}

// The right half counts, wherever it lies on the canvas.
TEST(Gradient, FollowsAMaskWhereThePictureLies) {
  std::unique_ptr<Compiler> compiler;
  Term term{"b", {2}, 1, {}, Reduction::l2};
  Tensor mask({1, 1, width});
  for (std::int64_t x = width / 2; x < width; ++x) mask[x] = 1;
  term.mask = std::make_shared<const Tensor>(std::move(mask));
  Gradient gradient = gradient_for(small_network(), {{term}}, compiler);
  const Tensor canvas = some_canvas();
  Tensor grad(canvas.shape());
  const auto energy = [&](auto counts) {
    double sum = 0;
    for (std::int64_t y = 0; y < height; ++y)
      for (std::int64_t x = 0; x < width; ++x)
        if (counts(x)) sum += 0.5 * std::pow(gradient.plan().activation(0).at(2, y, x), 2);
    return sum;
  };
  double value = gradient.run(canvas, grad);
  EXPECT_NEAR(value, energy([](std::int64_t x) { return x >= width / 2; }), 1e-5 * value);
  EXPECT_EQ(grad.view().at(0, 3, 0), 0.f);  // outside its receptive field
  expect_grad_along_itself(gradient, canvas);
  // Rolled by 3: what was at the right comes in at the left
  value = gradient.run(canvas, grad, {width, height, 3, 0, 0, 0, {}});
  EXPECT_NEAR(value, energy([](std::int64_t x) { return x < 3 || x >= width / 2 + 3; }),
              1e-5 * value);
  // A tile of a picture twice as wide, from its middle on: all of it counts
  value = gradient.run(canvas, grad, {2 * width, height, 0, 0, width, 0, {}});
  EXPECT_NEAR(value, energy([](std::int64_t) { return true; }), 0.02 * value);
}

}  // namespace
}  // namespace reverie
