// recipe.h: everything that decides what a dream looks like, described in one place.
//
// The command line, the JSON form, the checks, the help and the table in the README are all made
// from describe(). What changes only the speed (threads, device, memory) is not here.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/recipe/layer_spec.h"
#include "reverie/recipe/setting.h"

namespace REVERIE_API reverie {

// A jitter offset in pixels, [x, y].
using Offset2 = std::array<int, 2>;

struct Recipe {
  std::string preset = "classic";
  bool faithful = false;
  std::string model;
  std::string input_transform;
  std::vector<LayerSpec> layers;
  Reduction objective = Reduction::l2;
  std::string labels;
  std::vector<GuideSpec> guide;
  std::string mask;
  bool mask_invert = false;
  double mask_feather = 0;
  std::string size;
  Start start = Start::source;
  bool wrap = false;
  OctaveMode octave_mode = OctaveMode::detail;
  int octaves = 4;
  double octave_scale = 1.4;
  int octaves_above = 0;
  double keep = 0.2;
  Resizing resize = Resizing::scipy;
  int iterations = 10;
  double step = 1.5;
  Normalization normalize = Normalization::mean_abs;
  Smoothing smooth = Smoothing::none;
  OptimizerKind optimizer = OptimizerKind::ascent;
  double momentum = 0.9;
  double tv_penalty = 0;
  double source_penalty = 0;
  double blur = 0;
  int jitter = 32;
  std::vector<Offset2> jitter_from;
  bool flip = false;
  double turn = 0;
  double stretch = 1;
  bool clip = true;
  ToneMatch match_tone = ToneMatch::none;
  Color color = Color::free;
  double blend = 0;
  Tiling tiling = Tiling::blended;
  int tile = 0;
  std::uint64_t seed = 0;
  Precision precision = Precision::fast;

