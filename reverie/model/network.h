// network.h: from a name or a file to a Graph, whatever the file's format.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "reverie/base/notice.h"
#include "reverie/graph/graph.h"

namespace reverie {

// A network ready to be dreamed with, and where it came from.
struct Network {
  Graph graph;
  std::string name;  // "reverie-0" for the one inside, else the zoo's name or the file's stem
  std::filesystem::path file;  // the weights; empty for the one inside
  std::string sha256;          // of the weights file, hexadecimal
  std::string default_layer;   // what a dream climbs when no layer is named
};

struct NetworkOptions {
  std::filesystem::path prototxt;  // a Caffe network's description; empty: found beside the weights
  std::filesystem::path weights_folder;  // empty: the weights_folder() of this user
};

// `name` is empty for the network inside, else a path to a file or folder, else the name of a
// network in the weights folder (NAME, NAME.ext or NAME/anything.ext). Errors: FileFailure when
// nothing has that name (saying where it looked and what there is); BadModel.
Network open_network(const std::string& name, const NetworkOptions& options = {},
                     const NoticeSink& notices = {});

// $REVERIE_MODELS, else $XDG_DATA_HOME/reverie/models, else ~/.local/share/reverie/models.
std::filesystem::path weights_folder();

struct NetworkEntry {
  std::string name;
  std::filesystem::path file;  // empty for the one inside
  std::uintmax_t bytes = 0;
};

// The network inside, then those in the weights folder, by name.
std::vector<NetworkEntry> list_networks(const std::filesystem::path& folder = weights_folder());

}  // namespace reverie
