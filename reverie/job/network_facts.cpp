#include "reverie/job/network_facts.h"

#include <fmt/format.h>

#include <algorithm>

#include "reverie/graph/network_end.h"
#include "reverie/job/json_text.h"
#include "reverie/job/layer_list.h"

namespace reverie {
namespace {

// Other names of the layers that are good to dream on: alias to layer.
Json aliases_of_good_layers(const Network& network) {
  Json aliases = Json::object();
  for (const auto& [alias, index] : network.graph.aliases) {
    const std::string& layer = network.graph.layers[static_cast<std::size_t>(index)].name;
    const auto& good = network.good_layers;
    if (std::find(good.begin(), good.end(), layer) != good.end()) aliases[alias] = layer;
  }
  return aliases;
}

}  // namespace

std::string transform_text(const InputTransform& transform) {
  const auto list = [](const auto& v) { return fmt::format("{:g}, {:g}, {:g}", v[0], v[1], v[2]); };
  const bool bgr = transform.order == std::array<int, 3>{2, 1, 0};
  return fmt::format("{}, minus ({}), times ({})", bgr ? "BGR" : "RGB", list(transform.mean),
                     list(transform.scale));
}

namespace {

Json zoo_tree(const ZooNetwork& network) {
  Json files = Json::array();
  for (const ZooFile& file : network.files) {
    Json item{{"name", file.name}, {"bytes", file.bytes == 0 ? Json(nullptr) : Json(file.bytes)}};
    item["checksum"] =
        file.checksum.kind == Checksum::Kind::none
            ? Json(nullptr)
            : Json(fmt::format("{} {}", to_string(file.checksum.kind), file.checksum.hex));
    if (file.member_of.empty())
      item["urls"] = file.urls;
    else
      item["member_of"] = file.member_of;
    files.push_back(item);
  }
  return {{"name", network.name},
          {"title", network.title},
          {"licence", network.licence},
          {"input", transform_text(network.transform)},
          {"good_layers", network.good_layers},
          {"remark", network.remark},
          {"files", files}};
}

}  // namespace

std::vector<const ZooNetwork*> absent_networks() {
  std::vector<const ZooNetwork*> absent;
  for (const ZooNetwork& network : zoo())
    if (!is_network_here(network.name)) absent.push_back(&network);
  return absent;
}

std::string networks_to_json() {
  Json here = Json::array(), fetchable = Json::array();
  for (const NetworkEntry& entry : list_networks())
    here.push_back({{"name", entry.name},
                    {"file", entry.file.empty() ? Json(nullptr) : Json(entry.file.string())},
                    {"bytes", entry.bytes}});
  for (const ZooNetwork* network : absent_networks()) fetchable.push_back(zoo_tree(*network));
  return json_text(
      {{"folder", weights_folder().string()}, {"models", here}, {"fetchable", fetchable}});
}

std::string zoo_network_to_json(const ZooNetwork& network) { return json_text(zoo_tree(network)); }

std::string facts_to_json(const Network& network, const ZooNetwork* famous) {
  const Verification facts = verify_network(network);
  const auto end = network_end(network.graph);
  return json_text({{"name", network.name},
                    {"file", network.file.empty() ? Json(nullptr) : Json(network.file.string())},
                    {"bytes", facts.bytes},
                    {"sha256", facts.sha256},
                    {"published", facts.published},
                    {"doubt", facts.doubt},
                    {"description", network.description},
                    {"layers", facts.layers},
                    {"unknown_layers", facts.unknown_layers},
                    {"ends_at", end ? Json(describe(*end, network.name)) : Json(nullptr)},
                    {"parameters", facts.parameters},
                    {"licence", famous != nullptr ? famous->licence : std::string()},
                    {"default_layer", network.default_layer},
                    {"good_layers", network.good_layers},
                    {"other_names", aliases_of_good_layers(network)},
                    {"min_input_size", min_picture_side(network)},
                    {"input", transform_text(network.graph.transform)}});
}

}  // namespace reverie
