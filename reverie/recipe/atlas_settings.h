// atlas_settings.h: the settings of a feature visualisation, described in one place like a
// recipe.
#pragma once

#include <cstdint>

#include "reverie/base/api.h"
#include "reverie/recipe/recipe.h"

namespace REVERIE_API reverie {

struct AtlasSettings {
  // Side of each feature's square, px.
  int size = 128;
  // Steps of gradient ascent for each feature.
  int iterations = 256;
  std::uint64_t seed = 0;

  friend bool operator==(const AtlasSettings&, const AtlasSettings&) = default;
};

// Calls field(value, Label, domain) for every setting, as describe(Recipe) does.
template <class A, class Visitor>
void describe_atlas(A& a, Visitor&& field) {
  field(a.size,
        Label{.name = "size",
              .help = "side of each feature's square",
              .unit = "px",
              .group = setting_group::atlas},
        Range<int>{32, 1024, Scale::logarithmic});
  field(a.iterations,
        Label{.name = "iterations",
              .help = "steps of gradient ascent for each feature; more are finer",
              .group = setting_group::atlas},
        Range<int>{1, 10000, Scale::logarithmic});
  field(a.seed,
        Label{.name = "seed", .help = "seed of the random numbers", .group = setting_group::atlas},
        Range<std::uint64_t>{0, ~std::uint64_t{0}});
}

}  // namespace reverie
