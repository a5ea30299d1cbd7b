// setting.h: names, domains and choices of a recipe's settings.
#pragma once

#include <span>

#include "reverie/ascent/kinds.h"
#include "reverie/base/api.h"
#include "reverie/gradient/kinds.h"
#include "reverie/image/kinds.h"
#include "reverie/octave/kinds.h"
#include "reverie/plan/kinds.h"

namespace REVERIE_API reverie {

// The canvas before the first step.
enum class Start { source, noise, grey };

// The condition of a setting's effect: another setting has this value, or does not have it.
struct Needs {
  enum class Relation { is, is_not };
  const char* setting = "";  // the other setting's name; empty: no condition
  Relation relation = Relation::is;
  const char* value = "";  // as text; empty: not set
};

// Name and meaning of a setting. The option is --name; JSON and Python use '_' for '-'.
struct Label {
  const char* name;
  char letter = 0;         // of the short option, 0 for none
  const char* help = "";   // one line
  const char* unit = "";   // "px"; empty for a bare number
  const char* group = "";  // heading under which it is shown
  Needs needs = {};
  bool animatable = false;  // whether keyframes may change it from frame to frame
};

// The domain of a setting's values.
enum class Scale { linear, logarithmic };
template <class T>
struct Range {
  T low, high;                  // both included
  Scale scale = Scale::linear;  // of a slider
  double step = 0;              // of a slider; 0: whole numbers by 1, others without steps
};
struct Flag {};
struct Text {
  const char* form;  // "NAME|FILE"
  bool reads_file;   // whether the text may name a file
};
struct LayerList {};           // strings that parse_layer_spec() reads
struct GuideList {};           // strings that parse_guide_spec() reads
struct OffsetList {};          // [[x, y], ...]; on the command line a file that holds it
struct SizeText {};            // what parse_size() reads
struct InputTransformText {};  // what parse_input_transform() reads

template <class T>
struct Named {
  const char* name;
  T value;
  const char* help;  // one line
};
template <class T>
struct Choice {
  std::span<const Named<T>> names;
};

inline constexpr Named<Precision> precision_names[] = {
    {"exact", Precision::exact, "float32, the same bits at any thread count"},
    {"fast", Precision::fast, "float32 with the fastest algorithms"},
    {"half", Precision::half, "bfloat16 where the processor supports it, else fast"}};
inline constexpr Named<Reduction> reduction_names[] = {
    {"l2", Reduction::l2, "half the sum of squares"},
    {"mean-square", Reduction::mean_square, "the mean of squares"},
    {"mean", Reduction::mean, "the mean"},
    {"l1", Reduction::l1, "the sum of absolute values"}};
inline constexpr Named<Start> start_names[] = {{"source", Start::source, "the picture"},
                                               {"noise", Start::noise, "noise around grey"},
                                               {"grey", Start::grey, "uniform grey"}};
inline constexpr Named<OptimizerKind> optimizer_names[] = {
    {"ascent", OptimizerKind::ascent, "plain gradient ascent"},
    {"momentum", OptimizerKind::momentum, "steps along a running mean of gradients"},
    {"adam", OptimizerKind::adam, "Adam"}};
inline constexpr Named<OctaveMode> octave_mode_names[] = {
    {"detail", OctaveMode::detail, "the picture, plus the detail dreamed at smaller octaves"},
    {"running", OctaveMode::running, "the enlarged dream of the smaller octave alone"},
    {"recursive", OctaveMode::recursive,
     "a mix of the picture and the enlarged dream (see --recursion-keep)"}};
inline constexpr Named<Resizing> resizing_names[] = {
    {"scipy", Resizing::scipy, "bilinear as in SciPy"},
    {"tf1", Resizing::tf1, "bilinear as in TensorFlow 1"},
    {"tf2", Resizing::tf2, "bilinear as in TensorFlow 2"},
    {"opencv", Resizing::opencv, "bilinear as in OpenCV"},
    {"lanczos", Resizing::lanczos, "Lanczos with three lobes"},
    {"pillow", Resizing::pillow, "Lanczos in 8 bits as in Pillow"}};
inline constexpr Named<Normalization> normalization_names[] = {
    {"mean-abs", Normalization::mean_abs, "divide by the mean absolute value"},
    {"std", Normalization::std, "divide by the standard deviation"},
    {"standardize", Normalization::standardize,
     "subtract the mean, then divide by the standard deviation"},
    {"laplacian", Normalization::laplacian,
     "normalise each level of a Laplacian pyramid separately"}};
inline constexpr Named<Smoothing> smoothing_names[] = {
    {"none", Smoothing::none, "no smoothing"},
    {"growing", Smoothing::growing, "the sum of three Gaussians, wider with each iteration"},
    {"growing-color", Smoothing::growing_color, "the same, across colour channels too"},
    {"cascade", Smoothing::cascade, "the mean of three Gaussians of 9 x 9 px"}};
inline constexpr Named<ToneMatch> tone_match_names[] = {
    {"none", ToneMatch::none, "no matching"},
    {"mean", ToneMatch::mean, "mean brightness and tint"},
    {"full", ToneMatch::full, "brightness, tint, contrast and saturation, within 2 %"}};
inline constexpr Named<Color> color_names[] = {{"free", Color::free, "colours may change"},
                                               {"keep", Color::keep, "only lightness changes"}};
inline constexpr Named<Tiling> tiling_names[] = {
    {"blended", Tiling::blended, "overlapping tiles, blended without seams"},
    {"strips", Tiling::strips, "a narrow last strip is left out, as in TensorFlow 1's notebook"},
    {"skip-last", Tiling::skip_last,
     "the last tile of each axis is left out, as in TensorFlow 2's tutorial"},
    {"first", Tiling::first, "the top left tile alone"},
    {"random", Tiling::random, "tiles from a random origin, as in Hvass Laboratories' tutorial"}};

// Headings of a recipe's settings, in the order in which they are shown.
namespace setting_group {
inline constexpr const char* network = "Preset and network";
inline constexpr const char* objective = "Objective";
inline constexpr const char* mask = "Mask";
inline constexpr const char* canvas = "Canvas";
inline constexpr const char* octaves = "Octaves";
inline constexpr const char* ascent = "Gradient ascent";
inline constexpr const char* randomness = "Randomness";
inline constexpr const char* limits = "Constraints";
inline constexpr const char* computation = "Computation";
inline constexpr const char* film = "Video";
inline constexpr const char* camera = "Camera";
inline constexpr const char* coherence = "Temporal coherence";
inline constexpr const char* timeline = "Timeline";
inline constexpr const char* atlas = "Atlas";
}  // namespace setting_group

}  // namespace reverie
