// network.h: from a name or a file to a Graph, whatever the file's format.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/base/notice.h"
#include "reverie/graph/graph.h"
#include "reverie/model/input_transform.h"
#include "reverie/model/weights_folder.h"
#include "reverie/model/zoo/look.h"

namespace REVERIE_API reverie {

// A network ready to be dreamed with, and where it came from. A plain value; its weights are shared
// by copies and never written, so any threads may read it.
struct Network {
  Graph graph;
  std::string name;  // "reverie-4" for the one inside, else the zoo's name or the file's stem
  std::filesystem::path file;  // the weights; empty for the one inside
  std::string default_layer;   // what is dreamed on when no layer is named; empty: nothing can be
  bool default_is_guess = false;         // nobody says that it is worth dreaming on
  std::vector<std::string> good_layers;  // worth dreaming on, fine to coarse; empty: unknown
  std::string description;               // one line about where it came from; may be empty
  std::vector<Look> looks;               // styles that it offers by name, fine to coarse
};

// How a network is opened. Empty members have the defaults that the comments state.
struct NetworkOptions {
  std::filesystem::path prototxt;  // a Caffe network's description; empty: found beside the weights
  std::filesystem::path weights_folder;  // empty: the weights_folder() of this user
  // The network's input transform; none: from the zoo, else from its file, else assumed.
  std::optional<InputTransform> input_transform;
};

// Opens a network: finds the file, reads it whatever its format, and adds what the zoo knows of it
// (zoo/zoo.h). `name` is empty for the network inside, else a path to a file or folder, else the
// name of a network in the weights folder (NAME, NAME.ext or NAME/anything.ext). Downloads nothing.
// Notices: values that were assumed, on the calling thread. Any thread; several at once.
// Errors: FileFailure when nothing has that name (naming the places searched and the nearest names)
// or a file cannot be read; BadModel when it is damaged or inconsistent; Unsupported for a format
// that is recognized but not read.
Network open_network(const std::string& name, const NetworkOptions& options = {},
                     const NoticeSink& notices = {});

// The layer to dream on where none is named. Notices: which it is, when the network ends early and
// the layer is a guess. Errors: Unsupported when no layer is left, saying where the network ends.
std::string default_layer_of(const Network& network, const NoticeSink& notices = {});

// Whether open_network would find a file under this name, valid or not.
bool is_network_here(const std::string& name, const NetworkOptions& options = {});

// SHA-256 of the network's weights file, hexadecimal. Reads the file again: some 20 ms for 50 MB
// where the processor has instructions for it, 250 ms elsewhere. Errors: FileFailure.
std::string checksum(const Network& network);

// The number format of written weights; the narrow types halve the file's size and round.
enum class WeightsType { float32, float16, bfloat16 };

// Writes any network as a .safetensors file that open_network reads, graph and all; with float32
// its gradients are the same to the bit. The file appears whole or not at all.
// Errors: FileFailure.
void save_network(const Network& network, const std::filesystem::path& path,
                  WeightsType type = WeightsType::float32);

// What verify_network found.
struct Verification {
  std::string sha256;
  std::uintmax_t bytes = 0;  // of the weights file
  std::string published;  // the published release that it equals byte for byte; empty when unknown
  std::string doubt;      // why it is not the release whose name or size it has; may be empty
  std::uint64_t parameters = 0;  // trained numbers in the graph
  int layers = 0;
  int unknown_layers = 0;  // that cannot run
};

// Reads every weight, and compares size and checksum with those of a published release of this file
// name or size. Errors: BadModel for weights that are not finite (naming the layer); FileFailure.
Verification verify_network(const Network& network);

}  // namespace reverie
