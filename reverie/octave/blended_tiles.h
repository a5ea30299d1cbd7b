// tiles.h: the gradient of a canvas too large for one plan, piece by piece.
#pragma once

#include <memory>
#include <vector>

#include "reverie/ascent/roll.h"
#include "reverie/gradient/gradient.h"
#include "reverie/octave/pyramid.h"

namespace reverie {

// Where the tiles of one axis begin: as few as cover `length` with neighbours that overlap by at
// least `overlap`, evenly spread, the first at 0 and the last ending at `length`. All are `tile`
// long. Where there is room they begin at multiples of 32 px, on the grid of a network's strides.
// REQUIRES: tile <= length, 0 <= overlap < tile.
std::vector<std::int64_t> tile_starts(std::int64_t length, std::int64_t tile, std::int64_t overlap);

// The least tile of at least `wanted` px (or all of `length`) whose last start is a multiple of 32.
std::int64_t tile_on_grid(std::int64_t length, std::int64_t wanted);

// A gradient over overlapping tiles of one size. Each tile's gradient fades out towards its inner
// edges, and the fading tiles are added up, so that no seam can form.
class TiledGradient {
 public:
  // gradient: compiled for the size of a tile, which fits in the canvas. Errors: BadShape when it
  // does not.
  TiledGradient(std::unique_ptr<Gradient> gradient, Size canvas);

  std::int64_t tiles() const { return static_cast<std::int64_t>(rows_.size() * columns_.size()); }

  // As Gradient::set_cancel.
  void set_cancel(const CancelToken* cancel) { gradient_->set_cancel(cancel); }

  // As Gradient::run, for a canvas that was rolled by this; the value is the sum over the tiles, so
  // places where tiles overlap count more than once.
  double run(ConstView canvas, View grad, Offset rolled = {});

 private:
  std::unique_ptr<Gradient> gradient_;
  std::vector<std::int64_t> rows_, columns_;  // where tiles begin
  std::vector<std::vector<float>> weight_y_,
      weight_x_;  // per row or column of tiles: a weight per pixel
  Tensor tile_, tile_grad_;
};

}  // namespace reverie
