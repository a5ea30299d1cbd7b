// graph/footprint against the reference: which pixels and gradients change is found by changing
// them.
#include <gtest/gtest.h>

#include <cmath>

#include "reverie/base/random.h"
#include "reverie/graph/footprint.h"
#include "reverie/graph/shapes.h"
#include "reverie/plan/reference/reference.h"

namespace reverie {
namespace {

using reference::Array;

// Graphs of a few random windows, in which nothing cancels: all weights are positive.
constexpr std::uint32_t graphs_of_windows = 40, graphs = 60;

class RandomGraph {
 public:
  explicit RandomGraph(std::uint32_t number)
      : stream_(Random(17).at(RandomUse::noise, number, 0, 0)) {
    int at = graph.add("data", Input{}, {});
    for (int depth = 0; depth < 3; ++depth)
      at = depth == 1 && number >= graphs_of_windows ? add_rescaled(at) : add_stage(at, depth);
    last = at;
  }

  Graph graph;
  int last = 0;
  bool has_max = false;      // then not every pixel in a window counts
  bool is_rescaled = false;  // then not every position depends on all of the hull

 private:
  int pick(int low, int high) { return stream_.uniform_int(low, high); }

  Window window(bool keeps_size) {
    Window w;
    w.kernel_h = 2 * pick(0, 2) + 1;
    w.kernel_w = 2 * pick(0, 1) + 1;
    if (keeps_size) {
      w.padding.rule = Padding::Rule::same;
      return w;
    }
    w.kernel_w += pick(0, 1);
    w.stride_h = w.stride_w = pick(1, 2);
    w.dilation_h = w.dilation_w = pick(1, 2);
    if (pick(0, 1) == 1)
      w.padding.rule = Padding::Rule::same;
    else
      w.padding = {Padding::Rule::given, pick(0, w.kernel_h / 2), pick(0, w.kernel_w / 2),
                   pick(0, w.kernel_h / 2), pick(0, w.kernel_w / 2)};
    return w;
  }

  Weights positive(Shape shape) {
    Tensor weights(shape);
    for (float& v : weights.elements()) v = 0.1f + stream_.uniform();
    return std::make_shared<const Tensor>(std::move(weights));
  }

  int add_convolution(const std::string& name, int input, Window w, int out = 2) {
    const std::int64_t in = infer_shapes(graph, 88, 92)[static_cast<std::size_t>(input)].channels();
    Convolution convolution;
    convolution.window = w;
    convolution.weights = positive({out, in, w.kernel_h, w.kernel_w});
    return graph.add(name, convolution, {input});
  }

  // Positions of stride 2, and then a layer that moves them or changes their number.
  int add_rescaled(int input) {
    is_rescaled = true;
    Window half = window(true);
    half.stride_h = half.stride_w = 2;
    const int coarse = add_convolution("coarse", input, half, 8);
    switch (pick(0, 4)) {
      case 0:
        return graph.add("pad",
                         Pad{static_cast<Pad::Mode>(pick(0, 2)), pick(0, 3), pick(0, 3), pick(0, 3),
                             pick(-1, 3)},
                         {coarse});
      case 1:
        return graph.add("blocks", DepthToSpace{2, DepthToSpace::Order::depth_first}, {coarse});
      case 2: {
        Window w{pick(2, 4), pick(2, 5), 2, 2, 1, 1, {Padding::Rule::given, pick(0, 1), 0, 1, 0}};
        TransposedConvolution conv{
            w, 1, pick(0, 1), 0, positive({8, 2, w.kernel_h, w.kernel_w}), nullptr};
        return graph.add("transposed", conv, {coarse});
      }
      default: {
        const auto coordinates =
            pick(0, 1) == 0 ? Resize::Coordinates::half_pixel : Resize::Coordinates::asymmetric;
        const float scale = pick(0, 2) == 0 ? 0.5f : 2.f;
        return graph.add("resize",
                         Resize{static_cast<Resize::Method>(pick(0, 1)), coordinates,
                                static_cast<Resize::Rounding>(pick(0, 3)), scale, scale},
                         {coarse});
      }
    }
  }

