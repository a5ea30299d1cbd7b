// recipe.h: everything that decides what a dream looks like, described in one place.
//
// The command line, the JSON form, the checks, the help and the table in the README are all made
// from describe(). What changes only the speed (threads, device, memory) is not here.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reverie/plan/plan.h"

namespace reverie {

// One term of what a dream climbs.
struct LayerSpec {
  std::string name;           // exact, or what resolve_layer() understands
  std::vector<int> channels;  // empty: all
  double weight = 1;          // negative suppresses

  friend bool operator==(const LayerSpec&, const LayerSpec&) = default;
};

// NAME[:CHANNELS][=WEIGHT], where CHANNELS is a list of numbers and ranges (3,7,10-19) or `*` for
// all. Read from the right, so NAME may hold ':', '/' and '='; to_string() writes `:*` or `=1`
// where the name alone would be misread. parse_layer_spec(to_string(spec)) == spec. Errors:
// BadRecipe, saying what part of `text` was not understood.
LayerSpec parse_layer_spec(std::string_view text);
std::string to_string(const LayerSpec& spec);

// A jitter offset in pixels, [x, y].
using Offset2 = std::array<int, 2>;

struct Recipe {
  std::string preset = "classic";
  std::string model;
  std::string input_transform;
  std::vector<LayerSpec> layers;
  std::string guide;
  std::string size;
  int octaves = 4;
  double octave_scale = 1.4;
  int iterations = 10;
  double step = 1.5;
  int jitter = 32;
  std::vector<Offset2> jitter_from;
  bool clip = true;
  double blend = 0;
  int tile = 0;
  std::uint64_t seed = 0;
  Precision precision = Precision::fast;

  friend bool operator==(const Recipe&, const Recipe&) = default;
};

// What a setting is called and means. The option is --name; JSON and Python write '_' for '-'.
struct Label {
  const char* name;
  char letter;  // of the short option, 0 for none
  const char* help;
  const char* unit;  // "px"; empty for a bare number
};

// What values a setting takes.
template <class T>
struct Range {
  T low, high;  // both included
};
struct Flag {};
struct Text {
  const char* form;  // "NAME|FILE"
};
struct LayerList {};   // strings that parse_layer_spec() reads
struct OffsetList {};  // [[x, y], ...]; on the command line a file that holds it
struct SizeText {};    // what parse_size() reads
template <class T>
struct Choice {
  std::span<const std::pair<const char*, T>> names;
};

inline constexpr std::array<std::pair<const char*, Precision>, 3> precision_names{
    {{"exact", Precision::exact}, {"fast", Precision::fast}, {"half", Precision::half}}};

// Calls field(value, Label, domain) for every setting, in the order in which they are shown. `R` is
// Recipe or const Recipe.
template <class R, class Visitor>
void describe(R& r, Visitor&& field) {
  field(r.preset, Label{"preset", 'p', "settings to start from; what is said besides wins", ""},
        Text{"NAME|FILE"});
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
  field(
      r.layers,
      Label{"layer", 'l',
            "what to amplify, NAME[:CHANNEL[,CHANNEL...]][=WEIGHT]; repeatable; a negative weight "
            "suppresses; a glob or unique end of a name is enough; empty: the network's default",
            ""},
      LayerList{});
  field(r.guide, Label{"guide", 0, "picture whose features the dream takes on; empty: none", ""},
        Text{"IMAGE"});
  field(r.size,
        Label{"size", 0, "resize first, to WxH or so that the longer side is MAX; empty: as it is",
              "px"},
        SizeText{});
  field(
      r.octaves,
      Label{"octaves", 0, "levels of the pyramid, each smaller than the next by octave-scale", ""},
      Range<int>{1, 16});
  field(r.octave_scale, Label{"octave-scale", 0, "ratio between neighbouring levels", ""},
        Range<double>{1.05, 2.0});
  field(r.iterations, Label{"iterations", 0, "steps of ascent at each level", ""},
        Range<int>{1, 10000});
  field(r.step, Label{"step", 0, "how far one iteration moves a pixel on average", "levels of 255"},
        Range<double>{0, 1000});
  field(r.jitter,
        Label{"jitter", 0, "greatest random shift before each step, along x and y; 0: none", "px"},
        Range<int>{0, 4096});
  field(
      r.jitter_from,
      Label{"jitter-from", 0,
            "JSON file with a list of [x, y] shifts to use in order instead of random ones", "px"},
      OffsetList{});
  field(r.clip, Label{"clip", 0, "keep every value between black and white after each step", ""},
        Flag{});
  field(r.blend, Label{"blend", 0, "share of the original mixed into the result", ""},
        Range<double>{0, 1});
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

// Errors: BadRecipe naming the first setting that is out of its range, and the range.
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

// Settings that have a name of their own.
struct Preset {
  const char* name;
  const char* help;
  Recipe (*recipe)();
};
std::span<const Preset> presets();

// The recipe of a preset's name, or of a JSON file: a recipe, or the document that a dream carries.
// Errors: BadRecipe naming the presets; FileFailure; as recipe_from_json().
Recipe load_preset(const std::string& name_or_file);

}  // namespace reverie
