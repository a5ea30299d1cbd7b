#include "apps/studio/point.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "apps/studio/ids.h"
#include "apps/studio/pictures.h"
#include "reverie/base/error.h"
#include "reverie/image/resample.h"
#include "reverie/recipe/recipe.h"

namespace reverie::studio {
namespace {

constexpr std::size_t most_prepared = 2;  // sets of layers
constexpr std::int64_t unused_ms = 5 * 60 * 1000;

std::string key_of(const Sight& sight) {
  return fmt::format("{} {} {}", sight.picture, sight.network->sha256,
                     fmt::join(sight.layers, " "));
}

bool has_all(const std::vector<std::string>& all, const std::vector<std::string>& some) {
  return std::all_of(some.begin(), some.end(), [&](const std::string& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
  });
}

// One row or column of a map, blurred by a Gaussian whose sigma is one cell; what would lie beyond
// the border has no weight.
void blur_line(float* first, std::int64_t step, std::int64_t count) {
  constexpr std::int64_t reach = 3;
  std::vector<float> line(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) {
    double sum = 0, weights = 0;
    for (std::int64_t j = std::max<std::int64_t>(i - reach, 0); j <= std::min(i + reach, count - 1);
         ++j) {
      const double weight = std::exp(-0.5 * static_cast<double>((i - j) * (i - j)));
      sum += weight * first[j * step];
      weights += weight;
    }
    line[static_cast<std::size_t>(i)] = static_cast<float>(sum / weights);
  }
  for (std::int64_t i = 0; i < count; ++i) first[i * step] = line[static_cast<std::size_t>(i)];
}

}  // namespace

std::vector<std::string> four_depths(const Network& network) {
  constexpr std::size_t depths = 4;
  const std::vector<std::string>& good = network.good_layers;
  if (good.empty()) return {default_layer_of(network)};
  if (good.size() <= depths) return good;
  std::vector<std::string> chosen;
  for (std::size_t i = 0; i < depths; ++i)
    chosen.push_back(good[(i * (good.size() - 1) + (depths - 1) / 2) / (depths - 1)]);
  return chosen;
}

std::size_t Looker::Seen::index_of(const std::string& layer) const {
  return static_cast<std::size_t>(std::find(layers.begin(), layers.end(), layer) - layers.begin());
}

bool Looker::see(const Sight& sight, const std::function<void(const Seen& seen)>& use) {
  const auto end = std::chrono::steady_clock::now() + patience_;
  for (;;) {
    std::unique_lock lock(mutex_);
    if (Prepared* prepared = kept(sight)) {
      prepared->used = now_ms();
      use({prepared->ranker, prepared->layers, prepared->shape});
      return true;
    }
    lock.unlock();
    const std::shared_future<void> look = asked(sight);
    if (look.wait_until(end) != std::future_status::ready) return false;
    look.get();
  }
}

// What saw this picture last, with these layers among its own. REQUIRES: the lock.
Looker::Prepared* Looker::kept(const Sight& sight) {
  for (const auto& prepared : prepared_)
    if (prepared->network->sha256 == sight.network->sha256 && prepared->picture == sight.picture &&
        has_all(prepared->layers, sight.layers))
      return prepared.get();
  return nullptr;
}

// The look that waits for the engine or is at work; several who ask for the same share one.
std::shared_future<void> Looker::asked(const Sight& sight) {
  const std::string key = key_of(sight);
  {
    const std::lock_guard lock(mutex_);
    const auto there = waiting_.find(key);
    if (there != waiting_.end()) return there->second;
  }
  auto picture = std::make_shared<Image>(picture_of(sight.picture));
  auto promise = std::make_shared<std::promise<void>>();
  JobRequest request;
  request.id = new_dream_id(now_ms());
  request.what = JobClass::look;
  request.task = [this, sight, key, picture, promise](const CancelToken&) {
    try {
      look(sight, *picture);
      promise->set_value();
    } catch (...) {
      promise->set_exception(std::current_exception());
    }
    const std::lock_guard lock(mutex_);
    waiting_.erase(key);
  };
  const std::shared_future<void> future = promise->get_future().share();
  {
    const std::lock_guard lock(mutex_);
    const auto [there, is_new] = waiting_.emplace(key, future);
    if (!is_new) return there->second;
  }
  try {
    queue_.add(std::move(request), -1, 0, 0);
  } catch (...) {
    const std::lock_guard lock(mutex_);
    waiting_.erase(key);
    throw;
  }
  return future;
}

// On the engine's thread. The ranker is nobody else's meanwhile.
void Looker::look(const Sight& sight, const Image& picture) {
  std::unique_ptr<Prepared> mine;
  {
    const std::lock_guard lock(mutex_);
    const auto same =
        std::find_if(prepared_.begin(), prepared_.end(), [&](const std::unique_ptr<Prepared>& one) {
          return one->network->sha256 == sight.network->sha256 && one->layers == sight.layers;
        });
    if (same != prepared_.end()) {
      mine = std::move(*same);
      prepared_.erase(same);
    }
  }
  if (!mine)
    mine.reset(
        new Prepared{sight.network,
                     sight.layers,
                     {sight.network->network, sight.layers, Recipe{}.precision, Device::automatic},
                     {},
                     {},
                     0});
  mine->ranker.look(picture.color);
  mine->picture = sight.picture;
  mine->shape = picture.color.shape();
  mine->used = now_ms();
  const std::lock_guard lock(mutex_);
  prepared_.insert(prepared_.begin(), std::move(mine));
  if (prepared_.size() > most_prepared) prepared_.pop_back();
}

// The file itself where it is no larger than the picture for the screen, which is a JPEG.
Image Looker::picture_of(const std::string& reference) const {
  const auto file = store_.referenced(reference);
  if (!file)
    throw BadRecipe(fmt::format(
        "picture: '{}' is no picture of the studio, expected asset:ID or dream:ID", reference));
  std::string id = reference.substr(6), kind;
  std::int64_t side = 0;
  if (reference.rfind("asset:", 0) == 0) {
    const auto asset = store_.asset(id);
    if (!asset || asset->kind == "recipe") throw BadRecipe("picture: expected a picture");
    kind = asset->kind;
    side = std::max(asset->width, asset->height);
  } else if (const auto dream = store_.dream(id)) {
    kind = dream->kind;
    side = std::max(dream->width, dream->height);
  }
  if (side <= view_side) return shrunk_to_side(first_picture(*file, kind), look_at_px);
  return shrunk_to_side(first_picture(smaller_picture(store_, id, "view", *file, kind), "image"),
                        look_at_px);
}

void Looker::forget_unused() {
  const std::lock_guard lock(mutex_);
  const std::int64_t now = now_ms();
  prepared_.erase(std::remove_if(prepared_.begin(), prepared_.end(),
                                 [&](const std::unique_ptr<Prepared>& one) {
                                   return now - one->used > unused_ms;
                                 }),
                  prepared_.end());
}

Image heat_mask(const Looker::Seen& seen, std::size_t layer, const std::vector<int>& channels) {
  Tensor heat;
  for (const int channel : channels) {
    Tensor map = seen.ranker.heat_map(layer, channel);
    if (heat.empty()) {
      heat = std::move(map);
      continue;
    }
    for (std::int64_t i = 0; i < heat.size(); ++i) heat[i] = std::max(heat[i], map[i]);
  }
  const std::int64_t height = heat.shape().height(), width = heat.shape().width();
  for (std::int64_t y = 0; y < height; ++y) blur_line(heat.data() + y * width, 1, width);
  for (std::int64_t x = 0; x < width; ++x) blur_line(heat.data() + x, width, height);
  const float strongest = *std::max_element(heat.data(), heat.data() + heat.size());
  if (strongest > 0)
    for (std::int64_t i = 0; i < heat.size(); ++i) heat[i] *= 255 / strongest;
  const Tensor mask =
      resampled(heat, seen.picture.height(), seen.picture.width(), Resampler::tf_half);
  Image image;
  image.color = Tensor::uninitialized({3, seen.picture.height(), seen.picture.width()});
  for (int plane = 0; plane < 3; ++plane)
    std::copy(mask.data(), mask.data() + mask.size(), image.color.data() + plane * mask.size());
  return image;
}

}  // namespace reverie::studio
