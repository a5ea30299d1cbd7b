#include "apps/studio/atlas.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "apps/studio/ids.h"
#include "reverie/atlas/atlas.h"
#include "reverie/base/error.h"
#include "reverie/base/threads.h"
#include "reverie/codec/image/image_file.h"
#include "reverie/recipe/recipe.h"

namespace reverie::studio {
namespace {

using Clock = std::chrono::steady_clock;

const Precision precision = Recipe{}.precision;

}  // namespace

FeatureCache AtlasMaker::cache_of(const Opened& network, const std::string& layer) const {
  return {options_.folder,
          {network.sha256, describe(network.network.graph.transform), layer, options_.settings,
           precision}};
}

bool AtlasMaker::is_ready(const Opened& network, const std::string& layer, int channel) const {
  return cache_of(network, layer).has(channel);
}

std::vector<int> AtlasMaker::ready(const Opened& network, const ListedLayer& layer) const {
  const FeatureCache cache = cache_of(network, layer.name);
  std::vector<int> channels;
  for (int channel = 0; channel < layer.channels; ++channel)
    if (cache.has(channel)) channels.push_back(channel);
  return channels;
}

std::optional<std::string> AtlasMaker::picture(const Opened& network, const std::string& layer,
                                               int channel) const {
  auto feature = cache_of(network, layer).find(channel);
  if (!feature) return std::nullopt;
  ImageOptions options;
  options.format = "jpg";
  options.quality = 90;
  return encode_image(Image{std::move(*feature), {}}, options);
}

void AtlasMaker::ask(std::shared_ptr<const Opened> network, const ListedLayer& layer,
                     const std::vector<int>& channels) {
  for (const int channel : channels)
    if (channel < 0 || channel >= layer.channels)
      throw BadRecipe(fmt::format("channel {} does not exist: the layer has {} channels, 0 to {}",
                                  channel, layer.channels, layer.channels - 1));
  const std::lock_guard lock(mutex_);
  Layer& asked = layers_[network->name + " " + layer.name];
  asked.network = std::move(network);
  asked.name = layer.name;
  asked.channels = layer.channels;
  asked.asked = ++requests_;
  asked.spent_s = 0;
  auto& wanted = asked.wanted;
  const auto is_asked = [&](int channel) {
    return std::find(channels.begin(), channels.end(), channel) != channels.end();
  };
  wanted.erase(std::remove_if(wanted.begin(), wanted.end(), is_asked), wanted.end());
  wanted.insert(wanted.begin(), channels.begin(), channels.end());
  if (is_at_the_rest_ && !channels.empty()) queue_.give_way(job_);
  queue_job();
}

// REQUIRES: the lock.
void AtlasMaker::queue_job() {
  if (!job_.empty()) return;
  JobRequest request;
  request.id = new_dream_id(now_ms());
  request.what = JobClass::idle;
  request.task = [this](const CancelToken& cancel) { work(cancel); };
  const std::string id = request.id;
  queue_.add(std::move(request), -1, 0, 0);
  job_ = id;
}

// On the engine's thread: a few channels, then other idle work has its turn.
void AtlasMaker::work(const CancelToken& cancel) {
  const Batch batch = next_batch();
  if (batch.channels.empty()) {
    prepared_.reset();
    return;
  }
  const auto begin = Clock::now();
  bool has_failed = false;
  try {
    make(batch, cancel);
  } catch (const std::exception&) {  // it cannot run there, memory or the disk is full
    has_failed = true;
  }
  const std::lock_guard lock(mutex_);
  const auto layer = layers_.find(batch.key);
  if (layer != layers_.end()) {
    layer->second.spent_s += std::chrono::duration<double>(Clock::now() - begin).count();
    if (has_failed) layers_.erase(layer);
  }
  is_at_the_rest_ = false;
  if (cancel.cancelled()) return;  // the queue has the same job again
  job_.clear();
  queue_job();
}

AtlasMaker::Batch AtlasMaker::next_batch() {
  const std::lock_guard lock(mutex_);
  Batch batch;
  while (!layers_.empty()) {
    // What was asked for goes before the rest of any layer, then the latest request counts
    const auto next =
        std::max_element(layers_.begin(), layers_.end(), [](const auto& a, const auto& b) {
          const bool a_wanted = !a.second.wanted.empty(), b_wanted = !b.second.wanted.empty();
          return a_wanted != b_wanted ? b_wanted : a.second.asked < b.second.asked;
        });
    Layer& layer = next->second;
    if (layer.spent_s < options_.patience_s) batch.channels = missing_of(layer);
    if (!batch.channels.empty()) {
      batch.key = next->first;
      batch.network = layer.network;
      batch.layer = layer.name;
      return batch;
    }
    layers_.erase(next);
  }
  job_.clear();
  return batch;
}

// As many as there are threads, since each thread ascends one. REQUIRES: the lock.
std::vector<int> AtlasMaker::missing_of(Layer& layer) {
  const FeatureCache cache = cache_of(*layer.network, layer.name);
  const auto most = static_cast<std::size_t>(thread_count());
  auto& wanted = layer.wanted;
  wanted.erase(
      std::remove_if(wanted.begin(), wanted.end(), [&](int channel) { return cache.has(channel); }),
      wanted.end());
  is_at_the_rest_ = wanted.empty();
  if (!wanted.empty())
    return {wanted.begin(),
            wanted.begin() + static_cast<std::ptrdiff_t>(std::min(most, wanted.size()))};
  std::vector<int> rest;
  for (int channel = 0; channel < layer.channels && rest.size() < most; ++channel)
    if (!cache.has(channel)) rest.push_back(channel);
  return rest;
}

void AtlasMaker::make(const Batch& batch, const CancelToken& cancel) {
  if (!prepared_ || prepared_for_ != batch.key) {
    prepared_.reset();
    prepared_ = std::make_unique<FeatureNetwork>(batch.network->network, batch.layer, precision,
                                                 Device::automatic);
    prepared_for_ = batch.key;
  }
  AtlasControl control;
  control.cancel = &cancel;
  const std::vector<Tensor> features = make_atlas(*prepared_, batch.channels, options_.settings,
                                                  cache_of(*batch.network, batch.layer), control);
  for (std::size_t i = 0; i < features.size(); ++i)
    if (!features[i].empty())
      events_.publish(
          "atlas",
          nlohmann::json{{"network", batch.network->name},
                         {"layer", batch.layer},
                         {"channel", batch.channels[i]},
                         {"url", channel_url(batch.network->name, batch.layer, batch.channels[i])}}
              .dump());
}

std::string channel_url(const std::string& network, const std::string& layer, int channel) {
  std::string dotted = layer;
  std::replace(dotted.begin(), dotted.end(), '/', '.');
  return fmt::format("/api/1/atlas/{}/{}/{}.jpg", network, dotted, channel);
}

}  // namespace reverie::studio
