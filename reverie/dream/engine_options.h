// engine_options.h: what a recipe asks of the stages. Internal to dream/, and for replays in tests.
#pragma once

#include "reverie/base/random.h"
#include "reverie/image/image.h"
#include "reverie/octave/octave_loop.h"
#include "reverie/recipe/recipe.h"

namespace reverie {

// What the dream starts from at the size of `source`, [3,H,W]: see Start. `frame` numbers the
// pictures of a video.
Tensor start_canvas(const Recipe& recipe, ConstView source, std::uint32_t frame);

// What a picture says as a mask, [1,h,w] of 0..255: its alpha where any of it is transparent, else
// its luma.
Tensor mask_values(const Image& picture);

// plan_memory: see TilingOptions.
OctaveOptions octave_options(const Recipe& recipe, std::size_t plan_memory);

// The random numbers of one picture's steps, or recorded ones.
class Draws {
 public:
  // `frame` numbers the pictures of a video. The recipe must outlive this.
  Draws(const Recipe& recipe, std::uint32_t frame);

  // For OctaveHooks::offset. Errors: BadRecipe when recorded jitter runs out.
  Offset offset(int octave, int iteration);
  // For OctaveHooks::augmentation.
  Augmentation augmentation(int octave, int iteration) const;
  // For OctaveHooks::draw: any number for one step, in order.
  int tile_start(int octave, int iteration, int low, int high);

 private:
  Offset recorded();

  const Recipe& recipe_;
  std::uint32_t frame_;
  std::size_t used_ = 0;
  int octave_ = -1, iteration_ = -1;  // of tiles_
  RandomStream tiles_;
};

}  // namespace reverie
