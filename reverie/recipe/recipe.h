// recipe.h: everything that decides what a dream looks like, described in one place.
//
// The command line, the JSON form, the checks, the help and docs/settings.md are all made from
// describe(). What changes only the speed (threads, device, memory) is not here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/graph/kinds.h"
#include "reverie/recipe/layer_spec.h"
#include "reverie/recipe/setting.h"

namespace REVERIE_API reverie {

// The size that a picture is resized to: width and height, or the longer side alone, or a part of
// its own size. One of the three is given.
struct WantedSize {
  int width = 0, height = 0;  // px; 0: not given
  int longest = 0;            // px; 0: not given
  double percent = 0;         // 0: not given

  friend bool operator==(const WantedSize&, const WantedSize&) = default;
};

// A plain value. What the engine's stages read as it is, they declare: see OctaveSettings and
// AscentSettings. Files are named, not opened: Dreamer opens them (see RecipeFiles).
struct Recipe : OctaveSettings, AscentSettings {
  // The preset that the other values started from; a name of presets(), or a recipe file's path.
  std::string preset = "classic";
  // Whether the preset's original program is reproduced with its faults.
  bool faithful = false;
  // Name or file of the network; empty: the built-in one.
  std::string model;
  // How the network wants its pictures; nothing: as its file or the zoo says.
  std::optional<InputTransform> input_transform;

  // What is amplified; empty: the preset's layers, else the network's default layer.
  std::vector<LayerSpec> layers;
  // How a layer's activations become the number that ascends. Not used with a guide.
  Reduction objective = Reduction::l2;
  // File with the label of one class a line, for LayerSpec::class_name.
  std::string labels;
  // Pictures whose features the dream takes on; empty: none.
  std::vector<GuideSpec> guide;

  // Picture that says where to dream, see mask_values(); empty: everywhere.
  std::string mask;
  bool mask_invert = false;
  // Distance over which the mask fades inwards, px.
  double mask_feather = 0;

  // Of a file of several pictures: 1 for the first; 0: the largest.
  int page = 0;
  // The colours of a photograph with a colour profile stay as they are, and so does the profile.
  bool keep_profile = false;

  // Resized to this first; nothing: the picture's own size.
  std::optional<WantedSize> size;
  Start start = Start::source;

  // Largest random shift before each step along x and y, px.
  int jitter = 32;
  // Shifts to use in this order instead of random ones, one for each step of each octave.
  std::vector<Offset> jitter_from;
  // Random augmentation before each step: mirroring; largest rotation in degrees; largest factor
  // of scale, at least 1.
  bool random_flip = false;
  double random_rotation = 0;
  double random_scale = 1;
  std::uint64_t seed = 0;

  // Weight of the picture in the result, 0..1.
  double blend = 0;

  Tiling tiling = Tiling::blended;
  // Side of the tiles, px; 0: one tile, or as the memory limit demands.
  int tile = 0;
  Precision precision = Precision::fast;

