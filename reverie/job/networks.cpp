#include "reverie/job/networks.h"

#include <fmt/format.h>

#include "reverie/graph/names.h"

namespace reverie {

Network open_network_of(const Recipe& recipe, NetworkOptions options, const NoticeSink& notices) {
  options.input_transform = recipe.input_transform;
  return open_network(recipe.model, options, notices);
}

std::vector<LayerSpec> resolved_layers(const Network& network,
                                       const std::vector<LayerSpec>& layers) {
  std::vector<LayerSpec> resolved = layers;
  if (resolved.empty()) resolved.push_back({default_layer_of(network), {}, 1});
  for (LayerSpec& spec : resolved) {
    const int index = resolve_layer(network.graph, spec.name);
    spec.name = network.graph.layers[static_cast<std::size_t>(index)].name;
  }
  return resolved;
}

std::string bytes_text(std::uintmax_t bytes) {
  const auto value = static_cast<double>(bytes);
  if (bytes < 1000) return fmt::format("{} B", bytes);
  if (bytes < 1000'000) return fmt::format("{:.1f} kB", value / 1e3);
  if (bytes < 1000'000'000) return fmt::format("{:.1f} MB", value / 1e6);
  return fmt::format("{:.1f} GB", value / 1e9);
}

std::string download_summary(const ZooNetwork& network) {
  const bool is_known = weights_of(network).bytes != 0;
  return fmt::format("{}, {}", is_known ? bytes_text(download_bytes(network)) : "size unknown",
                     network.licence);
}

}  // namespace reverie
