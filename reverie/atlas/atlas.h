// atlas.h: what the channels of a layer look for, and which of them answer to a picture.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "reverie/atlas/feature.h"
#include "reverie/atlas/feature_cache.h"
#include "reverie/base/api.h"
#include "reverie/gradient/objective.h"

namespace REVERIE_PRIVATE_API reverie {

struct AtlasControl {
  // After each feature that was climbed: how many of those that were missing are finished. Called
  // by one thread at a time.
  std::function<void(int finished, int missing)> progress;
  const CancelToken* cancel = nullptr;
};

// The features of these channels, in their order, from the cache or climbed and put there. Empty
// ones were not finished when it was cancelled. Climbs as many at a time as there are threads.
// Errors: BadRecipe for a channel that the layer does not have; as FeatureAscent and FeatureCache.
std::vector<Tensor> make_atlas(FeatureNetwork& network, const std::vector<int>& channels,
                               const AtlasSettings& settings, const FeatureCache& cache,
                               const AtlasControl& control);

// How much a channel answers to a picture.
struct Answer {
  int channel;
  double value;  // the mean of its activations, or the one at a place
};

// The answers of all channels of a layer, the strongest first. picture: [3,H,W] display units, used
// at its own size. Errors: BadShape for a picture too small for the layer; as bind() and
// make_compiler().
std::vector<Answer> rank_channels(const Network& network, const std::string& layer,
                                  ConstView picture, std::optional<Place> at, Precision precision,
                                  Device device);

}  // namespace reverie
