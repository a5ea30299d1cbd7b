#include "reverie/octave/blended_tiles.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "reverie/base/error.h"
#include "reverie/base/random.h"

namespace reverie {
namespace {

TEST(TileStarts, CoverEvenlyWithTheOverlapAskedFor) {
  for (std::int64_t length : {64, 65, 100, 127, 128, 129, 500, 1000})
    for (std::int64_t tile : {33, 64})
      for (std::int64_t overlap : {0, 8, 16}) {
        const auto starts = tile_starts(length, tile, overlap, 1);
        ASSERT_EQ(starts.front(), 0);
        ASSERT_EQ(starts.back(), length - tile);
        for (std::size_t i = 1; i < starts.size(); ++i)
          ASSERT_GE(starts[i - 1] + tile - starts[i], overlap)
              << length << " " << tile << " " << overlap;
      }
  EXPECT_EQ(tile_starts(64, 64, 16, 1).size(), 1u);
}

TEST(TileStarts, LieOnTheAlignmentGrid) {
  for (std::int64_t length : {1000, 1023, 4001})
    for (std::int64_t wanted : {64, 100, 500}) {
      const std::int64_t tile = aligned_tile(length, wanted, 32);
      EXPECT_GE(tile, wanted);
      EXPECT_LT(tile, wanted + 32);
      const auto starts = tile_starts(length, tile, tile / 2, 32);
      EXPECT_GT(starts.size(), 1u);
      EXPECT_EQ(starts.back(), length - tile);
      for (std::size_t i = 0; i < starts.size(); ++i) {
        EXPECT_EQ(starts[i] % 32, 0);
        if (i > 0) {
          EXPECT_GE(starts[i - 1] + tile - starts[i], tile / 2);
        }
      }
    }
  EXPECT_EQ(aligned_tile(300, 500, 32), 300);
}

TEST(Blend, HasTheHaloThatTheLayersNeedWhereHalfATileHoldsIt) {
  const FootprintAxis needs{16, 299, 0, 0, 298};
  EXPECT_EQ(blend_of(needs, true, 1224), (Blend{298, 16, true}));
  EXPECT_EQ(blend_of(needs, true, 1223), (Blend{229, 152, false}));
  EXPECT_EQ(blend_of(needs, false, 4096), (Blend{768, 512, false}));
  EXPECT_LE(blend_of(needs, true, 256).overlap(), 128);
}

// A plan whose gradient is the canvas itself: what tiles add up to can be read off. Within `border`
// px of its edges it is 0, as padding spoils what lies there.
class Mirror : public Plan {
 public:
  explicit Mirror(Shape shape, std::int64_t border)
      : shape_(shape), border_(border), value_(shape), output_grad_(shape) {}
  const Shape& canvas_shape() const override { return shape_; }
  int targets() const override { return 1; }
  const Shape& target_shape(int) const override { return shape_; }
  bool forward(ConstView canvas, const CancelToken*) override {
    value_ = Tensor::copy_of(canvas);
    for (std::int64_t i = 0; i < value_.size(); ++i) {
      const std::int64_t y = i / shape_.width() % shape_.height(), x = i % shape_.width();
      if (std::min({y, x, shape_.height() - 1 - y, shape_.width() - 1 - x}) < border_)
        value_[i] = 0;
    }
    return true;
  }
  ConstView activation(int) const override { return value_; }
  View output_grad(int) override { return output_grad_; }
  bool backward(View grad, const CancelToken*) override {
    std::copy(output_grad_.elements().begin(), output_grad_.elements().end(), grad.data());
    return true;
  }
  std::size_t memory_bytes() const override { return 0; }