  int add_pool(const std::string& name, int input, Window w) {
    w.dilation_h = w.dilation_w = 1;
    Pool pool;
    pool.window = w;
    pool.kind = pick(0, 2) == 0 ? Pool::Kind::max : Pool::Kind::average;
    pool.rounding = pick(0, 1) == 0 ? Pool::Rounding::up : Pool::Rounding::down;
    has_max = has_max || pool.kind == Pool::Kind::max;
    return graph.add(name, pool, {input});
  }

  int add_stage(int input, int depth) {
    const std::string name = std::to_string(depth);
    if (depth > 0 && pick(0, 2) == 0) return add_pool("pool" + name, input, window(false));
    if (depth > 0 && pick(0, 1) == 0) {
      const int left = add_convolution("left" + name, input, window(true));
      const int right = add_convolution("right" + name, input, window(true));
      return graph.add("sum" + name, Eltwise{}, {left, right});
    }
    return add_convolution("conv" + name, input, window(false));
  }

  RandomStream stream_;
};

Array random_canvas(std::int64_t height, std::int64_t width) {
  Array canvas({3, height, width});
  RandomStream stream = Random(3).at(RandomUse::noise, 0, 0, 0);
  for (double& v : canvas.elements()) v = stream.uniform();
  return canvas;
}

// Of half the sum of squares of the last layer's values.
Array gradient_of(const RandomGraph& random, const Array& canvas) {
  const std::vector<Array> values = reference::forward(random.graph, canvas);
  std::vector<Array> output_grads(values.size());
  const auto last = static_cast<std::size_t>(random.last);
  output_grads[last] = values[last].clone();
  return reference::backward(random.graph, values, output_grads);
}

// The first and the last index along an axis where [3,H,W] arrays differ; {-1, -1}: nowhere.
std::pair<std::int64_t, std::int64_t> changed(const Array& a, const Array& b, bool along_x) {
  std::int64_t first = -1, last = -1;
  const std::int64_t height = a.shape().height(), width = a.shape().width();
  for (std::int64_t i = 0; i < a.size(); ++i) {
    if (std::abs(a.elements()[static_cast<std::size_t>(i)] -
                 b.elements()[static_cast<std::size_t>(i)]) <= 1e-12)
      continue;
    const std::int64_t at = along_x ? i % width : i / width % height;
    first = first < 0 ? at : std::min(first, at);
    last = std::max(last, at);
  }
  return {first, last};
}

// Sizes of many remainders.
std::int64_t height_of(std::uint32_t number) {
  return (number < graphs_of_windows ? 88 : 136) + number % 9;
}
std::int64_t width_of(std::uint32_t number) { return height_of(number) + 4 - number % 5; }

// The pixels that one value depends on are those that have a gradient when it alone has one.
TEST(ReceptiveFields, AreThePixelsThatOnePositionDependsOn) {
  for (std::uint32_t number = 0; number < graphs; ++number) {
    const RandomGraph random(number);
    const std::int64_t height = height_of(number), width = width_of(number);
    const Array canvas = random_canvas(height, width);
    const auto last = static_cast<std::size_t>(random.last);
    const ReceptiveField field = receptive_fields(random.graph, height, width)[last];
    const std::vector<Array> values = reference::forward(random.graph, canvas);
    std::vector<Array> output_grads(values.size());
    output_grads[last] = Array(values[last].shape());
    const std::int64_t y = values[last].shape().height() / 2, x = values[last].shape().width() / 2;
    output_grads[last].view().at(0, y, x) = 1;
    const Array grad = reference::backward(random.graph, values, output_grads);
    const Array none(grad.shape());
    const auto [top, bottom] = changed(grad, none, false);
    const auto [left, right] = changed(grad, none, true);
    const std::int64_t slack = random.has_max ? 1000 : random.is_rescaled ? 12 : 0;
    const auto expect = [&](std::int64_t found, std::int64_t bound, int side) {
      EXPECT_GE(side * bound, side * found) << number;
      EXPECT_LE(side * bound, side * found + slack) << number;
    };
    expect(top, y * field.y.stride - field.y.before, -1);
    expect(bottom, y * field.y.stride + field.y.after, 1);
    expect(left, x * field.x.stride - field.x.before, -1);
    expect(right, x * field.x.stride + field.x.after, 1);
  }
}

// Changes one line of pixels at a core's halo, or one px further: only the nearer one may be felt
// inside.
TEST(Footprint, HalosAreAsWideAsTheyMustBeAndNoWider) {
  for (std::uint32_t number = 0; number < graphs; ++number) {
    const RandomGraph random(number);
    const std::int64_t height = height_of(number), width = width_of(number);
    const Array canvas = random_canvas(height, width);
    const Array grad = gradient_of(random, canvas);
    const Footprint needs = footprint(random.graph, {random.last}, height, width);
    for (const bool along_x : {false, true}) {
      const FootprintAxis& axis = along_x ? needs.x : needs.y;
      const std::int64_t edge = (along_x ? width : height) / 2 / axis.alignment * axis.alignment;
      const auto felt_from = [&](std::int64_t pixel) {
        if (pixel < 0 || pixel >= (along_x ? width : height))
          return std::pair<std::int64_t, std::int64_t>{-1, -1};
        Array other = canvas.clone();
        const std::int64_t across = along_x ? height : width;
        for (std::int64_t i = 0; i < 3 * across; ++i)
          other.view().at(i / across, along_x ? i % across : pixel, along_x ? pixel : i % across) +=
              0.5;
        return changed(grad, gradient_of(random, other), along_x);
      };
      // A core that begins at `edge`
      EXPECT_LT(felt_from(edge - axis.halo_before - 1).second, edge) << number;
      // A core that ends before `edge`
      const std::int64_t first = felt_from(edge + axis.halo_after).first;
      EXPECT_TRUE(first < 0 || first >= edge) << number;
      if (random.has_max || random.is_rescaled) continue;
      if (axis.halo_before > 0) {
        EXPECT_GE(felt_from(edge - axis.halo_before).second, edge) << number;
      }
      if (axis.halo_after > 0) {
        EXPECT_LT(felt_from(edge + axis.halo_after - 1).first, edge) << number;
      }
      EXPECT_LE(axis.halo_before, axis.halo);
      EXPECT_LE(axis.halo_after, axis.halo);
    }
  }
}

// A crop on the alignment grid, as long as the canvas modulo the alignment, has the whole canvas's
// gradient but for its halo; next to the canvas's own edges, everywhere.
TEST(Footprint, CropsOnTheGridHaveTheWholeGradient) {
  for (std::uint32_t number = 0; number < graphs; ++number) {
    const RandomGraph random(number);
    const std::int64_t height = height_of(number), width = width_of(number);
    const Array canvas = random_canvas(height, width);
    const Array grad = gradient_of(random, canvas);
    const Footprint needs = footprint(random.graph, {random.last}, height, width);
    const std::int64_t top = 2 * needs.y.alignment, left = needs.x.alignment;
    const std::int64_t bottom = height, right = width - needs.x.alignment;
    Array crop({3, bottom - top, right - left});
    for (std::int64_t i = 0; i < crop.size(); ++i)
      crop.elements()[static_cast<std::size_t>(i)] = canvas.view().at(
          i / (crop.shape().height() * crop.shape().width()),
          top + i / crop.shape().width() % crop.shape().height(), left + i % crop.shape().width());
    const Array of_crop = gradient_of(random, crop);
    for (std::int64_t c = 0; c < 3; ++c)
      for (std::int64_t y = top + needs.y.halo; y < bottom; ++y)
        for (std::int64_t x = left + needs.x.halo; x < right - needs.x.halo; ++x)
          ASSERT_NEAR(of_crop.view().at(c, y - top, x - left), grad.view().at(c, y, x),
                      1e-12 * std::abs(grad.view().at(c, y, x)))
              << number << " at " << y << " " << x;
  }
}

}  // namespace
}  // namespace reverie
