// atlas.h: feature visualisations of the channels of a layer.
#pragma once

#include <functional>
#include <vector>

#include "reverie/atlas/feature_cache.h"
#include "reverie/atlas/feature_network.h"
#include "reverie/base/api.h"
#include "reverie/base/cancel.h"

namespace REVERIE_API reverie {

struct AtlasControl {
  // After each feature that was ascended: how many of those that were missing are finished. Called
  // by one thread at a time.
  std::function<void(int finished, int missing)> progress;
  const CancelToken* cancel = nullptr;
};

// The features of these channels, in their order, from the cache or ascended and put there. Empty
// ones were not finished when it was cancelled. Ascends as many at a time as there are threads.
// Errors: BadRecipe for a channel that the layer does not have; as FeatureAscent and FeatureCache.
std::vector<Tensor> make_atlas(FeatureNetwork& network, const std::vector<int>& channels,
                               const AtlasSettings& settings, const FeatureCache& cache,
                               const AtlasControl& control);

}  // namespace reverie
