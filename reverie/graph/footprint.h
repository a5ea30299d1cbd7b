// footprint.h: which pixels of the canvas the values of a layer depend on, and what follows for a
// gradient that is computed in tiles.
#pragma once

#include <cstdint>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/graph/graph.h"

namespace REVERIE_PRIVATE_API reverie {

// Along one axis of the canvas: position p of a layer depends on the pixels from p * stride -
// before to p * stride + after, both included. All in px.
struct FieldAxis {
  std::int64_t stride = 1;
  std::int64_t before = 0, after = 0;

  std::int64_t size() const { return before + after + 1; }
  // How far a tile must extend before and after its core, so that the core's gradient is that of
  // the whole canvas; for a core that begins and ends at multiples of the stride.
  std::int64_t halo_before() const;
  std::int64_t halo_after() const;

  friend bool operator==(const FieldAxis&, const FieldAxis&) = default;
};

// The pixels that one position of a layer depends on: the hull of all paths to the canvas.
struct ReceptiveField {
  // False where every position depends on the whole canvas (behind a global pool or an inner
  // product), or where branches meet whose positions lie at different strides. The axes are then
  // those of the layer's input.
  bool is_bounded = true;
  FieldAxis y, x;

  friend bool operator==(const ReceptiveField&, const ReceptiveField&) = default;
};

// The receptive field of each layer, for a canvas of height x width px. SAME padding depends on the
// size modulo the strides; 0: a multiple of them all. The canvas's edges are not counted: positions
// near them depend on fewer pixels.
std::vector<ReceptiveField> receptive_fields(const Graph& graph, std::int64_t height = 0,
                                             std::int64_t width = 0);

// Along one axis, for a set of layers, in px.
struct FootprintAxis {
  // Tiles that begin at multiples of this, and are as long as the canvas modulo it, have the
  // canvas's windows and padding: the least common multiple of the strides up to the layers.
  std::int64_t alignment = 1;
  std::int64_t receptive_field = 1;  // of the layer that has the largest
  // How far a tile must extend beyond its core, so that the core's gradient is that of the whole
  // canvas; at the canvas's own edges nothing is needed. For a core on the alignment grid:
  std::int64_t halo_before = 0, halo_after = 0;
  // ... and for any core, on both sides:
  std::int64_t halo = 0;

  friend bool operator==(const FootprintAxis&, const FootprintAxis&) = default;
};

// The geometry of a gradient that starts from a set of layers.
struct Footprint {
  bool is_bounded = true;  // false: some layer depends on the whole canvas, and tiles are not exact
  FootprintAxis y, x;

  friend bool operator==(const Footprint&, const Footprint&) = default;
};

// layers: indices into graph.layers. Layers that none of them depends on do not count.
Footprint footprint(const Graph& graph, const std::vector<int>& layers, std::int64_t height = 0,
                    std::int64_t width = 0);

}  // namespace reverie
