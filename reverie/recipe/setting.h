// setting.h: what a setting of a recipe is called, what values it takes, and what they are called.
#pragma once

#include <array>
#include <span>
#include <utility>

#include "reverie/ascent/kinds.h"
#include "reverie/base/api.h"
#include "reverie/gradient/kinds.h"
#include "reverie/image/kinds.h"
#include "reverie/octave/kinds.h"
#include "reverie/plan/kinds.h"

namespace REVERIE_API reverie {

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
inline constexpr std::array<std::pair<const char*, Reduction>, 4> reduction_names{
    {{"energy", Reduction::l2},
     {"square", Reduction::mean_square},
     {"mean", Reduction::mean},
     {"l1", Reduction::l1}}};
inline constexpr std::array<std::pair<const char*, Start>, 3> start_names{
    {{"source", Start::source}, {"noise", Start::noise}, {"grey", Start::grey}}};
inline constexpr std::array<std::pair<const char*, OptimizerKind>, 3> optimizer_names{
    {{"plain", OptimizerKind::ascent},
     {"momentum", OptimizerKind::momentum},
     {"adam", OptimizerKind::adam}}};
inline constexpr std::array<std::pair<const char*, OctaveMode>, 3> octave_mode_names{
    {{"detail", OctaveMode::detail},
     {"running", OctaveMode::running},
     {"recursion", OctaveMode::recursive}}};
inline constexpr std::array<std::pair<const char*, Resizing>, 6> resizing_names{
    {{"scipy", Resizing::scipy},
     {"tf1", Resizing::tf1},
     {"tf2", Resizing::tf2},
     {"opencv", Resizing::opencv},
     {"lanczos", Resizing::lanczos},
     {"pillow", Resizing::pillow}}};
inline constexpr std::array<std::pair<const char*, Normalization>, 4> normalization_names{
    {{"mean", Normalization::mean_abs},
     {"std", Normalization::std},
     {"standard", Normalization::standardize},
     {"bands", Normalization::laplacian}}};
inline constexpr std::array<std::pair<const char*, Smoothing>, 4> smoothing_names{
    {{"none", Smoothing::none},
     {"growing", Smoothing::growing},
     {"growing-colour", Smoothing::growing_color},
     {"cascade", Smoothing::cascade}}};
inline constexpr std::array<std::pair<const char*, ToneMatch>, 3> tone_match_names{
    {{"none", ToneMatch::none}, {"mean", ToneMatch::mean}, {"tone", ToneMatch::full}}};
inline constexpr std::array<std::pair<const char*, Color>, 2> color_names{
    {{"free", Color::free}, {"keep", Color::keep}}};
inline constexpr std::array<std::pair<const char*, Tiling>, 5> tiling_names{
    {{"faded", Tiling::blended},
     {"strips", Tiling::strips},
     {"skip-last", Tiling::skip_last},
     {"first", Tiling::first},
     {"random", Tiling::random}}};

}  // namespace reverie
