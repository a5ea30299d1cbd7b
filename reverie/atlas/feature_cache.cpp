#include "reverie/atlas/feature_cache.h"

#include <fmt/format.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <span>

#include "reverie/base/error.h"
#include "reverie/base/file/atomic_file.h"
#include "reverie/base/file/checksum.h"
#include "reverie/codec/image/image_file.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;

// Raised whenever the same settings give other pictures than before.
constexpr int method = 1;

}  // namespace

fs::path atlas_cache_folder() {
  const auto variable = [](const char* name) {
    const char* const value = std::getenv(name);
    return fs::path(value ? value : "");
  };
  // As the specification says, a relative path counts as none
  if (const fs::path cache = variable("XDG_CACHE_HOME"); cache.is_absolute())
    return cache / "reverie/atlas";
  return variable("HOME") / ".cache/reverie/atlas";
}

std::string FeatureKey::text() const {
  nlohmann::ordered_json key{{"method", method},
                             {"network", network},
                             {"input_transform", input_transform},
                             {"layer", layer},
                             {"precision", to_string(precision)}};
  describe_atlas(settings, [&](const auto& value, const Label& label, const auto&) {
    key[label.name] = value;
  });
  return key.dump(2) + "\n";
}

FeatureCache::FeatureCache(const fs::path& folder, const FeatureKey& key) : key_text_(key.text()) {
  constexpr std::size_t digits = 16;
  folder_ = folder / sha256(std::as_bytes(std::span(key_text_))).substr(0, digits);
}

fs::path FeatureCache::path(int channel) const {
  return folder_ / fmt::format("{:04}.png", channel);
}

bool FeatureCache::has(int channel) const {
  std::error_code ignored;
  return fs::exists(path(channel), ignored);
}

std::optional<Tensor> FeatureCache::find(int channel) const {
  if (!has(channel)) return {};
  try {
    return read_image(path(channel)).color;
  } catch (const Error&) {
    return {};  // it is ascended again
  }
}

void FeatureCache::keep(int channel, const Tensor& feature) const {
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error)
    throw FileFailure(
        fmt::format("cannot make folder '{}' for finished features: {}; --cache names another",
                    folder_.string(), error.message()));
  if (!fs::exists(folder_ / "key.json", error))
    write_atomically(folder_ / "key.json", key_text_, true);
  ImageOptions options;
  options.overwrite = true;
  write_image(path(channel), Image{feature.clone(), {}}, options);
}

}  // namespace reverie
