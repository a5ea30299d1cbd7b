// atlas.h: pictures of what the channels of a layer look for, made while nothing else is to be
// done.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "apps/studio/events.h"
#include "apps/studio/opened.h"
#include "apps/studio/queue.h"
#include "reverie/atlas/feature_cache.h"
#include "reverie/atlas/feature_network.h"

namespace reverie::studio {

struct AtlasOptions {
  std::filesystem::path folder = atlas_cache_folder();
  AtlasSettings settings = {};  // by default the command line's: both find each other's pictures
  double patience_s = 60;       // of work for a layer since it was last asked for
};

// The pictures are those of `reverie atlas`, in its folder. Jobs of the class `idle` make a few
// channels at a time: first those that were asked for, the last request first; then the others of
// the layer that was asked for last. After a minute of work for a layer that nobody asks for any
// more, its turn is over. Any thread.
class AtlasMaker {
 public:
  AtlasMaker(Queue& queue, EventLog& events, AtlasOptions options = {})
      : queue_(queue), events_(events), options_(std::move(options)) {}

  bool is_ready(const Opened& network, const std::string& layer, int channel) const;
  // The channels whose pictures are there. `layer` is a layer's full name, as in all that follows.
  std::vector<int> ready(const Opened& network, const ListedLayer& layer) const;
  // JPEG; nothing: not yet.
  std::optional<std::string> picture(const Opened& network, const std::string& layer,
                                     int channel) const;

  // Asks for these channels of a layer next, and for its others after them. Events: `atlas` for
  // each channel that is made. Errors: BadRecipe for a channel that the layer does not have.
  void ask(std::shared_ptr<const Opened> network, const ListedLayer& layer,
           const std::vector<int>& channels);

 private:
  struct Layer {
    std::shared_ptr<const Opened> network;
    std::string name;
    std::int64_t channels = 0;
    std::deque<int> wanted;
    std::int64_t asked = 0;  // the number of the last request
    double spent_s = 0;      // worked for it since then
  };
  struct Batch {
    std::string key;  // in layers_
    std::shared_ptr<const Opened> network;
    std::string layer;
    std::vector<int> channels;  // empty: nothing is left to do
  };

  FeatureCache cache_of(const Opened& network, const std::string& layer) const;
  void queue_job();
  void work(const CancelToken& cancel);
  Batch next_batch();
  std::vector<int> missing_of(Layer& layer);
  void make(const Batch& batch, const CancelToken& cancel);

  Queue& queue_;
  EventLog& events_;
  const AtlasOptions options_;
  std::mutex mutex_;
  std::map<std::string, Layer> layers_;
  std::int64_t requests_ = 0;
  std::string job_;              // that waits or is at work; empty: none
  bool is_at_the_rest_ = false;  // it makes channels that nobody asked for
  // Prepared for the layer at work; the engine's thread
  std::unique_ptr<FeatureNetwork> prepared_;
  std::string prepared_for_;
};

// Where the API has the picture of a channel.
std::string channel_url(const std::string& network, const std::string& layer, int channel);

}  // namespace reverie::studio
