// octave_slope.h: the gradient of one octave's canvas, however it has to be put together.
#pragma once

#include <memory>
#include <variant>

#include "reverie/base/notice.h"
#include "reverie/octave/blended_tiles.h"
#include "reverie/octave/hard_tiles.h"

namespace reverie {

// Whether a graph can run on a canvas of this size.
bool fits(const Graph& graph, Size size);

struct TilingOptions {
  Tiling tiling = Tiling::blended;
  int tile = 0;  // px, the side of a tile; 0: tiles only where a plan would exceed memory_limit
  std::size_t memory_limit = std::size_t{2} << 30;  // bytes, for one plan
  double epsilon = 0;  // for tiles that are normalized one by one: see AscentOptions
  bool wrap = false;   // the canvas goes on at the opposite edge; not for terms with a place
};

class OctaveGradient {
 public:
  // The compiler must outlive this. Notices say how many tiles there are.
  // Errors: as Compiler::compile.
  OctaveGradient(Size octave, Compiler& compiler, std::shared_ptr<const BoundObjective> objective,
                 const TilingOptions& options, const NoticeSink& notices);

  // As Gradient::set_cancel.
  void set_cancel(const CancelToken* cancel);

  // As Gradient::run, for a canvas that was rolled by this. `draw` places random tiles.
  double run(ConstView canvas, View grad, const Draw& draw, Offset rolled = {});

 private:
  double run_within(ConstView canvas, View grad, const Draw& draw, Offset rolled);

  std::variant<TiledGradient, HardTiledGradient> gradient_;
  Tensor wide_, wide_grad_;  // with what comes after the edges; empty without
};

}  // namespace reverie