 private:
  Shape shape_;
  std::int64_t border_;
  Tensor value_, output_grad_;
};

std::unique_ptr<Gradient> mirror_gradient(Shape shape, std::optional<Place> at = {}, Mask mask = {},
                                          std::int64_t border = 0) {
  auto objective = std::make_shared<BoundObjective>();
  objective->layers = {0};
  objective->terms.push_back({0, {0, 1, 2}, 1, {}});
  objective->terms[0].at = at;
  objective->terms[0].mask = std::move(mask);
  return std::make_unique<Gradient>(std::make_unique<Mirror>(shape, border), objective);
}

// Of the mirror's layer, as if one position depended on `field` px.
CanvasGeometry mirror_geometry(std::int64_t height, std::int64_t width, std::int64_t field = 41) {
  CanvasGeometry geometry;
  const FootprintAxis axis{1, field, field - 1, field - 1, field - 1};
  geometry.footprint = {true, axis, axis};
  geometry.fields = {{true, {1, 0, 0}, {1, 0, 0}}};
  geometry.shapes = {{3, height, width}};
  return geometry;
}

// Whatever share of the tile the overlap may take.
TEST(TiledGradient, WeightsAddUpToOneAndValuesToTheWholes) {
  for (const auto& [height, width, field] :
       {std::tuple{150, 333, 11}, {150, 333, 41}, {100, 100, 41}, {101, 260, 41}}) {
    TiledGradient tiled(mirror_gradient({3, 100, 100}), {height, width},
                        mirror_geometry(height, width, field));
    Tensor canvas({3, height, width}), grad({3, height, width});
    RandomStream stream = Random(1).at(RandomUse::noise, 0, 0, 0);
    for (float& v : canvas.elements()) v = stream.uniform();
    const double value = tiled.run(canvas, grad);
    double expected = 0;
    for (std::int64_t i = 0; i < grad.size(); ++i) {
      ASSERT_NEAR(grad[i], canvas[i], 1e-6) << i;
      expected += canvas[i] * canvas[i] / 2.0;
    }
    EXPECT_NEAR(value, expected, 1e-6 * expected);
  }
}

// A tile counts, in the gradient and in the value, only where its own edges have spoiled nothing.
TEST(TiledGradient, IsTheWholesWhateverPaddingSpoilsInTiles) {
  constexpr std::int64_t height = 150, width = 333, border = 10;
  Tensor canvas({3, height, width}), grad({3, height, width});
  for (float& v : canvas.elements()) v = 2;
  TiledGradient tiled(mirror_gradient({3, 100, 100}, {}, {}, border), {height, width},
                      mirror_geometry(height, width, border + 1));
  ASSERT_TRUE(tiled.is_exact());
  const double value = tiled.run(canvas, grad);
  for (std::int64_t i = 0; i < grad.size(); ++i) {
    const std::int64_t y = i / width % height, x = i % width;
    const bool is_inside = std::min({y, x, height - 1 - y, width - 1 - x}) >= border;
    ASSERT_NEAR(grad[i], is_inside ? 2 : 0, 1e-6) << y << ", " << x;
  }
  EXPECT_NEAR(value, 2 * 2 / 2 * 3 * (height - 2 * border) * (width - 2 * border), 1);
}

Tensor drawn(Shape shape) {
  Tensor canvas(shape);
  RandomStream stream = Random(1).at(RandomUse::noise, 0, 0, 0);
  for (float& v : canvas.elements()) v = 1 + stream.uniform();
  return canvas;
}

// A place of the picture is where the picture was rolled to, in whichever tiles that is.
TEST(TiledGradient, FindsAPlaceInEveryTile) {
  constexpr std::int64_t height = 150, width = 333;
  const Tensor canvas = drawn({3, height, width});
  Tensor grad(canvas.shape());
  for (const Place place : {Place{0.02, 0.9}, Place{0.5, 0.5}, Place{0.97, 0.1}})
    for (const Offset rolled : {Offset{0, 0}, Offset{40, -11}, Offset{-170, 60}}) {
      TiledGradient tiled(mirror_gradient({3, 100, 100}, place), {height, width},
                          mirror_geometry(height, width));
      ASSERT_GT(tiled.tiles(), 4);
      const double value = tiled.run(canvas, grad, rolled);
      const auto x = (static_cast<std::int64_t>(place.x * width) + rolled.x + width) % width;
      const auto y = (static_cast<std::int64_t>(place.y * height) + rolled.y + height) % height;
      for (std::int64_t i = 0; i < grad.size(); ++i) {
        const bool is_there = i % width == x && i / width % height == y;
        ASSERT_NEAR(grad[i], is_there ? canvas[i] : 0, 1e-5) << i;
      }
      double expected = 0;
      for (std::int64_t c = 0; c < 3; ++c) expected += std::pow(canvas.view().at(c, y, x), 2) / 2;
      EXPECT_NEAR(value, expected, 1e-5);  // once, in however many tiles it is
    }
}

// So is a mask, which lies over the picture and not over each tile.
TEST(TiledGradient, LaysAMaskOverTheWholePicture) {
  constexpr std::int64_t height = 150, width = 333;
  const Tensor canvas = drawn({3, height, width});
  Tensor grad(canvas.shape());
  // White in the left third
  Tensor mask({1, 1, 3});
  mask[0] = 1;
  const auto white = std::make_shared<const Tensor>(mask.clone());
  for (const Offset rolled : {Offset{0, 0}, Offset{90, 25}}) {
    TiledGradient tiled(mirror_gradient({3, 100, 100}, {}, white), {height, width},
                        mirror_geometry(height, width));
    tiled.run(canvas, grad, rolled);
    for (std::int64_t i = 0; i < grad.size(); ++i) {
      // Between the middles of two thirds the mask fades
      const double at = static_cast<double>((i % width - rolled.x + width) % width) + 0.5;
      const double weight = std::clamp(1.5 - 3 * at / width, 0.0, 1.0);
      ASSERT_NEAR(grad[i], weight * canvas[i], 1e-4) << i;
    }
  }
}

TEST(TiledGradient, RefusesTilesLargerThanTheCanvas) {
  EXPECT_THROW(
      TiledGradient(mirror_gradient({3, 100, 100}), (Size{99, 200}), mirror_geometry(99, 200)),
      BadShape);
}

}  // namespace
}  // namespace reverie
