// blended_tiles.h: the gradient of a canvas too large for one plan, from overlapping tiles.
#pragma once

#include <memory>
#include <vector>

#include "reverie/ascent/roll.h"
#include "reverie/gradient/gradient.h"
#include "reverie/graph/footprint.h"
#include "reverie/octave/pyramid.h"

namespace reverie {

// The geometry of an objective's layers on a canvas.
struct CanvasGeometry {
  Footprint footprint;                 // of all targets together
  std::vector<ReceptiveField> fields;  // of each target
  std::vector<Shape> shapes;           // of each target's value for the whole canvas
  // Width of the canvas's margins, px along y and x, whose positions do not count in the
  // objective's value because they repeat others.
  std::int64_t margin_y = 0, margin_x = 0;
};

// targets: indices into graph.layers. Errors: BadShape when the canvas is too small for them.
CanvasGeometry canvas_geometry(const Graph& graph, const std::vector<int>& targets, Size canvas,
                               Size margin = {});

// Blend weights of neighbouring tiles along one axis: 0 within `halo` px of an inner edge, rising
// to 1 over the next `ramp` px.
struct Blend {
  std::int64_t halo = 0, ramp = 1;  // px
  bool is_exact = true;             // every pixel with a weight has the whole canvas's gradient

  std::int64_t overlap() const { return 2 * halo + ramp; }
  friend bool operator==(const Blend&, const Blend&) = default;
};

// The halo that the layers need, if twice that is at most half of the tile; else as much as half a
// tile holds, because a larger overlap would compute every pixel more than four times.
Blend blend_of(const FootprintAxis& axis, bool is_bounded, std::int64_t tile);

// Where the tiles of one axis begin: as few as cover `length` with neighbours that overlap by at
// least `overlap`, evenly spread, the first at 0 and the last ending at `length`. All are `tile`
// long. They begin at multiples of `alignment` where length - tile is one.
// REQUIRES: tile <= length, 0 <= overlap <= tile - alignment.
std::vector<std::int64_t> tile_starts(std::int64_t length, std::int64_t tile, std::int64_t overlap,
                                      std::int64_t alignment);

// The smallest tile of at least `wanted` px (or all of `length`) that is as long as `length` modulo
// `alignment`.
std::int64_t aligned_tile(std::int64_t length, std::int64_t wanted, std::int64_t alignment);

// A gradient from overlapping tiles of one size, which are blended where they overlap, so that no
// seam can form.
class TiledGradient {
 public:
  // gradient: compiled for the size of a tile, which fits in the canvas. Errors: BadShape when it
  // does not.
  TiledGradient(std::unique_ptr<Gradient> gradient, Size canvas, CanvasGeometry geometry);

  std::int64_t tiles() const { return static_cast<std::int64_t>(rows_.size() * columns_.size()); }

  // As Gradient::set_cancel.
  void set_cancel(const CancelToken* cancel) { gradient_->set_cancel(cancel); }

  // Whether the gradient is that of the whole canvas, except for rounding.
  bool is_exact() const;

  // As Gradient::run, for a canvas that was rolled by this. Each position of a layer is counted
  // once in the value, and means are over the whole canvas's. For a layer that depends on the whole
  // canvas, each tile is treated as a canvas: means are over the tiles.
  double run(ConstView canvas, View grad, Offset rolled = {});

 private:
  void count_positions();
  void add_tile(std::size_t row, std::size_t column, View grad) const;

  std::unique_ptr<Gradient> gradient_;
  Size canvas_;
  CanvasGeometry geometry_;
  Blend blend_y_, blend_x_;
  std::vector<std::int64_t> rows_, columns_;  // where tiles begin
  // For each row or column of tiles, a weight for each pixel of it.
  std::vector<std::vector<float>> weight_y_, weight_x_;
  // For each tile, row by row: which positions of each target it counts. Empty: all.
  std::vector<std::vector<CountedPositions>> counted_;
  Tensor tile_, tile_grad_;
};

}  // namespace reverie