  friend bool operator==(const Recipe&, const Recipe&) = default;
};

namespace recipe_fields {

template <class R, class Visitor>
void describe_subject(R& r, Visitor& field) {
  field(r.preset,
        Label{.name = "preset",
              .letter = 'p',
              .help = "start from a preset or recipe file; other options override it",
              .group = setting_group::network},
        Text{"NAME|FILE", true});
  field(r.faithful,
        Label{.name = "faithful",
              .help = "reproduce the preset's original program, its faults included "
                      "(docs/presets.md)",
              .group = setting_group::network,
              .needs = {"preset", Needs::Relation::is_not, "classic"}},
        Flag{});
  field(r.model,
        Label{.name = "model",
              .letter = 'm',
              .help = "network, by name or file; empty: the built-in one",
              .group = setting_group::network},
        Text{"NAME|FILE", true});
  field(r.input_transform,
        Label{.name = "input-transform",
              .help = "input format of the network, such as bgr,mean=104:117:123 or range=-1:1; "
                      "empty: the format stated by its file or known from the zoo",
              .group = setting_group::network},
        InputTransformText{});
  field(r.layers,
        Label{.name = "layer",
              .letter = 'l',
              .help = "layer to amplify, NAME[:CHANNEL[,CHANNEL...]][@KEY=VALUE][=WEIGHT]; "
                      "repeatable; a negative weight suppresses; NAME may be a glob or a unique "
                      "ending; keys: at=X,Y (0 to 1), octaves=FIRST-LAST, direction=FILE, "
                      "class=NUMBER|LABEL, mask=IMAGE; empty: the network's default layer",
              .group = setting_group::objective,
              .animatable = true},
        LayerList{});
  field(r.objective,
        Label{.name = "objective",
              .help = "quantity to increase, computed from a layer's activations",
              .group = setting_group::objective,
              .needs = {"guide", Needs::Relation::is, ""},
              .animatable = true},
        Choice<Reduction>{reduction_names});
  field(r.labels,
        Label{.name = "labels",
              .help = "file with one class label per line, for --layer @class=LABEL",
              .group = setting_group::objective},
        Text{"FILE", true});
  field(r.guide,
        Label{.name = "guide",
              .help = "picture whose features the dream takes on; transparent parts are ignored; "
                      "repeatable; empty: none",
              .group = setting_group::objective,
              .animatable = true},
        GuideList{});
  field(r.mask,
        Label{.name = "mask",
              .help = "picture of any size that marks where to dream: its opaque parts, or its "
                      "white parts if it has no transparency; pixels elsewhere stay unchanged; "
                      "empty: everywhere",
              .group = setting_group::mask},
        Text{"IMAGE", true});
  field(r.mask_invert,
        Label{.name = "mask-invert",
              .help = "dream outside the mask instead",
              .group = setting_group::mask,
              .needs = {"mask", Needs::Relation::is_not, ""},
              .animatable = true},
        Flag{});
  field(r.mask_feather,
        Label{.name = "mask-feather",
              .help = "width of the fade at the mask's edge, measured inwards",
              .unit = "px",
              .group = setting_group::mask,
              .needs = {"mask", Needs::Relation::is_not, ""},
              .animatable = true},
        Range<double>{0, 1000, Scale::linear, 1});
  field(r.size,
        Label{.name = "size",
              .help = "resize the picture first, to WxH, to a longer side of MAX, or to a part of "
                      "its size such as 50%; full: keep its size; empty: the same, but reduce "
                      "photographs of more than 6 megapixels",
              .unit = "px",
              .group = setting_group::canvas},
        SizeText{});
  field(
      r.page,
      Label{.name = "page",
            .help = "picture of a file that has several, such as a TIFF with pages; 0: the largest",
            .group = setting_group::canvas},
      Range<int>{0, 1000});
  field(r.keep_profile,
        Label{.name = "keep-profile",
              .help = "dream in a photograph's own RGB colour profile and write it, instead of "
                      "converting to sRGB",
              .group = setting_group::canvas},
        Flag{});
  field(
      r.start,
      Label{
          .name = "start", .help = "canvas before the first step", .group = setting_group::canvas},
      Choice<Start>{start_names});
  field(r.wrap,
        Label{.name = "wrap",
              .help = "treat the picture as periodic, so that copies of the dream tile without a "
                      "seam",
              .group = setting_group::canvas},
        Flag{});
}

template <class R, class Visitor>
void describe_octaves(R& r, Visitor& field) {
  constexpr auto is_not = Needs::Relation::is_not;
  field(r.octave_mode,
        Label{.name = "octave-mode",
              .help = "canvas at the start of each octave",
              .group = setting_group::octaves,
              .needs = {"octaves", is_not, "1"},
              .animatable = true},
        Choice<OctaveMode>{octave_mode_names});
  field(r.octaves,
        Label{.name = "octaves",
              .help = "number of sizes that are dreamed in turn, smallest first",
              .group = setting_group::octaves,
              .animatable = true},
        Range<int>{1, 16});
  field(r.octave_scale,
        Label{.name = "octave-scale",
              .help = "ratio of size between neighbouring octaves, at least 1.05; 1: all of one "
                      "size, with --octave-mode recursive",
              .group = setting_group::octaves,
              .needs = {"octaves", is_not, "1"},
              .animatable = true},
        Range<double>{1, 2.0, Scale::linear, 0.05});
  field(r.octaves_above,
        Label{.name = "octaves-above",
              .help = "number of octaves that are larger than the picture",
              .group = setting_group::octaves,
              .needs = {"octave-mode", is_not, "recursive"},
              .animatable = true},
        Range<int>{0, 8});
  field(r.recursion_keep,
        Label{.name = "recursion-keep",
              .help = "weight of the picture at the start of each octave",
              .group = setting_group::octaves,
              .needs = {"octave-mode", Needs::Relation::is, "recursive"},
              .animatable = true},
        Range<double>{0, 1, Scale::linear, 0.05});
  field(r.resize,
        Label{.name = "resize",
              .help = "interpolation between octaves",
              .group = setting_group::octaves,
              .needs = {"octaves", is_not, "1"},
              .animatable = true},
        Choice<Resizing>{resizing_names});
}

template <class R, class Visitor>
void describe_ascent(R& r, Visitor& field) {
  field(r.iterations,
        Label{.name = "iterations",
              .help = "steps of gradient ascent at each octave",
              .group = setting_group::ascent,
              .animatable = true},
        Range<int>{1, 10000, Scale::logarithmic});
  field(r.step,
        Label{.name = "step",
              .help = "step size in grey levels (0-255), relative to the normalised gradient",
              .unit = "grey levels",
              .group = setting_group::ascent,
              .animatable = true},
        Range<double>{0, 1000, Scale::logarithmic});
  field(r.normalize,
        Label{.name = "normalize",
              .help = "normalisation of the gradient",
              .group = setting_group::ascent,
              .animatable = true},
        Choice<Normalization>{normalization_names});
  field(r.smooth,
        Label{.name = "smooth",
              .help = "Gaussian smoothing of the gradient",
              .group = setting_group::ascent,
              .animatable = true},
        Choice<Smoothing>{smoothing_names});
  field(r.optimizer,
        Label{.name = "optimizer",
              .help = "method of gradient ascent",
              .group = setting_group::ascent,
              .animatable = true},
        Choice<OptimizerKind>{optimizer_names});
  field(r.momentum,
        Label{.name = "momentum",
              .help = "decay of the running mean of gradients (beta1 of Adam)",
              .group = setting_group::ascent,
              .needs = {"optimizer", Needs::Relation::is_not, "ascent"},
              .animatable = true},
        Range<double>{0, 0.999, Scale::linear, 0.01});
  field(r.tv_penalty,
        Label{.name = "tv-penalty",
              .help = "weight of the total-variation penalty; 1: as strong as the objective",
              .group = setting_group::ascent,
              .animatable = true},
        Range<double>{0, 100, Scale::logarithmic});
  field(r.source_penalty,
        Label{.name = "source-penalty",
              .help = "weight of the penalty on the distance from the picture; 1: as strong as "
                      "the objective at a distance of 16 grey levels",
              .group = setting_group::ascent,
              .animatable = true},
        Range<double>{0, 100, Scale::logarithmic});
  field(r.blur,
        Label{.name = "blur",
              .help = "sigma of the Gaussian blur after each step",
              .unit = "px",
              .group = setting_group::ascent,
              .animatable = true},
        Range<double>{0, 20, Scale::linear, 0.1});
}

template <class R, class Visitor>
void describe_randomness(R& r, Visitor& field) {
  field(r.jitter,
        Label{.name = "jitter",
              .help = "largest random shift before each step, along x and y; 0: none",
              .unit = "px",
              .group = setting_group::randomness,
              .needs = {"jitter-from", Needs::Relation::is, ""},
              .animatable = true},
        Range<int>{0, 4096, Scale::logarithmic});
  field(
      r.jitter_from,
      Label{.name = "jitter-from",
            .help = "JSON file with a list of [x, y] shifts, used in order instead of random ones",
            .unit = "px",
            .group = setting_group::randomness},
      OffsetList{});
  field(r.random_flip,
        Label{.name = "random-flip",
              .help = "mirror the canvas at random before each step",
              .group = setting_group::randomness,
              .animatable = true},
        Flag{});
  field(r.random_rotation,
        Label{.name = "random-rotation",
              .help = "largest random rotation before each step, in either direction",
              .unit = "degrees",
              .group = setting_group::randomness,
              .animatable = true},
        Range<double>{0, 180, Scale::linear, 1});
  field(r.random_scale,
        Label{.name = "random-scale",
              .help = "largest random scale factor before each step; 1.1: from 1/1.1 to 1.1",
              .group = setting_group::randomness,
              .animatable = true},
        Range<double>{1, 2, Scale::linear, 0.01});
  field(r.seed,
        Label{.name = "seed",
              .help = "seed of the random numbers; random: one by chance, which is recorded",
              .group = setting_group::randomness},
        Range<std::uint64_t>{0, ~std::uint64_t{0}});
}

template <class R, class Visitor>
void describe_limits(R& r, Visitor& field) {
  field(r.clip,
        Label{.name = "clip",
              .help = "limit every value to 0-255 after each step",
              .group = setting_group::limits,
              .animatable = true},
        Flag{});
  field(r.match_tone,
        Label{.name = "match-tone",
              .help = "statistics of the original picture that are restored after each step",
              .group = setting_group::limits,
              .animatable = true},
        Choice<ToneMatch>{tone_match_names});
  field(r.color,
        Label{.name = "color",
              .help = "whether the dream changes colours",
              .group = setting_group::limits,
              .animatable = true},
        Choice<Color>{color_names});
  field(r.blend,
        Label{.name = "blend",
              .help = "weight of the original picture in the result; 0: none",
              .group = setting_group::limits,
              .animatable = true},
        Range<double>{0, 1, Scale::linear, 0.05});
  field(
      r.tiling,
      Label{.name = "tiling", .help = "arrangement of tiles", .group = setting_group::computation},
      Choice<Tiling>{tiling_names});
  field(r.tile,
        Label{.name = "tile",
              .help = "side of the tiles; 0: no tiles, unless --memory requires them",
              .unit = "px",
              .group = setting_group::computation},
        Range<int>{0, 65536, Scale::logarithmic});
  field(r.precision,
        Label{.name = "precision",
              .help = "arithmetic of the network",
              .group = setting_group::computation},
        Choice<Precision>{precision_names});
}

}  // namespace recipe_fields

// Calls field(value, Label, domain) for every setting, in the order in which they are shown. `R` is
// Recipe or const Recipe.
template <class R, class Visitor>
void describe(R& r, Visitor&& field) {
  recipe_fields::describe_subject(r, field);
  recipe_fields::describe_octaves(r, field);
  recipe_fields::describe_ascent(r, field);
  recipe_fields::describe_randomness(r, field);
  recipe_fields::describe_limits(r, field);
}

// Errors: BadRecipe naming the first setting that is out of its range, and the range; or two
// settings that contradict each other, and what to do.
void validate(const Recipe& recipe);

const char* to_string(Precision precision);

// "640x480" or "1024"; nothing for an empty text. Errors: BadRecipe.
std::optional<WantedSize> parse_size(std::string_view text);
// parse_size(to_string(size)) == size.
std::string to_string(const std::optional<WantedSize>& size);

// {width, height} in px of a picture that is resized to `wanted`; unchanged for nothing.
std::pair<std::int64_t, std::int64_t> fitted_size(const std::optional<WantedSize>& wanted,
                                                  std::int64_t width, std::int64_t height);

}  // namespace reverie
