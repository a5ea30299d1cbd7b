// point.h: what a network sees in a picture: which channels answer at a place, and where one does.
#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "apps/studio/opened.h"
#include "apps/studio/queue.h"
#include "apps/studio/store.h"
#include "reverie/atlas/ranking.h"
#include "reverie/image/image.h"

namespace reverie::studio {

inline constexpr int look_at_px = 512;  // of the longer side of a picture that is looked at

// A picture for a network to look at.
struct Sight {
  std::string picture;  // "asset:ID" or "dream:ID"
  std::shared_ptr<const Opened> network;
  std::vector<std::string> layers;  // full names
};

// Four of the layers worth dreaming on, from fine to deep; all of them where they are fewer.
std::vector<std::string> four_depths(const Network& network);

// Remembers what the network saw in the last picture, so that further places, channels and masks of
// it need no engine. The first look at a picture is a job of the class `look`. Any thread but the
// engine's and the server's.
class Looker {
 public:
  Looker(Store& store, Queue& queue, std::chrono::seconds patience = std::chrono::seconds(10))
      : store_(store), queue_(queue), patience_(patience) {}

  // What the sight's network says of the picture; `layers` are those of `ranker`, in its order, and
  // `picture` is [3,h,w] as it was looked at.
  struct Seen {
    const ChannelRanker& ranker;
    const std::vector<std::string>& layers;
    const Shape& picture;

    // Of a layer that the sight has.
    std::size_t index_of(const std::string& layer) const;
  };

  // Calls use(seen) while nothing changes; waits for the engine where the picture was not looked at
  // yet. False: the engine had no time within ten seconds; it will look later. Errors: BadRecipe
  // for no picture; as read_image, ChannelRanker.
  bool see(const Sight& sight, const std::function<void(const Seen& seen)>& use);

  // Gives the memory back that was not used for some minutes.
  void forget_unused();

 private:
  struct Prepared {
    std::shared_ptr<const Opened> network;
    std::vector<std::string> layers;
    ChannelRanker ranker;
    std::string picture;  // looked at last
    Shape shape;          // of it
    std::int64_t used = 0;
  };

  Prepared* kept(const Sight& sight);
  std::shared_future<void> asked(const Sight& sight);
  void look(const Sight& sight, const Image& picture);
  Image picture_of(const std::string& reference) const;

  Store& store_;
  Queue& queue_;
  const std::chrono::seconds patience_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Prepared>> prepared_;          // the one used last first
  std::map<std::string, std::shared_future<void>> waiting_;  // looks, by picture, network, layers
};

// Where one of these channels answers: their heat maps one over the other, blurred by a stride and
// scaled to the strongest place, as a mask of the picture's form. Errors: as heat_map.
Image heat_mask(const Looker::Seen& seen, std::size_t layer, const std::vector<int>& channels);

}  // namespace reverie::studio
