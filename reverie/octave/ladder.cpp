#include "reverie/octave/ladder.h"

#include <fmt/format.h>

#include <cmath>

#include "reverie/base/error.h"
#include "reverie/base/threads.h"
#include "reverie/frame/resample.h"
#include "reverie/graph/shapes.h"
#include "reverie/octave/tiles.h"

namespace reverie {
namespace {

// How the notebook changes sizes between octaves.
constexpr Resampler between_octaves = Resampler::scipy_zoom;

bool fits(const Graph& graph, Size size) {
  try {
    infer_shapes(graph, size.height, size.width);
    return true;
  } catch (const BadShape&) {
    return false;
  }
}

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

// Memory per pixel of canvas, from a plan that is small enough to make for the purpose.
double bytes_per_pixel(Compiler& compiler, Size size) {
  constexpr std::int64_t probe_px = 512;
  const Size probe{std::min(size.height, probe_px), std::min(size.width, probe_px)};
  const auto plan = compiler.compile(probe.height, probe.width);
  return static_cast<double>(plan->memory_bytes()) /
         static_cast<double>(probe.height * probe.width);
}

// The size of the tiles for an octave: the octave's own where it needs no tiles.
Size tile_size(Compiler& compiler, Size octave, const LadderOptions& options) {
  constexpr std::int64_t least_side_px = 256;     // smaller tiles are mostly halo
  constexpr double usual_bytes_per_pixel = 2048;  // more than the known networks take
  std::int64_t side = options.tile;
  if (side == 0) {
    const auto pixels = static_cast<double>(octave.height * octave.width);
    const auto limit = static_cast<double>(options.memory_limit);
    if (pixels * usual_bytes_per_pixel <= limit) return octave;
    const double affordable = limit / bytes_per_pixel(compiler, octave);
    if (pixels <= affordable) return octave;
    side = std::max(static_cast<std::int64_t>(std::sqrt(affordable)) / 32 * 32, least_side_px);
  }
  return {tile_on_grid(octave.height, side), tile_on_grid(octave.width, side)};
}

TiledGradient gradient_at(Size octave, Compiler& compiler,
                          const std::shared_ptr<const BoundObjective>& objective,
                          const LadderOptions& options, const NoticeSink& notices) {
  const Size tile = tile_size(compiler, octave, options);
  TiledGradient gradient(
      std::make_unique<Gradient>(compiler.compile(tile.height, tile.width), objective), octave);
  if (gradient.tiles() > 1)
    notify(notices, fmt::format("octave {}x{}: {} tiles of {}x{}", octave.width, octave.height,
                                gradient.tiles(), tile.width, tile.height));
  return gradient;
}

// The levels to climb: the source shrunk step by step, smallest first.
struct Level {
  Size size;
  Tensor base;
};

std::vector<Level> make_levels(ConstView source, const Graph& graph, const LadderOptions& options,
                               const NoticeSink& notices) {
  const Size full{source.shape().height(), source.shape().width()};
  const std::vector<Size> wanted = pyramid_sizes(full, options.octaves, options.octave_scale);
  infer_shapes(graph, full.height,
               full.width);  // says so when even the picture itself is too small
  const std::vector<Size> sizes =
      drop_misfits(wanted, [&](Size size) { return fits(graph, size); });
  if (sizes.size() < wanted.size())
    notify(notices,
           fmt::format("{} of {} octaves left out: under {} px the layer has nothing to see",
                       wanted.size() - sizes.size(), wanted.size(), least_side(graph)));

  std::vector<Level> levels(sizes.size());
  for (std::size_t k = sizes.size(); k-- > 0;) {
    levels[k].size = sizes[k];
    levels[k].base = k + 1 == sizes.size() ? Tensor::copy_of(source)
                                           : resampled(levels[k + 1].base, sizes[k].height,
                                                       sizes[k].width, between_octaves);
  }
  return levels;
}

}  // namespace

LadderResult climb_octaves(ConstView source, Compiler& compiler,
                           std::shared_ptr<const BoundObjective> objective,
                           const LadderOptions& options, const LadderHooks& hooks) {
  std::vector<Level> levels = make_levels(source, compiler.graph(), options, hooks.notices);
  double all_work = 0, done_work = 0;
  for (const Level& level : levels)
    all_work += static_cast<double>(level.size.height * level.size.width);

  LadderResult result;
  Tensor detail;
  for (std::size_t k = 0; k < levels.size(); ++k) {
    const Size size = levels[k].size;
    const double work = static_cast<double>(size.height * size.width);

    // Start from the source at this size, with what was dreamed so far
    Tensor canvas = levels[k].base.clone();
    if (!detail.empty()) add(resampled(detail, size.height, size.width, between_octaves), canvas);

    TiledGradient gradient = gradient_at(size, compiler, objective, options, hooks.notices);
    const int done = climb(
        canvas, [&](ConstView at, View slope) { return gradient.run(at, slope); }, options.ascent,
        [&](int iteration) { return hooks.offset(static_cast<int>(k), iteration); },
        [&](const Step& step, ConstView now) {
          const double part = (step.iteration + 1.0) / options.ascent.iterations;
          const Rung rung{static_cast<int>(k), static_cast<int>(levels.size()), size,
                          (done_work + part * work) / all_work};
          if (hooks.after_step) hooks.after_step(rung, step, now);
        },
        hooks.cancel);
    if (done < options.ascent.iterations) {
      result.cancelled = true;
      break;
    }

    // What the network added is carried up
    done_work += work;
    detail = Tensor::uninitialized(canvas.shape());
    subtract(canvas, levels[k].base, detail);
    ++result.octaves_finished;
    if (k + 1 == levels.size()) result.canvas = std::move(canvas);
  }

  if (result.canvas.empty()) {
    result.canvas = Tensor::copy_of(source);
    if (!detail.empty())
      add(resampled(detail, source.shape().height(), source.shape().width(), between_octaves),
          result.canvas);
  }
  return result;
}

}  // namespace reverie
