#include "reverie/model/network.h"

#include <fmt/format.h>

#include <algorithm>

#include "reverie/base/error.h"
#include "reverie/base/file/mapped_file.h"
#include "reverie/graph/network_end.h"
#include "reverie/model/embedded.h"
#include "reverie/model/formats/format.h"
#include "reverie/model/formats/native/native.h"
#include "reverie/model/zoo/layer_families.h"
#include "reverie/model/zoo/recognize.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;

fs::path folder_of(const NetworkOptions& options) {
  return options.weights_folder.empty() ? weights_folder() : options.weights_folder;
}

// What the network expects of its input: as the user says, else as is known of it, else as its file
// says, else as is usual for such files.
InputTransform choose_transform(const FileContent& content, const ZooNetwork* known,
                                const NetworkFile& file, const NetworkOptions& options) {
  if (options.input_transform) return *options.input_transform;
  if (content.transform && content.transform_is_certain) return *content.transform;
  if (known != nullptr) return known->transform;
  if (content.transform) return *content.transform;
  notify(
      file.notices,
      fmt::format(
          "'{}' does not say what input it expects; assuming {} (--input-transform states another)",
          file.path.string(), describe(content.usual_transform)));
  return content.usual_transform;
}

void add_once(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

// The layers to dream on: as the file says, else those of the table that the graph has.
void choose_layers(Network& network, const ZooNetwork* known) {
  const Graph& graph = network.graph;
  const std::vector<bool> computable = computable_layers(graph);
  const auto can_dream = [&](const std::string& layer) {
    const int index = graph.find(layer);
    return index >= 0 && computable[static_cast<std::size_t>(index)];
  };
  for (const Look& look : network.looks)
    for (const Look::Term& term : look.terms)
      if (can_dream(term.layer)) add_once(network.good_layers, term.layer);
  if (known != nullptr && network.good_layers.empty())
    for (const std::string& layer : known->good_layers)
      if (can_dream(layer)) network.good_layers.push_back(layer);
  if (can_dream(network.default_layer)) return;
  network.default_is_guess = known == nullptr || !can_dream(known->default_layer);
  network.default_layer =
      network.default_is_guess ? guess_default_layer(graph) : known->default_layer;
}

// A file's content together with what is known of such networks.
Network read_network(const NetworkFile& file, const NetworkOptions& options) {
  FileContent content = read_network_file(file);
  const ZooNetwork* const known = recognize(content.graph, file.path);
  content.graph.transform = choose_transform(content, known, file, options);
  Network network;
  network.graph = std::move(content.graph);
  replace_misfits(network.graph);
  network.default_layer = std::move(content.default_layer);
  network.description = std::move(content.description);
  network.looks = std::move(content.looks);

  // A network that is not in the table may be of the family of one that is
  const LayerFamily family = known != nullptr ? known->family : family_of(network.graph);
  add_family_aliases(network.graph, family);
  choose_layers(network, known != nullptr ? known : relative_of(network.graph, family));
  return network;
}

}  // namespace

Network open_network(const std::string& name, const NetworkOptions& options,
                     const NoticeSink& notices) {
  if (name.empty() || name == embedded_name) {
    Network network = read_network(
        {"the network inside", embedded_network(), options.prototxt, notices}, options);
    network.name = embedded_name;
    return network;
  }
  const fs::path path = locate_weights(name, folder_of(options));
  const MappedFile file(path);
  Network network = read_network({path, file.bytes(), options.prototxt, notices}, options);
  network.file = path;
  network.name = main_name(path.stem().string());
  if (network.graph.name.empty()) network.graph.name = network.name;
  return network;
}

std::string default_layer_of(const Network& network, const NoticeSink& notices) {
  const auto end = network_end(network.graph);
  if (network.default_layer.empty())
    throw Unsupported(end ? "no layer is left to dream on: " + describe(*end, network.name)
                          : fmt::format("network '{}' has no layer to dream on", network.name));
  if (end && network.default_is_guess)
    notify(notices, fmt::format("{}; dreaming on '{}' (--layer chooses another)",
                                describe(*end, network.name), network.default_layer));
  return network.default_layer;
}

bool is_network_here(const std::string& name, const NetworkOptions& options) {
  return name.empty() || name == embedded_name || has_weights(name, folder_of(options));
}

void save_network(const Network& network, const fs::path& path, WeightsType type) {
  const native::StoredType stored = type == WeightsType::float16    ? native::StoredType::f16
                                    : type == WeightsType::bfloat16 ? native::StoredType::bf16
                                                                    : native::StoredType::f32;
  write_native({network.graph, network.default_layer, network.description, network.looks}, path,
               stored);
}

}  // namespace reverie
