// tiles.h: large dreams as tiles, so that a gigapixel never reaches the page.
#pragma once

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "apps/studio/store.h"
#include "reverie/base/cancel.h"
#include "reverie/codec/image/tile_pyramid.h"

namespace reverie::studio {

// Makes the pyramid of a dream in thumbs/ID-tiles when it is asked for, one after the other, on a
// thread of its own; what is made stays until the dream goes. Any thread.
class TileMaker {
 public:
  explicit TileMaker(Store& store);
  // Stops what is at work; nothing half made is left.
  ~TileMaker();

  // The pyramid of a picture that is larger than the one for the screen; nothing for others, and
  // where it cannot be made. Waits some seconds for one that is not made yet; levels 0: it will be.
  std::optional<TilePyramid> pyramid(const Dream& dream);

  // A tile; nothing: there is none, or not yet.
  std::optional<std::filesystem::path> tile(const Dream& dream, int level, int x, int y) const;

 private:
  std::filesystem::path folder_of(const std::string& id) const;
  void work();
  void make(const Dream& dream);

  Store& store_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Dream> wanted_;      // the first one is at work
  std::set<std::string> failed_;  // they are not tried again
  CancelToken cancel_;
  std::thread thread_;
};

}  // namespace reverie::studio
