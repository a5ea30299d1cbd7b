// The network inside the program: what it may cost, and its gradient against the reference.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "reverie/base/random.h"
#include "reverie/dream/looks.h"
#include "reverie/gradient/gradient.h"
#include "reverie/graph/cost.h"
#include "reverie/model/network.h"
#include "reverie/octave/octave_gradient.h"
#include "reverie/octave/tile.h"
#include "tests/golden/choices.h"

namespace reverie {
namespace {

// Multiplications and additions of one gradient of GoogLeNet's inception_4c/output, per megapixel.
constexpr double googlenet_gflop_per_megapixel = 93.4;

// Smooth colors under grain.
Tensor picture(std::int64_t height = 43, std::int64_t width = 53) {
  Tensor canvas({3, height, width});
  RandomStream stream = Random(5).at(RandomUse::noise, 0, 0, 0);
  std::int64_t i = 0;
  for (int channel = 0; channel < 3; ++channel)
    for (std::int64_t y = 0; y < height; ++y)
      for (std::int64_t x = 0; x < width; ++x)
        canvas.elements()[static_cast<std::size_t>(i++)] =
            std::round(120 + 70 * std::sin(0.13f * static_cast<float>(x * (channel + 1) + y)) +
                       40 * stream.uniform());
  return canvas;
}

TEST(ShippedNetwork, IsSmall) {
  const Network network = open_network("");
  const auto layer = static_cast<std::size_t>(network.graph.find("inception_4c/output"));
  EXPECT_LE(gflop_per_megapixel(network.graph)[layer], 0.35 * googlenet_gflop_per_megapixel);
  EXPECT_LE(list_networks("").front().bytes, 9'000'000u);
}

TEST(ShippedNetwork, HasNamedLooks) {
  const Network network = open_network("");
  EXPECT_GE(network.looks.size(), 4u);
  EXPECT_LE(network.looks.size(), 10u);
  for (const Look& look : network.looks) {
    EXPECT_FALSE(look.description.empty()) << look.name;
    for (const Look::Term& term : look.terms)
      EXPECT_GE(network.graph.find(term.layer), 0) << look.name;
    EXPECT_EQ(network.graph.find(look.name), network.graph.find(look.terms[0].layer)) << look.name;
    Recipe recipe;
    recipe.layers = {parse_layer_spec(look.name)};
    EXPECT_NO_THROW(validate(with_look_settings(recipe, network))) << look.name;
  }
}

// Of every layer that it is made to be dreamed on
TEST(ShippedNetwork, GradientIsThatOfTheReference) {
  const Network network = open_network("");
  const Tensor canvas = picture();
  for (const std::string& layer : network.good_layers)
    for (const Precision precision : {Precision::exact, Precision::fast}) {
      const auto bound = std::make_shared<const BoundObjective>(
          bind(Objective{{{layer, {}, 1, {}}}}, network.graph));
      const auto compiler = make_compiler(network.graph, bound->layers, precision);
      Gradient gradient(compiler->compile(canvas.shape().height(), canvas.shape().width()), bound);
      Tensor grad(canvas.shape());
      gradient.run(canvas, grad);
      const Tensor expected =
          golden::grad_of_own_choices(network.graph, network.graph.find(layer), precision, canvas);
      EXPECT_LE(golden::relative_l2(grad, expected), 1e-5) << layer;
    }
}

Tensor exact_grad(const Graph& graph, const std::string& layer, const Tensor& canvas) {
  const auto bound =
      std::make_shared<const BoundObjective>(bind(Objective{{{layer, {}, 1, {}}}}, graph));
  const auto compiler = make_compiler(graph, bound->layers, Precision::exact);
  Tensor grad(canvas.shape());
  Gradient(compiler->compile(canvas.shape().height(), canvas.shape().width()), bound)
      .run(canvas, grad);
  return grad;
}

// A file of float32 holds the same numbers as the halves inside the program
TEST(ShippedNetwork, GradientStaysAfterConversion) {
  const Network network = open_network("");
  const std::filesystem::path file =
      std::filesystem::path(::testing::TempDir()) / "shipped_as_float32.safetensors";
  save_network(network, file, WeightsType::float32);
  const Network converted = open_network(file.string());
  std::filesystem::remove(file);
  const Tensor canvas = picture();
  for (const std::string& layer : network.good_layers) {
    const Tensor before = exact_grad(network.graph, layer, canvas);
    const Tensor after = exact_grad(converted.graph, layer, canvas);
    EXPECT_TRUE(std::ranges::equal(before.elements(), after.elements())) << layer;
  }
}

// The gradient of a canvas of 448x384 in tiles, and the objective's value, against the whole.
struct TileErrors {
  double gradient, value;  // relative
};
TileErrors errors_of_tiles(const std::string& layer, Reduction reduction, int tile) {
  const Network network = open_network("");
  const Tensor canvas = picture(384, 448);
  Term term{layer, {}, 1, {}};
  term.reduction = reduction;
  const auto bound = std::make_shared<const BoundObjective>(bind(Objective{{term}}, network.graph));
  const auto compiler = make_compiler(network.graph, bound->layers, Precision::exact);
  Tensor whole(canvas.shape()), tiled(canvas.shape());
  const auto run = [&](int tile_px, Tensor& grad) {
    TilingOptions options;
    options.tile = tile_px;
    return OctaveGradient({384, 448}, *compiler, bound, options, {}).run(canvas, grad, {});
  };
  const double value = run(0, whole);
  const double of_tiles = run(tile, tiled);
  return {golden::relative_l2(tiled, whole), std::abs(of_tiles / value - 1)};
}

// Where half a tile holds the halo, tiles give what the whole gives, but for rounding and the ties
// of max-pools that it decides.
TEST(ShippedNetwork, TilesWithAHaloGiveTheWholeGradient) {
  for (const Reduction reduction : {Reduction::l2, Reduction::mean_square}) {
    const TileErrors errors = errors_of_tiles("3a/concat", reduction, 256);
    EXPECT_LE(errors.gradient, 2e-3);
    EXPECT_LE(errors.value, 1e-6);
  }
}

// Where it does not, what counts is far from the tiles' edges: the default layer sees 299 px. Tiles
// whose halo was 64 px whatever the layer gave 0.12.
TEST(ShippedNetwork, TilesBelowTheHaloGiveNearlyTheWholeGradient) {
  const TileErrors errors = errors_of_tiles("4c/output", Reduction::mean_square, 256);
  EXPECT_LE(errors.gradient, 0.1);
  EXPECT_LE(errors.value, 0.01);
}

// The gradient of a periodic picture, out of a canvas that goes on by more than the layer sees, cut
// to the picture; and the one that wrapping gives.
double error_of_wrapping(const std::string& layer, Size size) {
  constexpr std::int64_t margin = 320;  // px; a multiple of the strides
  const Network network = open_network("");
  const auto bound = std::make_shared<const BoundObjective>(
      bind(Objective{{Term{layer, {}, 1, {}}}}, network.graph));
  const auto compiler = make_compiler(network.graph, bound->layers, Precision::exact);
  const Tensor canvas = picture(size.height, size.width);
  const Size wide{size.height + 2 * margin, size.width + 2 * margin};
  Tensor continued({3, wide.height, wide.width}), continued_grad(continued.shape());
  pad_wrapped(canvas, {margin, margin}, continued);
  TilingOptions options;
  options.tile = 0;
  OctaveGradient(wide, *compiler, bound, options, {}).run(continued, continued_grad, {});
  Tensor truth(canvas.shape()), wrapped(canvas.shape());
  copy_tile(continued_grad, {margin, margin, size.height, size.width}, truth);
  options.wrap = true;
  OctaveGradient(size, *compiler, bound, options, {}).run(canvas, wrapped, {});
  return golden::relative_l2(wrapped, truth);
}

// Margins of a quarter of the side hold the halo of the first layer, and not that of the default
// one.
TEST(ShippedNetwork, WrappedGradientIsThatOfAPeriodicPicture) {
  EXPECT_LE(error_of_wrapping("3a/concat", {384, 448}), 1e-6);
  EXPECT_LE(error_of_wrapping("4c/output", {384, 448}), 0.05);
}

}  // namespace
}  // namespace reverie
