#include "apps/studio/tiles.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "apps/studio/ids.h"
#include "apps/studio/pictures.h"
#include "reverie/base/threads.h"

namespace reverie::studio {
namespace {

namespace fs = std::filesystem;
constexpr std::chrono::seconds patience{5};

}  // namespace

TileMaker::TileMaker(Store& store) : store_(store), thread_([this] { work(); }) {}

TileMaker::~TileMaker() {
  {
    const std::lock_guard lock(mutex_);
    cancel_.cancel();
  }
  changed_.notify_all();
  thread_.join();
}

fs::path TileMaker::folder_of(const std::string& id) const { return store_.thumb(id + "-tiles"); }

std::optional<TilePyramid> TileMaker::pyramid(const Dream& dream) {
  const bool is_film = dream.kind == "zoom" || dream.kind == "video";
  if (is_film || dream.lost || std::max(dream.width, dream.height) <= view_side)
    return std::nullopt;
  TilePyramid pyramid;
  pyramid.width = dream.width;
  pyramid.height = dream.height;
  std::unique_lock lock(mutex_);
  const auto is_made = [&] { return fs::exists(folder_of(dream.id)); };
  const auto is_wanted = [&] {
    return std::any_of(wanted_.begin(), wanted_.end(),
                       [&](const Dream& one) { return one.id == dream.id; });
  };
  if (!is_made() && !is_wanted() && failed_.count(dream.id) == 0) {
    wanted_.push_back(dream);
    changed_.notify_all();
  }
  changed_.wait_for(lock, patience, [&] { return is_made() || !is_wanted(); });
  if (failed_.count(dream.id) != 0) return std::nullopt;
  if (is_made()) pyramid.levels = tile_levels(dream.width, dream.height, pyramid.tile);
  return pyramid;
}

std::optional<fs::path> TileMaker::tile(const Dream& dream, int level, int x, int y) const {
  for (const char* extension : {"jpg", "png"}) {
    fs::path file = folder_of(dream.id) / fmt::format("{}/{}_{}.{}", level, x, y, extension);
    if (fs::exists(file)) return file;
  }
  return std::nullopt;
}

void TileMaker::work() {
  set_thread_count(1);  // of this thread: the engine has the processor
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return cancel_.cancelled() || !wanted_.empty(); });
    if (cancel_.cancelled()) return;
    const Dream dream = wanted_.front();
    lock.unlock();
    make(dream);
    lock.lock();
    wanted_.pop_front();
    if (!fs::exists(folder_of(dream.id))) failed_.insert(dream.id);
    changed_.notify_all();
  }
}

// What cannot be made is left out: the page has the picture for the screen.
void TileMaker::make(const Dream& dream) {
  const fs::path beside = store_.folder() / "incoming" / ("tiles-" + random_hex(8));
  std::error_code error;
  try {
    if (write_tile_pyramid(store_.path_of(dream), beside, &cancel_).levels > 0)
      fs::rename(beside, folder_of(dream.id), error);
  } catch (const std::exception&) {
  }
  fs::remove_all(beside, error);
}

}  // namespace reverie::studio
