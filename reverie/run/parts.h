// parts.h: what a recipe asks of the stages. Internal to run/, and for replays in tests.
#pragma once

#include "reverie/base/notice.h"
#include "reverie/base/random.h"
#include "reverie/gradient/objective.h"
#include "reverie/model/network.h"
#include "reverie/octave/ladder.h"
#include "reverie/run/recipe.h"

namespace reverie {

Objective objective_of(const Recipe& recipe, const Network& network, const NoticeSink& notices);

LadderOptions ladder_options(const Recipe& recipe, std::size_t memory_limit);

// The random numbers of one picture's steps, or recorded ones.
class Draws {
 public:
  // `frame` numbers the pictures of a film. The recipe must outlive this.
  Draws(const Recipe& recipe, std::uint32_t frame);

  // For LadderHooks::offset. Errors: BadRecipe when recorded jitter runs out.
  Offset offset(int octave, int iteration);
  // For LadderHooks::draw: any number for one step, in order.
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
