#include "reverie/octave/octave_gradient.h"

#include <fmt/format.h>

#include <cmath>

#include "reverie/base/error.h"
#include "reverie/base/threads.h"
#include "reverie/graph/shapes.h"
#include "reverie/octave/wrap.h"

namespace reverie {
namespace {

// While it lives, the calling thread works alone.
class Alone {
 public:
  Alone() { set_thread_count(1); }
  Alone(const Alone&) = delete;
  Alone& operator=(const Alone&) = delete;
  ~Alone() { set_thread_count(threads_); }

 private:
  const int threads_ = thread_count();
};

// Memory per pixel of canvas, from a plan of a usual size. Threads have scratch memory of their
// own, which is not counted: a dream's tiles must not depend on how many there are.
double bytes_per_pixel(Compiler& compiler, Size size) {
  const Alone alone;
  constexpr std::int64_t probe_px = 512;
  const Size probe{std::min(size.height, probe_px), std::min(size.width, probe_px)};
  return static_cast<double>(compiler.plan_bytes(probe.height, probe.width)) /
         static_cast<double>(probe.height * probe.width);
}

constexpr std::int64_t min_side_px = 256;  // smaller tiles are mostly halo

// The size of the tiles for an octave: the octave's own where it needs no tiles.
Size tile_size(Size octave, int tile, const Footprint& needs) {
  const std::int64_t side = tile;
  if (side == 0 || octave.height * octave.width <= side * side) return octave;
  // A tile must be able to overlap its neighbour by half and begin on the grid
  const auto along = [&](std::int64_t length, std::int64_t alignment) {
    return aligned_tile(length, std::max(side, 2 * alignment), alignment);
  };
  return {along(octave.height, needs.y.alignment), along(octave.width, needs.x.alignment)};
}

std::string tiles_notice(Size octave, Size tile, const TiledGradient& gradient,
                         const Footprint& needs) {
  const std::string tiles = fmt::format("octave {}x{}: {} tiles of {}x{}", octave.width,
                                        octave.height, gradient.tiles(), tile.width, tile.height);
  if (gradient.is_exact()) return tiles;
  if (!needs.is_bounded)
    return tiles +
           "; the gradient is approximate: the layer depends on the whole picture, and each tile "
           "holds only a part of it";
  return fmt::format(
      "{}; the gradient is approximate near their edges: they overlap by less than the layer's "
      "receptive field of {} px (exact from --tile {} on)",
      tiles, std::max(needs.y.receptive_field, needs.x.receptive_field),
      2 * (2 * std::max(needs.y.halo, needs.x.halo) +
           std::max(needs.y.alignment, needs.x.alignment)));
}

TiledGradient tiled_gradient(Size octave, Size margin, Compiler& compiler,
                             const std::shared_ptr<const BoundObjective>& objective,
                             const TilingOptions& options, const NoticeSink& notices) {
  CanvasGeometry geometry = canvas_geometry(compiler.graph(), compiler.targets(), octave, margin);
  const Footprint needs = geometry.footprint;
  const int side = options.tile ? *options.tile : tile_for(compiler, octave, options);
  const Size tile = tile_size(octave, side, needs);
  TiledGradient gradient(
      std::make_unique<Gradient>(compiler.compile(tile.height, tile.width), objective), octave,
      std::move(geometry));
  if (gradient.tiles() > 1) notify(notices, tiles_notice(octave, tile, gradient, needs));
  return gradient;
}

std::variant<TiledGradient, HardTiledGradient> gradient_for(
    Size octave, Size margin, Compiler& compiler,
    const std::shared_ptr<const BoundObjective>& objective, const TilingOptions& options,
    const NoticeSink& notices) {
  if (options.tiling == Tiling::blended)
    return tiled_gradient(octave, margin, compiler, objective, options, notices);
  return HardTiledGradient(compiler, objective, options.tiling, options.tile.value_or(0),
                           options.epsilon);
}

WrapMargins margins_for(Size octave, const Compiler& compiler, const TilingOptions& options) {
  if (!options.wrap) return {};
  return wrap_margins(octave,
                      footprint(compiler.graph(), compiler.targets(), octave.height, octave.width));
}

}  // namespace

int tile_for(Compiler& compiler, Size largest, const TilingOptions& options) {
  constexpr double usual_bytes_per_pixel = 2048;  // more than the known networks take
  const Size size = wrapped_size(largest, margins_for(largest, compiler, options));
  const auto pixels = static_cast<double>(size.height * size.width);
  const auto memory = static_cast<double>(options.plan_memory);
  if (pixels * usual_bytes_per_pixel <= memory) return 0;
  const double affordable = memory / bytes_per_pixel(compiler, size);
  if (pixels <= affordable) return 0;
  return static_cast<int>(
      std::max(static_cast<std::int64_t>(std::sqrt(affordable)) / 32 * 32, min_side_px));
}

bool fits(const Graph& graph, Size size) {
  try {
    infer_shapes(graph, size.height, size.width);
    return true;
  } catch (const BadShape&) {
    return false;
  }
}

OctaveGradient::OctaveGradient(Size octave, Compiler& compiler,
                               std::shared_ptr<const BoundObjective> objective,
                               const TilingOptions& options, const NoticeSink& notices)
    : margins_(margins_for(octave, compiler, options)),
      gradient_(gradient_for(wrapped_size(octave, margins_), {margins_.y, margins_.x}, compiler,
                             objective, options, notices)) {
  if (!options.wrap) return;
  const Size wide = wrapped_size(octave, margins_);
  wide_ = Tensor::uninitialized({3, wide.height, wide.width});
  wide_grad_ = Tensor::uninitialized(wide_.shape());
}

void OctaveGradient::set_cancel(const CancelToken* cancel) {
  std::visit([&](auto& gradient) { gradient.set_cancel(cancel); }, gradient_);
}

double OctaveGradient::run(ConstView canvas, View grad, const StepContext& step) {
  if (wide_.empty()) return run_within(canvas, grad, step);
  pad_wrapped(canvas, margins_, wide_);
  const double value = run_within(wide_, wide_grad_, step);
  fold_wrapped(wide_grad_, margins_, grad);
  return value;
}

double OctaveGradient::run_within(ConstView canvas, View grad, const StepContext& step) {
  if (auto* tiled = std::get_if<TiledGradient>(&gradient_))
    return tiled->run(canvas, grad, step.offset);
  return std::get<HardTiledGradient>(gradient_).run(canvas, grad, step.draw);
}

}  // namespace reverie
