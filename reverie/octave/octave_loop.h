// octave_loop.h: gradient ascent through the octaves, from the smallest to the largest, handing on
// the dreamed detail.
#pragma once

#include <functional>
#include <memory>

#include "reverie/ascent/ascent.h"
#include "reverie/base/notice.h"
#include "reverie/gradient/objective.h"
#include "reverie/image/tone.h"
#include "reverie/octave/kinds.h"
#include "reverie/octave/octave_gradient.h"
#include "reverie/octave/resizing.h"
#include "reverie/plan/plan.h"

namespace reverie {

// Tone is matched to the source at each octave's size. A periodic canvas (`ascent.wrap`) is resized
// by resized_wrapped().
struct OctaveOptions : OctaveSettings {
  AscentOptions ascent;  // without its mask and source, which each octave has of its own
  TilingOptions tiling;
  // Truncate the last octave's dream to whole levels of 0..255 before it is resized to the
  // picture's size, as programs with 8 bits do.
  bool quantize_result = false;
  // [1,H,W] of 0..1, of the source's size, borrowed: the weight of the dream in each pixel of the
  // result. Empty: 1.
  ConstView mask = {};
};

// Where the loop is.
struct OctaveProgress {
  int octave;       // 0-based, coarsest first
  int octaves;      // without those that are too small
  Size size;        // of this octave
  double fraction;  // of the whole work that is done after this step, 0..1
};

struct OctaveHooks {
  // Called once before each step. Required.
  std::function<StepContext(int octave, int iteration)> context;
  // Called after each step with the canvas of that octave. May be empty.
  std::function<void(const OctaveProgress&, const Step&, ConstView canvas)> after_step;
  NoticeSink notices;
  const CancelToken* cancel = nullptr;
};

struct OctaveResult {
  Tensor canvas;             // [3,H,W]; the source where no octave was finished
  int octaves_finished = 0;  // fewer than asked for when cancelled
  bool cancelled = false;
  int tile = 0;  // px: the side of the tiles that were allowed; 0: no octave was tiled
};

// Dreams `source`, [3,H,W] float32 RGB display units, from the smallest level up; each starts as
// `OctaveMode` says. The result has the source's size, whatever the last level's. When cancelled,
// the last finished octave is carried there in the octave loop's own way. Errors: BadShape when the
// picture is too small for the objective's layers; as Gradient and ascend.
OctaveResult run_octaves(ConstView source, Compiler& compiler,
                         std::shared_ptr<const BoundObjective> objective,
                         const OctaveOptions& options, const OctaveHooks& hooks);

}  // namespace reverie
