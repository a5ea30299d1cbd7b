#include "reverie/graph/axis_map.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "reverie/graph/graph.h"
#include "reverie/graph/shapes.h"

namespace reverie {
namespace {

using Row = std::vector<double>;

Row mapped(const AxisMap& map, const Row& in) {
  Row out;
  for (int o = 0; o < map.outputs(); ++o) {
    double sum = 0;
    for (auto t = static_cast<std::size_t>(map.begin[static_cast<std::size_t>(o)]);
         t < static_cast<std::size_t>(map.begin[static_cast<std::size_t>(o) + 1]); ++t)
      sum += double{map.weights[t]} * in[static_cast<std::size_t>(map.cells[t])];
    out.push_back(sum);
  }
  return out;
}

void expect_near(const Row& found, const Row& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-5) << i;
}

const Row row{1, 2, 4, 8, 16};

std::int64_t resized_width(std::int64_t width, float scale) {
  Graph graph;
  graph.add("data", Input{}, {});
  Resize resize;
  resize.scale_w = scale;
  graph.add("resized", resize, {0});
  return infer_shapes(graph, 1, width)[1].width();
}

Row resized(Resize resize, float scale) {
  resize.scale_w = scale;
  return mapped(plane_map(resize, {1, 1, 5}, {1, 1, resized_width(5, scale)}).columns, row);
}

constexpr auto half_pixel = Resize::Coordinates::half_pixel;
constexpr auto asymmetric = Resize::Coordinates::asymmetric;
constexpr auto align_corners = Resize::Coordinates::align_corners;

// The numbers are those of PyTorch 1.13: F.interpolate with modes nearest, nearest-exact, bilinear.
TEST(AxisMap, ResizesAsPyTorchDoes) {
  const Resize nearest{Resize::Method::nearest, asymmetric, Resize::Rounding::down, 1, 1};
  expect_near(resized(nearest, 2), {1, 1, 2, 2, 4, 4, 8, 8, 16, 16});
  expect_near(resized(nearest, 1.5f), {1, 1, 2, 4, 4, 8, 16});
  expect_near(resized(nearest, 0.6f), {1, 2, 8});
  const Resize exact{Resize::Method::nearest, half_pixel, Resize::Rounding::to_nearest_up, 1, 1};
  expect_near(resized(exact, 1.4f), {1, 2, 2, 4, 8, 8, 16});
  expect_near(resized(exact, 0.6f), {1, 4, 16});

  const Resize linear{Resize::Method::linear, half_pixel, {}, 1, 1};
  expect_near(resized(linear, 2), {1, 1.25, 1.75, 2.5, 3.5, 5, 7, 10, 14, 16});
  expect_near(resized(linear, 1.5f), {1, 1.5, 2.3333333, 3.6666667, 6, 9.3333333, 14.6666667});
  expect_near(resized(linear, 0.6f), {1.3333333, 4, 13.3333333});
  const Resize corners{Resize::Method::linear, align_corners, {}, 1, 1};
  expect_near(resized(corners, 2), {1, 1.4444444, 1.8888889, 2.6666667, 3.5555556, 4.8888889,
                                    6.6666667, 8.8888889, 12.4444444, 16});
  expect_near(resized(corners, 0.6f), {1, 4, 16});
}

// A scale that was rounded to float loses no cell: 49 * (1 / 49) is below 1 in float.
TEST(AxisMap, ScalesGiveTheSizesOfPyTorch) {
  EXPECT_EQ(resized_width(49, 1.f / 49), 1);
  EXPECT_EQ(resized_width(33, 65.f / 33), 65);
  EXPECT_EQ(resized_width(10, 0.7f), 7);
  EXPECT_EQ(resized_width(5, 1.5f), 7);
  EXPECT_EQ(resized_width(513, 0.25f), 128);
}

// By hand: output 1 of scale 2 lies at 0.5.
TEST(AxisMap, RoundsAHalfAsItIsTold) {
  Resize resize{Resize::Method::nearest, asymmetric, Resize::Rounding::to_nearest_down, 1, 1};
  expect_near(resized(resize, 2), {1, 1, 2, 2, 4, 4, 8, 8, 16, 16});
  resize.rounding = Resize::Rounding::to_nearest_up;
  expect_near(resized(resize, 2), {1, 2, 2, 4, 4, 8, 8, 16, 16, 16});
  resize.rounding = Resize::Rounding::up;
  expect_near(resized(resize, 2), {1, 2, 2, 4, 4, 8, 8, 16, 16, 16});
  resize.rounding = Resize::Rounding::down;
  expect_near(resized(resize, 2), {1, 1, 2, 2, 4, 4, 8, 8, 16, 16});
}

// The numbers are those of PyTorch's F.pad.
TEST(AxisMap, PadsAsPyTorchDoes) {
  const auto padded = [](Pad::Mode mode, int left, int right) {
    return mapped(
        plane_map(Pad{mode, 0, left, 0, right}, {1, 1, 5}, {1, 1, 5 + left + right}).columns, row);
  };
  expect_near(padded(Pad::Mode::reflect, 2, 3), {4, 2, 1, 2, 4, 8, 16, 8, 4, 2});
  expect_near(padded(Pad::Mode::edge, 2, 3), {1, 1, 1, 2, 4, 8, 16, 16, 16, 16});
  expect_near(padded(Pad::Mode::zero, 2, 3), {0, 0, 1, 2, 4, 8, 16, 0, 0, 0});
  expect_near(padded(Pad::Mode::zero, -1, -2), {2, 4});  // what is negative is cut off
}

TEST(AxisMap, TransposedIsTheAdjoint) {
  const Resize linear{Resize::Method::linear, half_pixel, {}, 1, 1.7f};
  const AxisMap map = plane_map(linear, {1, 1, 5}, {1, 1, 8}).columns;
  const Row other{3, -1, 2, 5, -4, 1, 0.5, 2};
  const Row there = mapped(map, row), back = mapped(transposed(map, 5), other);
  double ahead = 0, behind = 0;
  for (std::size_t i = 0; i < 8; ++i) ahead += there[i] * other[i];
  for (std::size_t i = 0; i < 5; ++i) behind += back[i] * row[i];
  EXPECT_NEAR(ahead, behind, 1e-9);
  EXPECT_EQ(transposed(map, 5).outputs(), 5);
}

}  // namespace
}  // namespace reverie
