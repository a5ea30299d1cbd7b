#include "reverie/atlas/atlas.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <optional>

#include "reverie/atlas/feature.h"
#include "reverie/base/error.h"
#include "reverie/base/threads.h"

namespace reverie {
namespace {

// Channels that several threads take one after the other.
class Queue {
 public:
  Queue(std::vector<std::size_t> cells, const AtlasControl& control)
      : cells_(std::move(cells)), control_(control) {}

  int size() const { return static_cast<int>(cells_.size()); }

  // The next cell; nothing when there is none, it was cancelled, or a thread has failed.
  std::optional<std::size_t> next() {
    const std::lock_guard lock(mutex_);
    if (failure_ || next_ == cells_.size()) return {};
    if (control_.cancel && control_.cancel->cancelled()) return {};
    return cells_[next_++];
  }
  void finish() {
    const std::lock_guard lock(mutex_);
    ++finished_;
    if (control_.progress) control_.progress(finished_, size());
  }
  void fail(std::exception_ptr failure) {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::move(failure);
  }
  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  std::vector<std::size_t> cells_;
  const AtlasControl& control_;
  std::mutex mutex_;
  std::size_t next_ = 0;
  int finished_ = 0;
  std::exception_ptr failure_;
};

}  // namespace

std::vector<Tensor> make_atlas(FeatureNetwork& network, const std::vector<int>& channels,
                               const AtlasSettings& settings, const FeatureCache& cache,
                               const AtlasControl& control) {
  for (int channel : channels)
    if (channel < 0 || channel >= network.channels())
      throw BadRecipe(fmt::format("channel {} does not exist: the layer has {} channels, 0 to {}",
                                  channel, network.channels(), network.channels() - 1));

  // What is finished already
  std::vector<Tensor> features(channels.size());
  std::vector<std::size_t> missing;
  for (std::size_t i = 0; i < channels.size(); ++i) {
    if (auto found = cache.find(channels[i]))
      features[i] = std::move(*found);
    else
      missing.push_back(i);
  }

  // Compute the rest, one channel per thread, since a small canvas keeps no two busy
  Queue queue(std::move(missing), control);
  const auto work = [&] {
    try {
      std::optional<FeatureAscent> ascend;
      while (const auto cell = queue.next()) {
        if (!ascend) ascend.emplace(network, settings);
        Tensor feature = ascend->ascend(channels[*cell], control.cancel);
        if (feature.empty()) return;
        cache.keep(channels[*cell], feature);
        features[*cell] = std::move(feature);
        queue.finish();
      }
    } catch (...) {
      queue.fail(std::current_exception());
    }
  };
  const int workers = queue.size() >= thread_count() ? thread_count() : 1;
  parallel_for(workers, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t worker = begin; worker < end; ++worker) work();
  });
  queue.rethrow();
  return features;
}

}  // namespace reverie
