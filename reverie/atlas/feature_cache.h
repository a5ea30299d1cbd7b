// feature_cache.h: finished features on disk, so that none is computed twice.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "reverie/base/api.h"
#include "reverie/recipe/atlas_settings.h"
#include "reverie/tensor/tensor.h"

namespace REVERIE_API reverie {

// $XDG_CACHE_HOME/reverie/atlas, else ~/.cache/reverie/atlas.
std::filesystem::path atlas_cache_folder();

// Everything that a feature depends on besides its channel.
struct FeatureKey {
  std::string network;          // SHA-256 of the weights
  std::string input_transform;  // as text: see describe()
  std::string layer;            // its full name
  AtlasSettings settings;
  Precision precision = Precision::fast;

  // JSON, one setting a line.
  std::string text() const;
};

// One folder for each key: FOLDER/HASH/key.json and 0000.png and so on, 8 bits. Each file appears
// whole or not at all, so several processes may compute the same features.
class FeatureCache {
 public:
  FeatureCache(const std::filesystem::path& folder, const FeatureKey& key);

  // Whether there is a file of the feature, damaged or not.
  bool has(int channel) const;

  // The feature [3,h,w] in display units; nothing when it is not there or damaged.
  std::optional<Tensor> find(int channel) const;

  // Errors: FileFailure.
  void keep(int channel, const Tensor& feature) const;

  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path path(int channel) const;

  std::filesystem::path folder_;
  std::string key_text_;
};

}  // namespace reverie
