// atlas_settings.h: everything that decides what a channel's feature looks like, described in one
// place as a recipe is.
#pragma once

#include <cstdint>

#include "reverie/base/api.h"
#include "reverie/recipe/recipe.h"

namespace REVERIE_API reverie {

struct AtlasSettings {
  int size = 128;
  int iterations = 256;
  std::uint64_t seed = 0;

  friend bool operator==(const AtlasSettings&, const AtlasSettings&) = default;
};

// Calls field(value, Label, domain) for every setting, as describe(Recipe) does.
template <class A, class Visitor>
void describe_atlas(A& a, Visitor&& field) {
  field(a.size, Label{"size", 0, "side of each feature's square", "px"}, Range<int>{32, 1024});
  field(a.iterations, Label{"iterations", 0, "steps of ascent for each feature; 512 are finer", ""},
        Range<int>{1, 10000});
  field(a.seed, Label{"seed", 0, "of the random numbers: another seed, other features", ""},
        Range<std::uint64_t>{0, ~std::uint64_t{0}});
}

}  // namespace reverie
