#include "reverie/octave/octave_loop.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reverie/ascent/gaussian.h"
#include "reverie/base/threads.h"
#include "reverie/graph/shapes.h"
#include "reverie/octave/mask.h"
#include "reverie/octave/wrap.h"

namespace reverie {
namespace {

void subtract(ConstView from, ConstView what, View to) {
  parallel_for(to.size(), 1 << 15, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) to.data()[i] = from.data()[i] - what.data()[i];
  });
}

void add(ConstView what, View to) {
  parallel_for(to.size(), 1 << 15, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) to.data()[i] += what.data()[i];
  });
}

// to = keep * what + (1 - keep) * to
void blend(ConstView what, double keep, View to) {
  const auto part = static_cast<float>(keep), rest = static_cast<float>(1 - keep);
  parallel_for(to.size(), 1 << 15, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i)
      to.data()[i] = part * what.data()[i] + rest * to.data()[i];
  });
}

Size size_of(ConstView canvas) { return {canvas.shape().height(), canvas.shape().width()}; }

// One octave, and the source as it looks there.
struct Level {
  Size size;
  Tensor base;  // empty where the octave loop does not need it
  Tensor mask;  // empty where all of it dreams
};

// The size itself where it fits; else one that does and is up to a few pixels smaller, or itself.
Size fitting_size(const Graph& graph, Size size) {
  if (fits(graph, size)) return size;
  const int step = size_step(graph);
  if (step <= 1) return size;
  const Size smaller{size.height / step * step, size.width / step * step};
  return smaller.height > 0 && smaller.width > 0 && fits(graph, smaller) ? smaller : size;
}

std::vector<Size> level_sizes(Size full, const Graph& graph, const OctaveOptions& options,
                              const NoticeSink& notices) {
  std::vector<Size> wanted = pyramid_sizes(full, options.octaves, options.octave_scale,
                                           size_rule(options.resize), options.octaves_above);
  infer_shapes(graph, full.height,
               full.width);  // says so when even the picture itself is too small
  if (options.octave_scale == 1) return wanted;
  for (Size& size : wanted) size = fitting_size(graph, size);
  const std::vector<Size> sizes =
      drop_misfits(wanted, full, [&](Size size) { return fits(graph, size); });
  if (sizes.size() < wanted.size())
    notify(notices,
           fmt::format("{} of {} octaves left out: the layer needs pictures of at least {} px",
                       wanted.size() - sizes.size(), wanted.size(), min_side(graph)));
  return sizes;
}

Tensor resized(ConstView from, Size size, const OctaveOptions& options) {
  return options.ascent.wrap ? resized_wrapped(from, size) : resized(from, size, options.resize);
}

// The source one level further from its own size.
Tensor base_from(ConstView neighbour, Size size, const OctaveOptions& options) {
  if (options.octave_mode != OctaveMode::recursive) {
    Tensor base = resized(neighbour, size, options);
    // A kernel's lobes overshoot; clipped in the ascent, that would pass for dreamed
    if (options.resize == Resizing::lanczos && options.ascent.clip)
      for (float& v : base.elements()) v = std::clamp(v, 0.f, 255.f);
    return base;
  }
  constexpr double sigma = 0.5;  // px, along rows and columns only
  Tensor blurred = Tensor::uninitialized(neighbour.shape());
  convolve(neighbour, gaussian_taps(sigma, scipy_radius(sigma)),
           options.ascent.wrap ? Edge::wrap : Edge::symmetric, blurred);
  return resized(blurred, size, options);
}

// A running picture needs the source once, at the first size; others at each, made down and up from
// the source's own size, the last of those that are equal.
void make_bases(ConstView source, const OctaveOptions& options, std::vector<Level>& levels) {
  if (options.octave_mode == OctaveMode::running) {
    levels[0].base = resized(source, levels[0].size, options);
    return;
  }
  std::size_t own = levels.size() - 1;
  while (levels[own].size != size_of(source)) --own;
  levels[own].base = Tensor::copy_of(source);
  for (std::size_t k = own; k-- > 0;)
    levels[k].base = base_from(levels[k + 1].base, levels[k].size, options);
  for (std::size_t k = own + 1; k < levels.size(); ++k)
    levels[k].base = base_from(levels[k - 1].base, levels[k].size, options);
}

std::vector<Level> make_levels(ConstView source, const Graph& graph, const OctaveOptions& options,
                               const NoticeSink& notices) {
  const std::vector<Size> sizes = level_sizes(size_of(source), graph, options, notices);
  std::vector<Level> levels(sizes.size());
  for (std::size_t k = 0; k < sizes.size(); ++k) {
    levels[k].size = sizes[k];
    if (!options.mask.empty()) levels[k].mask = resized_mask(options.mask, sizes[k]);
  }
  make_bases(source, options, levels);
  return levels;
}

