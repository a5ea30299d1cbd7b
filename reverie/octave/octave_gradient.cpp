#include "reverie/octave/octave_gradient.h"

#include <fmt/format.h>

#include <cmath>

#include "reverie/base/error.h"
#include "reverie/graph/shapes.h"
#include "reverie/octave/wrap.h"

namespace reverie {
namespace {

// Memory per pixel of canvas, from a plan of a usual size.
double bytes_per_pixel(Compiler& compiler, Size size) {
  constexpr std::int64_t probe_px = 512;
  const Size probe{std::min(size.height, probe_px), std::min(size.width, probe_px)};
  return static_cast<double>(compiler.plan_bytes(probe.height, probe.width)) /
         static_cast<double>(probe.height * probe.width);
}

// The size of the tiles for an octave: the octave's own where it needs no tiles.
Size tile_size(Compiler& compiler, Size octave, const TilingOptions& options) {
  constexpr std::int64_t min_side_px = 256;       // smaller tiles are mostly halo
  constexpr double usual_bytes_per_pixel = 2048;  // more than the known networks take
  std::int64_t side = options.tile;
  if (side == 0) {
    const auto pixels = static_cast<double>(octave.height * octave.width);
    const auto limit = static_cast<double>(options.memory_limit);
    if (pixels * usual_bytes_per_pixel <= limit) return octave;
    const double affordable = limit / bytes_per_pixel(compiler, octave);
    if (pixels <= affordable) return octave;
    side = std::max(static_cast<std::int64_t>(std::sqrt(affordable)) / 32 * 32, min_side_px);
  }
  return {tile_on_grid(octave.height, side), tile_on_grid(octave.width, side)};
}

TiledGradient tiled_gradient(Size octave, Compiler& compiler,
                             const std::shared_ptr<const BoundObjective>& objective,
                             const TilingOptions& options, const NoticeSink& notices) {
  const Size tile = tile_size(compiler, octave, options);
  TiledGradient gradient(
      std::make_unique<Gradient>(compiler.compile(tile.height, tile.width), objective), octave);
  if (gradient.tiles() > 1)
    notify(notices, fmt::format("octave {}x{}: {} tiles of {}x{}", octave.width, octave.height,
                                gradient.tiles(), tile.width, tile.height));
  return gradient;
}

std::variant<TiledGradient, HardTiledGradient> gradient_for(
    Size octave, Compiler& compiler, const std::shared_ptr<const BoundObjective>& objective,
    const TilingOptions& options, const NoticeSink& notices) {
  if (options.tiling == Tiling::blended)
    return tiled_gradient(octave, compiler, objective, options, notices);
  return HardTiledGradient(compiler, objective, options.tiling, options.tile, options.epsilon);
}

}  // namespace

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
    : gradient_(gradient_for(options.wrap ? wrapped_size(octave) : octave, compiler, objective,
                             options, notices)) {
  if (!options.wrap) return;
  const Size wide = wrapped_size(octave);
  wide_ = Tensor::uninitialized({3, wide.height, wide.width});
  wide_grad_ = Tensor::uninitialized(wide_.shape());
}

void OctaveGradient::set_cancel(const CancelToken* cancel) {
  std::visit([&](auto& gradient) { gradient.set_cancel(cancel); }, gradient_);
}

double OctaveGradient::run(ConstView canvas, View grad, const Draw& draw, Offset rolled) {
  if (wide_.empty()) return run_within(canvas, grad, draw, rolled);
  pad_wrapped(canvas, wide_);
  const double value = run_within(wide_, wide_grad_, draw, rolled);
  fold_wrapped(wide_grad_, grad);
  return value;
}

double OctaveGradient::run_within(ConstView canvas, View grad, const Draw& draw, Offset rolled) {
  if (auto* tiled = std::get_if<TiledGradient>(&gradient_)) return tiled->run(canvas, grad, rolled);
  return std::get<HardTiledGradient>(gradient_).run(canvas, grad, draw);
}

}  // namespace reverie
