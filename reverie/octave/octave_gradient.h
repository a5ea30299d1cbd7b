// octave_gradient.h: the gradient of one octave's canvas, in one plan, in tiles or periodic.
#pragma once

#include <memory>
#include <optional>
#include <variant>

#include "reverie/base/notice.h"
#include "reverie/octave/blended_tiles.h"
#include "reverie/octave/hard_tiles.h"
#include "reverie/octave/wrap.h"

namespace reverie {

// Whether a graph can run on a canvas of this size.
bool fits(const Graph& graph, Size size);

struct TilingOptions {
  Tiling tiling = Tiling::blended;
  // px: the side of a tile; 0: no tiles. An octave of at most tile * tile pixels is not tiled where
  // tiles are blended. Nothing: as tile_for() says for plan_memory.
  std::optional<int> tile;
  std::size_t plan_memory = std::size_t{2}
                            << 30;  // bytes, for one plan; decides blended tiles only
  double epsilon = 0;               // for tiles that are normalized one by one: see AscentOptions
  bool wrap = false;                // the canvas is periodic; not for terms with a place
};

// The tile for a dream whose largest octave has this size: 0 where a plan for the whole octave fits
// in plan_memory. The same for one machine, network and precision.
int tile_for(Compiler& compiler, Size largest, const TilingOptions& options);

class OctaveGradient {
 public:
  // The compiler must outlive this. Notices say how many tiles there are, and whether their
  // gradient is that of the whole. Errors: as Compiler::compile.
  OctaveGradient(Size octave, Compiler& compiler, std::shared_ptr<const BoundObjective> objective,
                 const TilingOptions& options, const NoticeSink& notices);

  // As Gradient::set_cancel.
  void set_cancel(const CancelToken* cancel);

  // As Gradient::run, for a canvas that the step has rolled.
  double run(ConstView canvas, View grad, const StepContext& step);

 private:
  double run_within(ConstView canvas, View grad, const StepContext& step);

  WrapMargins margins_;
  std::variant<TiledGradient, HardTiledGradient> gradient_;
  Tensor wide_, wide_grad_;  // with the periodic margins; empty without
};

}  // namespace reverie
