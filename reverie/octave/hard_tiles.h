// hard_tiles.h: gradients in tiles without blending, as in the published programs.
//
// They leave seams or gaps, which random shifts are meant to hide. For replays; see blended_tiles.h
// for tiles without seams.
#pragma once

#include <memory>
#include <vector>

#include "reverie/ascent/step_context.h"
#include "reverie/gradient/gradient.h"
#include "reverie/octave/kinds.h"
#include "reverie/octave/pyramid.h"
#include "reverie/octave/tile.h"

namespace reverie {

// The tiles of one step, row by row. `draw` is called only for `random`: for the first row's start,
// then for each row of tiles for its first column's. REQUIRES: tile_px > 0, not `blended`.
std::vector<Tile> hard_tiles(Tiling tiling, Size canvas, int tile_px, const Draw& draw);

class HardTiledGradient {
 public:
  // epsilon: added to a tile's deviation where `random` divides by it. The compiler must outlive
  // this.
  HardTiledGradient(Compiler& compiler, std::shared_ptr<const BoundObjective> objective,
                    Tiling tiling, int tile_px, double epsilon);

  // As Gradient::set_cancel.
  void set_cancel(const CancelToken* cancel) { cancel_ = cancel; }

  // As Gradient::run, for a canvas of any size; the value is the sum over the tiles. Where no tile
  // is, and where one is too small for the network, the gradient is 0.
  double run(ConstView canvas, View grad, const Draw& draw);

 private:
  Gradient& gradient_for(Size tile);

  Compiler& compiler_;
  std::shared_ptr<const BoundObjective> objective_;
  Tiling tiling_;
  int tile_px_;
  double epsilon_;
  const CancelToken* cancel_ = nullptr;
  std::vector<std::pair<Size, std::unique_ptr<Gradient>>> compiled_;  // used last at the back
};

}  // namespace reverie
