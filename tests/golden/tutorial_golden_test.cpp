// The preset `tutorial`, faithful, against TensorFlow 2's DeepDream tutorial, in a NumPy form of it
// with Caffe's gradients: see its numbers' README.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "reverie/dream/dreamer.h"
#include "reverie/dream/engine_options.h"
#include "reverie/dream/objective_terms.h"
#include "reverie/recipe/presets.h"
#include "tests/golden/golden.h"

namespace reverie {
namespace {

using namespace golden;

const std::filesystem::path folder = data / "golden/tf2";

Recipe tutorial() {
  Recipe recipe = find_preset("tutorial")->recipe(true);
  recipe.layers = {{"inception_3b/output", {}, 1}, {"inception_4c/output", {}, 1}};
  recipe.precision = Precision::exact;
  recipe.iterations = 10;  // as recorded
  const auto recording = nlohmann::json::parse(std::ifstream(folder / "rolls.json"));
  for (const auto& roll : recording["rolls"])
    recipe.jitter_from.push_back(
        {roll["shift"][1].get<int>(), roll["shift"][0].get<int>()});  // recorded as row, column
  return recipe;
}

// A recorded picture of -1..1, in display units.
Tensor recorded(const std::string& name) {
  Tensor picture = planar(read_npy(folder / ("sky512_3b4c_" + name + ".npy")));
  for (float& v : picture.elements()) v = (v + 1) * 127.5f;
  return picture;
}

Image source() { return read_image(data / "golden/notebook/sky512.png"); }

TEST(TutorialGolden, ResizesAsTensorFlowDoes) {
  REVERIE_NEEDS(folder / "rolls.json");
  const Worst worst =
      worst_difference(resized(source().color, {227, 302}, Resizing::tf2), recorded("resized0"));
  EXPECT_LE(worst.difference, 1e-4) << "at index " << worst.index;
  std::printf("  resized: worst difference %.1e of 255\n", worst.difference);
}

TEST(TutorialGolden, FirstGradientIsItsOwn) {
  REVERIE_NEEDS(folder / "rolls.json");
  const Recipe recipe = tutorial();
  const Network network = googlenet();
  const auto bound = std::make_shared<const BoundObjective>(
      bind(objective_of(recipe, network, {}), network.graph));
  const auto compiler = make_compiler(network.graph, bound->layers, recipe.precision);
  const OctaveOptions options = octave_options(recipe);

  const Tensor start = resized(source().color, {227, 302}, Resizing::tf2);
  Tensor rolled(start.shape()), grad(start.shape()), back(start.shape());
  const auto [x, y] = recipe.jitter_from[0];
  roll(start, {x, y}, rolled);
  OctaveGradient gradient_of({227, 302}, *compiler, bound, options.tiling, {});
  gradient_of.run(rolled, grad, {});
  roll(grad, {-x, -y}, back);
  const double size = normalize(back, options.ascent.normalize, options.ascent.epsilon);
  for (float& v : back.elements()) v = static_cast<float>(v / size);
  const Tensor expected = planar(read_npy(folder / "sky512_3b4c_grad1.npy"));
  const Worst worst = worst_difference(back, expected);
  EXPECT_LE(worst.difference, 2e-4) << "at index " << worst.index;  // of values up to 13
  EXPECT_LE(relative_l2(back, expected), 1e-5);
  std::printf("  gradient: worst difference %.1e of 13, %.1e relative L2\n", worst.difference,
              relative_l2(back, expected));
}

TEST(TutorialGolden, FirstStepAndOctaveAreItsOwn) {
  REVERIE_NEEDS(folder / "rolls.json");
  Dreamer dreamer(googlenet(), tutorial());
  CancelToken cancel;
  DreamControl control;
  control.cancel = &cancel;
  Tensor first, tenth;
  control.observe = [&](const DreamProgress& at, ConstView canvas) {
    if (at.iteration == 0) first = Tensor::copy_of(canvas);
    if (at.iteration < 9) return;
    tenth = Tensor::copy_of(canvas);
    cancel.cancel();
  };
  dreamer.dream(source(), control);
  const Worst worst = worst_difference(first, recorded("step1"));
  EXPECT_LE(worst.difference, 3e-4) << "at index " << worst.index;  // 2e-6 of -1..1
  const double octave = psnr(tenth, recorded("octave0"), 255);
  EXPECT_GE(octave, 39);  // 41 to 43 between engines, 34 with other rolls
  std::printf("  first step: worst difference %.1e of 255; first octave: %.1f dB\n",
              worst.difference, octave);
}

}  // namespace
}  // namespace reverie
