// setting.h: what a setting of a recipe is called, what values it takes, and what they are called.
#pragma once

#include <array>
#include <span>
#include <utility>

#include "reverie/ascent/mover.h"
#include "reverie/ascent/normalise.h"
#include "reverie/ascent/smooth.h"
#include "reverie/frame/tone.h"
#include "reverie/gradient/measure.h"
#include "reverie/octave/kinds.h"
#include "reverie/plan/plan.h"

namespace reverie {

// What a dream begins with, at the picture's size.
enum class Start { source, noise, grey };

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
struct GuideList {};   // strings that parse_guide_spec() reads
struct OffsetList {};  // [[x, y], ...]; on the command line a file that holds it
struct SizeText {};    // what parse_size() reads
template <class T>
struct Choice {
  std::span<const std::pair<const char*, T>> names;
};

inline constexpr std::array<std::pair<const char*, Precision>, 3> precision_names{
    {{"exact", Precision::exact}, {"fast", Precision::fast}, {"half", Precision::half}}};
inline constexpr std::array<std::pair<const char*, Measure>, 4> measure_names{
    {{"energy", Measure::energy},
     {"square", Measure::square},
     {"mean", Measure::mean},
     {"l1", Measure::l1}}};
inline constexpr std::array<std::pair<const char*, Start>, 3> start_names{
    {{"source", Start::source}, {"noise", Start::noise}, {"grey", Start::grey}}};
inline constexpr std::array<std::pair<const char*, Optimiser>, 3> optimiser_names{
    {{"plain", Optimiser::plain}, {"momentum", Optimiser::momentum}, {"adam", Optimiser::adam}}};
inline constexpr std::array<std::pair<const char*, Ladder>, 3> ladder_names{
    {{"detail", Ladder::detail}, {"running", Ladder::running}, {"recursion", Ladder::recursion}}};
inline constexpr std::array<std::pair<const char*, Resizing>, 6> resizing_names{
    {{"scipy", Resizing::scipy},
     {"tf1", Resizing::tf1},
     {"tf2", Resizing::tf2},
     {"opencv", Resizing::opencv},
     {"lanczos", Resizing::lanczos},
     {"pillow", Resizing::pillow}}};
inline constexpr std::array<std::pair<const char*, Normalisation>, 4> normalisation_names{
    {{"mean", Normalisation::mean},
     {"std", Normalisation::deviation},
     {"standard", Normalisation::standard},
     {"bands", Normalisation::bands}}};
inline constexpr std::array<std::pair<const char*, Smoothing>, 4> smoothing_names{
    {{"none", Smoothing::none},
     {"growing", Smoothing::growing},
     {"growing-colour", Smoothing::growing_colour},
     {"cascade", Smoothing::cascade}}};
inline constexpr std::array<std::pair<const char*, Hold>, 3> hold_names{
    {{"none", Hold::none}, {"mean", Hold::mean}, {"tone", Hold::tone}}};
inline constexpr std::array<std::pair<const char*, Colour>, 2> colour_names{
    {{"free", Colour::free}, {"keep", Colour::keep}}};
inline constexpr std::array<std::pair<const char*, Tiling>, 5> tiling_names{
    {{"faded", Tiling::faded},
     {"strips", Tiling::strips},
     {"skip-last", Tiling::skip_last},
     {"first", Tiling::first},
     {"random", Tiling::random}}};

}  // namespace reverie
