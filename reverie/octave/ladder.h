// ladder.h: the climb through the octaves: from the coarsest level up, carrying the dreamed detail
// along.
#pragma once

#include <functional>
#include <memory>

#include "reverie/ascent/climb.h"
#include "reverie/base/notice.h"
#include "reverie/gradient/objective.h"
#include "reverie/octave/pyramid.h"
#include "reverie/plan/plan.h"

namespace reverie {

struct LadderOptions {
  int octaves = 4;
  double octave_scale = 1.4;
  AscentOptions ascent;
  int tile = 0;  // px, the side of a tile; 0: tiles only where a plan would exceed memory_limit
  std::size_t memory_limit = std::size_t{2} << 30;  // bytes, for one plan
};

// A place in the climb.
struct Rung {
  int octave;       // 0-based, coarsest first
  int octaves;      // after those that are too small were dropped
  Size size;        // of this octave
  double fraction;  // of all the work, done after this step, 0..1
};

struct LadderHooks {
  // The displacement for an iteration of an octave. Required.
  std::function<Offset(int octave, int iteration)> offset;
  // Called after each step with the canvas of that octave. May be empty.
  std::function<void(const Rung&, const Step&, ConstView canvas)> after_step;
  NoticeSink notices;
  const CancelToken* cancel = nullptr;
};

struct LadderResult {
  Tensor canvas;             // [3,H,W]; the source where no octave was finished
  int octaves_finished = 0;  // fewer than asked for when cancelled
  bool cancelled = false;
};

// Dreams `source`, [3,H,W] float32 RGB display units. base[k] is source shrunk level by level; at
// each level canvas = base + detail of the level below, enlarged; after it, detail = canvas - base.
// When cancelled, the detail of the last finished octave is carried to the full size. Errors:
// BadShape when the picture is too small for the objective's layers; as Gradient and climb. Source:
// google/deepdream, dream.ipynb, deepdream.
LadderResult climb_octaves(ConstView source, Compiler& compiler,
                           std::shared_ptr<const BoundObjective> objective,
                           const LadderOptions& options, const LadderHooks& hooks);

}  // namespace reverie