// How far the loop has come.
struct Ascended {
  Tensor canvas;  // of the last finished level; empty before the first
  Tensor base;    // the source at that size
};

// What a canvas of `size` starts from, where the source looks like `base`.
Tensor start_of(ConstView base, Size size, Ascended& below, const OctaveOptions& options) {
  if (below.canvas.empty()) return Tensor::copy_of(base);
  if (options.octave_mode == OctaveMode::running) return resized(below.canvas, size, options);
  if (options.octave_mode == OctaveMode::recursive) {
    Tensor canvas = resized(below.canvas, size, options);
    blend(base, options.recursion_keep, canvas);
    return canvas;
  }
  // What the network added is carried up
  Tensor detail = Tensor::uninitialized(below.canvas.shape());
  subtract(below.canvas, below.base, detail);
  Tensor canvas = Tensor::copy_of(base);
  add(resized(detail, size, options), canvas);
  return canvas;
}

// What the canvas of a level is matched to.
Tone tone_at(const Level& level, ConstView source, const OctaveOptions& options) {
  if (options.match_tone == ToneMatch::none) return {};
  if (level.base.empty()) return tone_of(source, options.mask);
  return tone_of(level.base, level.mask);
}

// The tile is decided once for all levels, by the largest of them.
TilingOptions decided_tiling(const std::vector<Level>& levels, Compiler& compiler,
                             const OctaveOptions& options) {
  TilingOptions tiling = options.tiling;
  if (!tiling.tile) tiling.tile = tile_for(compiler, levels.back().size, tiling);
  return tiling;
}

// The last finished level at the source's size.
Tensor result_of(ConstView source, Ascended& ascended, const OctaveOptions& options) {
  const Size full = size_of(source);
  if (!ascended.canvas.empty() && size_of(ascended.canvas) == full)
    return std::move(ascended.canvas);
  if (options.quantize_result && !ascended.canvas.empty())
    for (float& v : ascended.canvas.elements()) v = std::trunc(std::clamp(v, 0.f, 255.f));
  return start_of(source, full, ascended, options);
}

// What holds for the result, whatever became of it on its way through the sizes.
void finish(ConstView source, const OctaveOptions& options, View canvas) {
  if (options.ascent.color == Color::keep) keep_color(source, canvas);
  if (options.match_tone != ToneMatch::none)
    match_tone(canvas, tone_of(source, options.mask), options.match_tone, options.ascent.clip,
               options.mask);
  if (!options.mask.empty()) mix_by_mask(source, options.mask, canvas);
}

}  // namespace

OctaveResult run_octaves(ConstView source, Compiler& compiler,
                         std::shared_ptr<const BoundObjective> objective,
                         const OctaveOptions& options, const OctaveHooks& hooks) {
  std::vector<Level> levels = make_levels(source, compiler.graph(), options, hooks.notices);
  double all_work = 0, done_work = 0;
  for (const Level& level : levels)
    all_work += static_cast<double>(level.size.height * level.size.width);

  OctaveResult result;
  const TilingOptions tiling = decided_tiling(levels, compiler, options);
  result.tile = *tiling.tile;
  Ascended ascended;
  for (std::size_t k = 0; k < levels.size(); ++k) {
    const Size size = levels[k].size;
    const int octave = static_cast<int>(k);
    const double work = static_cast<double>(size.height * size.width);
    Tensor canvas = start_of(levels[k].base, size, ascended, options);

    OctaveGradient gradient_of(size, compiler, at_octave(objective, octave), tiling, hooks.notices);
    const Tone tone = tone_at(levels[k], source, options);
    AscentHooks ascending;
    ascending.cancel = hooks.cancel;
    gradient_of.set_cancel(hooks.cancel);
    ascending.context = [&](int iteration) { return hooks.context(octave, iteration); };
    ascending.constrain = [&](View at) {
      match_tone(at, tone, options.match_tone, options.ascent.clip, levels[k].mask);
    };
    ascending.after_step = [&](const Step& step, ConstView at) {
      const double part = (step.iteration + 1.0) / options.ascent.iterations;
      const OctaveProgress progress{octave, static_cast<int>(levels.size()), size,
                                    (done_work + part * work) / all_work};
      if (hooks.after_step) hooks.after_step(progress, step, at);
    };
    AscentOptions ascent = options.ascent;
    ascent.mask = levels[k].mask;
    ascent.source = levels[k].base;
    const auto gradient_at = [&](ConstView at, View grad, const StepContext& step) {
      return gradient_of.run(at, grad, step);
    };
    const int done = ascend(canvas, gradient_at, ascent, ascending);
    if (done < ascent.iterations) {
      result.cancelled = true;
      break;
    }
    done_work += work;
    ascended = {std::move(canvas), std::move(levels[k].base)};
    ++result.octaves_finished;
  }
  result.canvas = result_of(source, ascended, options);
  finish(source, options, result.canvas);
  return result;
}

}  // namespace reverie
