// weights_folder.h: the folder of a user's network files, where networks are found by name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "reverie/base/api.h"

namespace REVERIE_API reverie {

// $REVERIE_MODELS, else $XDG_DATA_HOME/reverie/models, else ~/.local/share/reverie/models.
std::filesystem::path weights_folder();

struct NetworkEntry {
  std::string name;
  std::filesystem::path file;  // empty for the one inside
  std::uintmax_t bytes = 0;
};

// The network inside, then those in the weights folder, by name.
std::vector<NetworkEntry> list_networks(const std::filesystem::path& folder = weights_folder());

// The weights file that `name` means: a path to a file or folder, or a name in the weights folder.
// Errors: FileFailure, naming the places searched and the nearest names.
std::filesystem::path locate_weights(const std::string& name,
                                     const std::filesystem::path& folder = weights_folder());

// Whether locate_weights would find a file under this name, valid or not.
bool has_weights(const std::string& name, const std::filesystem::path& folder = weights_folder());

}  // namespace reverie
