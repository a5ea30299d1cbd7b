#include "reverie/octave/hard_tiles.h"

#include <gtest/gtest.h>

#include <cmath>

#include "reverie/base/random.h"

namespace reverie {
namespace {

std::vector<Tile> fixed(Tiling tiling, Size canvas) { return hard_tiles(tiling, canvas, 512, {}); }

TEST(HardTiles, StripsLeaveARemainderOfHalfATileAlone) {
  EXPECT_EQ(fixed(Tiling::strips, {300, 512}), (std::vector<Tile>{{0, 0, 300, 512}}));
  EXPECT_EQ(fixed(Tiling::strips, {768, 513}), (std::vector<Tile>{{0, 0, 512, 512}}));
  EXPECT_EQ(fixed(Tiling::strips, {769, 400}),
            (std::vector<Tile>{{0, 0, 512, 400}, {512, 0, 257, 400}}));
}

// As the tiles in the recorded run of TensorFlow 2's tutorial.
TEST(HardTiles, SkipLastSkipsTheLastOfEachAxis) {
  EXPECT_EQ(fixed(Tiling::skip_last, {227, 302}), (std::vector<Tile>{{0, 0, 227, 302}}));
  EXPECT_EQ(fixed(Tiling::skip_last, {499, 665}), (std::vector<Tile>{{0, 0, 499, 512}}));
  EXPECT_EQ(fixed(Tiling::skip_last, {1024, 1025}),
            (std::vector<Tile>{{0, 0, 512, 512}, {0, 512, 512, 512}}));
}

TEST(HardTiles, FirstIsOne) {
  EXPECT_EQ(fixed(Tiling::first, {1500, 600}), (std::vector<Tile>{{0, 0, 512, 512}}));
  EXPECT_EQ(fixed(Tiling::first, {100, 600}), (std::vector<Tile>{{0, 0, 100, 512}}));
}

// As the first tiles in the recorded run of the second seed.
TEST(HardTiles, RandomOnesCoverThePictureFromADrawnStart) {
  std::vector<std::pair<int, int>> asked;
  const int drawn[] = {-190, -169, -364};
  const auto tiles = hard_tiles(Tiling::random, {384, 512}, 400, [&](int low, int high) {
    asked.emplace_back(low, high);
    return drawn[asked.size() - 1];
  });
  EXPECT_EQ(asked, (std::vector<std::pair<int, int>>{{-288, -96}, {-384, -128}, {-384, -128}}));
  EXPECT_EQ(tiles,
            (std::vector<Tile>{
                {0, 0, 194, 343}, {0, 343, 194, 169}, {194, 0, 190, 148}, {194, 148, 190, 364}}));
}

Graph one_convolution() {
  Graph graph;
  graph.name = "small";
  graph.add("data", Input{}, {});
  auto weights = std::make_shared<Tensor>(Shape{1, 3, 1, 1});
  for (float& v : weights->elements()) v = 1;
  graph.add("a", Convolution{{}, 1, weights, {}, {}}, {0});
  return graph;
}

TEST(HardTiledGradient, NormalisesRandomTilesOneByOne) {
  const Graph graph = one_convolution();
  auto objective = std::make_shared<const BoundObjective>(bind({{{"a", {}, 1, {}}}}, graph));
  const auto compiler = make_compiler(graph, objective->layers, Precision::exact);
  HardTiledGradient gradient(*compiler, objective, Tiling::random, 20, 0);
  Tensor canvas({3, 20, 40}), grad(canvas.shape());
  RandomStream stream = Random(3).at(RandomUse::noise, 0, 0, 0);
  for (float& v : canvas.elements()) v = stream.uniform() * 255;
  for (std::int64_t i = 0; i < canvas.size(); ++i)
    if (i % 40 >= 10) canvas[i] *= 0.01f;  // the right side answers a hundred times less
  gradient.run(canvas, grad, [](int, int high) { return high - 5; });  // -5 - 5 = 10 px come first

  double left = 0, right = 0;
  for (std::int64_t c = 0; c < 3; ++c)
    for (std::int64_t y = 10; y < 20; ++y) {
      for (std::int64_t x = 0; x < 10; ++x) left += std::pow(grad.view().at(c, y, x), 2);
      for (std::int64_t x = 10; x < 20; ++x) right += std::pow(grad.view().at(c, y, x), 2);
    }
  EXPECT_LT(left / right, 3);
  EXPECT_GT(left / right, 1.0 / 3);
}

TEST(HardTiledGradient, GivesNothingWhereNoTileIs) {
  const Graph graph = one_convolution();
  auto objective = std::make_shared<const BoundObjective>(bind({{{"a", {}, 1, {}}}}, graph));
  const auto compiler = make_compiler(graph, objective->layers, Precision::exact);
  HardTiledGradient gradient(*compiler, objective, Tiling::first, 8, 0);
  Tensor canvas({3, 10, 10}), grad(canvas.shape());
  for (float& v : canvas.elements()) v = 2;
  gradient.run(canvas, grad, {});
  EXPECT_EQ(grad.view().at(1, 7, 7), 6.f);
  EXPECT_EQ(grad.view().at(1, 8, 7), 0.f);
  EXPECT_EQ(grad.view().at(1, 7, 8), 0.f);
}

}  // namespace
}  // namespace reverie
