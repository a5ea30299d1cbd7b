// The classic dream against google/deepdream's own notebook, run with Caffe: see its numbers'
// README. A dream is chaotic, so only single steps from recorded states are compared.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "reverie/dream/dreamer.h"
#include "reverie/image/resample.h"
#include "tests/golden/golden.h"

namespace reverie {
namespace {

using namespace golden;

const std::filesystem::path folder = data / "golden/notebook";

Recipe notebook_recipe() {
  Recipe recipe;
  recipe.layers = {{"inception_4c/output", {}, 1}};
  recipe.precision = Precision::exact;
  const auto recording = nlohmann::json::parse(std::ifstream(folder / "jitter.json"));
  for (const auto& pair : recording["jitter"])
    recipe.jitter_from.push_back({pair[0].get<int>(), pair[1].get<int>()});
  return recipe;
}

Tensor recorded(const std::string& name) {
  return planar(read_npy(folder / ("sky512_4c_" + name + ".npy")));
}

Tensor minus(ConstView a, ConstView b) {
  Tensor difference(a.shape());
  for (std::int64_t i = 0; i < a.size(); ++i) difference[i] = a[i] - b[i];
  return difference;
}

TEST(NotebookGolden, FirstStepIsTheNotebooks) {
  REVERIE_NEEDS(folder / "jitter.json");
  Dreamer dreamer(googlenet(), notebook_recipe());
  DreamControl control;
  CancelToken cancel;
  control.cancel = &cancel;
  Tensor after_first;
  control.observe = [&](const DreamProgress& progress, ConstView canvas) {
    if (progress.octave == 0 && progress.iteration == 0) after_first = Tensor::copy_of(canvas);
    cancel.cancel();
  };
  dreamer.dream(read_image(folder / "sky512.png"), control);
  const Worst worst = worst_difference(after_first, recorded("step1"));
  EXPECT_LE(worst.difference, 2e-3) << "at index " << worst.index;
  std::printf("  first step: worst difference %.1e of 255\n", worst.difference);
}

// One step at each octave's start, from the state that Caffe recorded at the end of the one before.
TEST(NotebookGolden, StepsFromRecordedStates) {
  REVERIE_NEEDS(folder / "jitter.json");
  Dreamer dreamer(googlenet(), [] {
    Recipe recipe = notebook_recipe();
    recipe.octaves = 1;
    recipe.iterations = 1;
    return recipe;
  }());

  // The bases: the picture shrunk step by step, as the notebook does
  std::vector<Tensor> bases(4);
  bases[3] = read_image(folder / "sky512.png").color.clone();
  const std::int64_t sizes[4][2] = {{140, 186}, {196, 261}, {274, 366}, {384, 512}};
  for (int k = 2; k >= 0; --k)
    bases[static_cast<std::size_t>(k)] = resampled(bases[static_cast<std::size_t>(k) + 1],
                                                   sizes[k][0], sizes[k][1], Resampler::scipy_zoom);

  std::vector<double> errors;
  for (int octave = 0; octave < 4; ++octave) {
    const auto k = static_cast<std::size_t>(octave);
    Tensor start = bases[k].clone();
    if (octave > 0) {
      const Tensor detail = minus(recorded("octave" + std::to_string(octave - 1)), bases[k - 1]);
      const Tensor enlarged =
          resampled(detail, sizes[octave][0], sizes[octave][1], Resampler::scipy_zoom);
      for (std::int64_t i = 0; i < start.size(); ++i) start[i] += enlarged[i];
    }
    Recipe recipe = dreamer.recipe();
    recipe.jitter_from = {notebook_recipe().jitter_from[static_cast<std::size_t>(10 * octave)]};
    Dreamer one_step(googlenet(), recipe);
    const DreamResult result = one_step.dream({start.clone(), {}}, {});
    const Tensor expected = recorded("step" + std::to_string(10 * octave + 1));
    errors.push_back(relative_l2(minus(result.frame.color, start), minus(expected, start)));
    std::printf("  step %d: relative L2 %.1e of the update\n", 10 * octave + 1, errors.back());
  }
  std::sort(errors.begin(), errors.end());
  EXPECT_LT((errors[1] + errors[2]) / 2, 1e-3);
  EXPECT_LT(errors[3], 1e-2);
}

}  // namespace
}  // namespace reverie