  friend bool operator==(const Recipe&, const Recipe&) = default;
};

// Calls field(value, Label, domain) for every setting, in the order in which they are shown. `R` is
// Recipe or const Recipe.
template <class R, class Visitor>
void describe(R& r, Visitor&& field) {
  field(r.preset, Label{"preset", 'p', "settings to start from; what is said besides wins", ""},
        Text{"NAME|FILE"});
  field(r.faithful,
        Label{"faithful", 0,
              "take the preset's program as it was, with its faults: see docs/presets.md", ""},
        Flag{});
  field(r.model,
        Label{"model", 'm', "network to dream with, by name or file; empty: the one inside", ""},
        Text{"NAME|FILE"});
  field(
      r.input_transform,
      Label{"input-transform", 0,
            "how the network wants its pictures, for instance bgr,mean=104:117:123 or range=-1:1; "
            "empty: as is known of it, or its file says",
            ""},
      Text{"SPEC"});
  field(r.layers,
        Label{"layer", 'l',
              "what to amplify, NAME[:CHANNEL[,CHANNEL...]][@KEY=VALUE][=WEIGHT]; repeatable; a "
              "negative weight suppresses; a glob or unique end of a name is enough; keys: at=X,Y "
              "(0 to 1), octaves=FIRST-LAST, direction=FILE, class=NUMBER|LABEL, mask=IMAGE; "
              "empty: the "
              "network's default",
              ""},
        LayerList{});
  field(r.objective,
        Label{"objective", 0,
              "what grows in a layer: energy: half the sum of squares; square: their mean; mean; "
              "l1: the sum of absolute values",
              ""},
        Choice<Reduction>{reduction_names});
  field(r.labels,
        Label{"labels", 0, "file with a class's label in each line, for @class=LABEL", ""},
        Text{"FILE"});
  field(r.guide,
        Label{"guide", 0,
              "picture whose features the dream takes on, where it is opaque; repeatable; a weight "
              "may follow; empty: none",
              ""},
        GuideList{});
  field(
      r.mask,
      Label{"mask", 0,
            "picture of any size that says where to dream: where it is white, or opaque if it has "
            "transparent parts; elsewhere not a bit changes; empty: everywhere",
            ""},
      Text{"IMAGE"});
  field(r.mask_invert, Label{"mask-invert", 0, "dream where the mask says not to", ""}, Flag{});
  field(
      r.mask_feather,
      Label{"mask-feather", 0, "how far the dream fades towards the mask's edge, inside it", "px"},
      Range<double>{0, 1000});
  field(r.size,
        Label{"size", 0, "resize first, to WxH or so that the longer side is MAX; empty: as it is",
              "px"},
        SizeText{});
  field(r.start,
        Label{"start", 0, "what the dream begins with: the picture, or noise or grey of its size",
              ""},
        Choice<Start>{start_names});
  field(r.wrap,
        Label{"wrap", 0,
              "let the picture go on at the opposite edge: the dream can be laid side by side "
              "without a seam",
              ""},
        Flag{});
  field(
      r.octave_mode,
      Label{"ladder", 0,
            "what a level starts from; detail: the picture and what was dreamed below; running: "
            "the dream below alone; recursion: keep parts of the picture, the rest the dream below",
            ""},
      Choice<OctaveMode>{octave_mode_names});
  field(
      r.octaves,
      Label{"octaves", 0, "levels of the pyramid, each smaller than the next by octave-scale", ""},
      Range<int>{1, 16});
  field(r.octave_scale,
        Label{"octave-scale", 0,
              "ratio between neighbouring levels, at least 1.05; 1: all at one size, for recursion",
              ""},
        Range<double>{1, 2.0});
  field(r.octaves_above,
        Label{"octaves-above", 0, "of the octaves, how many are larger than the picture", ""},
        Range<int>{0, 8});
  field(r.keep, Label{"keep", 0, "share of each level's own picture in a recursion", ""},
        Range<double>{0, 1});
  field(r.resize,
        Label{"resize", 0,
              "how levels change size: bilinear as SciPy, TensorFlow 1, 2 or OpenCV have it; "
              "Lanczos, or that in 8 bit as Pillow has it",
              ""},
        Choice<Resizing>{resizing_names});
  field(r.iterations, Label{"iterations", 0, "steps of ascent at each level", ""},
        Range<int>{1, 10000});
  field(r.step,
        Label{"step", 0, "how far one iteration moves a pixel, in the sense of --normalise",
              "levels of 255"},
        Range<double>{0, 1000});
  field(r.normalize,
        Label{"normalise", 0,
              "what makes all steps equally long: mean: of absolute values; std: the deviation; "
              "standard: the same with the mean taken off; bands: each scale of detail by itself",
              ""},
        Choice<Normalization>{normalization_names});
  field(r.smooth,
        Label{"smooth", 0,
              "what softens a step; growing: wider Gaussians from step to step; growing-colour: "
              "across the colours too; cascade: three small ones",
              ""},
        Choice<Smoothing>{smoothing_names});
  field(
      r.optimizer,
      Label{
          "optimiser", 0,
          "how a step comes of slopes; plain: the last one; momentum: a running mean; adam: that, "
          "every value at its own pace",
          ""},
      Choice<OptimizerKind>{optimizer_names});
  field(r.momentum,
        Label{"momentum", 0, "share of the running mean that each step keeps, not for plain", ""},
        Range<double>{0, 0.999});
  field(r.tv_penalty,
        Label{"total-variation", 0,
              "how much grain is climbed less; 1: as strongly as the objective is climbed", ""},
        Range<double>{0, 100});
  field(
      r.source_penalty,
      Label{"source-distance", 0,
            "how much distance from the picture is climbed less; 1: as strongly as the objective, "
            "16 levels away",
            ""},
      Range<double>{0, 100});
  field(r.blur,
        Label{"blur", 0,
              "how far a Gaussian softens the picture after each step: grain fades, shapes stay",
              "px"},
        Range<double>{0, 20});
  field(r.jitter,
        Label{"jitter", 0, "greatest random shift before each step, along x and y; 0: none", "px"},
        Range<int>{0, 4096});
  field(
      r.jitter_from,
      Label{"jitter-from", 0,
            "JSON file with a list of [x, y] shifts to use in order instead of random ones", "px"},
      OffsetList{});
  field(r.flip, Label{"flip", 0, "before each step, mirror the picture or not, at random", ""},
        Flag{});
  field(r.turn, Label{"turn", 0, "greatest random turn before each step", "degrees"},
        Range<double>{0, 180});
  field(r.stretch,
        Label{"stretch", 0, "greatest random change of scale before each step, either way", ""},
        Range<double>{1, 2});
  field(r.clip, Label{"clip", 0, "keep every value between black and white after each step", ""},
        Flag{});
  field(r.match_tone,
        Label{"hold", 0,
              "what stays as in the picture however long it is dreamed; mean: brightness and tint; "
              "tone: these, and contrast and saturation within 2 %",
              ""},
        Choice<ToneMatch>{tone_match_names});
  field(r.color,
        Label{"colour", 0, "free: colours dream too; keep: they stay, and only light changes", ""},
        Choice<Color>{color_names});
  field(r.blend, Label{"blend", 0, "share of the original mixed into the result", ""},
        Range<double>{0, 1});
  field(r.tiling,
        Label{"tiling", 0,
              "how tiles are laid; faded: without seams; others as programs did: strips, skip-last "
              "and first leave parts out, random cuts anywhere",
              ""},
        Choice<Tiling>{tiling_names});
  field(r.tile,
        Label{"tile", 0, "compute in tiles of this size; 0: whole, or as memory demands", "px"},
        Range<int>{0, 65536});
  field(r.seed, Label{"seed", 0, "of the random numbers: another seed, another dream", ""},
        Range<std::uint64_t>{0, ~std::uint64_t{0}});
  field(r.precision,
        Label{"precision", 0,
              "exact: the same bits at any thread count; fast: what is fastest in float32; half: "
              "bfloat16 where the processor has it",
              ""},
        Choice<Precision>{precision_names});
}

// Errors: BadRecipe naming the first setting that is out of its range, and the range; or two
// settings that contradict each other, and what to do.
void validate(const Recipe& recipe);

const char* to_string(Precision precision);

// A wanted picture size: either width and height, or the longer side.
struct WantedSize {
  int width = 0, height = 0;  // px; 0 when `longest` is given
  int longest = 0;            // px
};

// "640x480" or "1024"; nothing for an empty text. Errors: BadRecipe.
std::optional<WantedSize> parse_size(std::string_view text);

// {width, height} in px of a picture after parse_size(text); unchanged for an empty text. Errors:
// BadRecipe.
std::pair<std::int64_t, std::int64_t> fitted_size(std::string_view text, std::int64_t width,
                                                  std::int64_t height);

}  // namespace reverie
