#include "apps/studio/json.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "reverie/job/layer_list.h"
#include "reverie/recipe/presets.h"
#include "reverie/recipe/recipe_json.h"

namespace reverie::studio {
namespace {

using Json = nlohmann::ordered_json;

std::string dumped(const Json& tree) {
  return tree.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

// The settings of a dream that differ from the preset's, as "iterations 14".
Json changes_of(const std::string& document) {
  Json changes = Json::array();
  const Json tree = Json::parse(document, nullptr, false);
  if (!tree.is_object() || !tree.contains("recipe") || !tree["recipe"].is_object()) return changes;
  static const Json defaults = Json::parse(recipe_to_json(Recipe{}, -1));
  for (const auto& [key, value] : tree["recipe"].items()) {
    if (defaults.contains(key) && defaults[key] == value) continue;
    changes.push_back(key + " " + (value.is_string() ? value.get<std::string>() : dumped(value)));
  }
  return changes;
}

Json looks_of(const Network& network) {
  Json looks = Json::array();
  for (const Look& look : network.looks) {
    Json entry{{"name", look.name}, {"description", look.description}};
    for (const Look::Term& term : look.terms) entry["layers"].push_back(term.layer);
    entry["settings"] = Json::object();
    for (const auto& [name, value] : look.settings) entry["settings"][name] = value;
    looks.push_back(entry);
  }
  return looks;
}

}  // namespace

std::string dream_json(const Dream& dream) {
  return dumped(Json{{"id", dream.id},
                     {"parent", or_null(dream.parent)},
                     {"basis", dream.basis},
                     {"kind", dream.kind},
                     {"made", dream.made},
                     {"name", dream.name},
                     {"star", dream.star},
                     {"note", dream.note},
                     {"source", or_null(dream.source)},
                     {"source_name", dream.source_name},
                     {"network", dream.network},
                     {"layers", dream.layers},
                     {"width", dream.width},
                     {"height", dream.height},
                     {"frames", dream.frames},
                     {"seconds", dream.seconds},
                     {"file", std::filesystem::path(dream.file).filename().string()},
                     {"bytes", dream.bytes},
                     {"deleted", dream.deleted == 0 ? Json() : Json(dream.deleted)},
                     {"lost", dream.lost},
                     {"changes", changes_of(dream.document)}});
}

std::string dreams_json(const std::vector<Dream>& dreams) {
  std::string text = "[";
  for (const Dream& dream : dreams) text += (text.size() > 1 ? "," : "") + dream_json(dream);
  return text + "]";
}

std::string asset_json(const Asset& asset) {
  return dumped(Json{{"id", asset.id},
                     {"kind", asset.kind},
                     {"name", asset.name},
                     {"width", asset.width},
                     {"height", asset.height},
                     {"bytes", asset.bytes},
                     {"dream", asset.dream}});
}

std::string network_json(const ZooNetwork& network) {
  return dumped(Json{{"name", network.name},
                     {"title", network.title},
                     {"licence", network.licence},
                     {"state", is_network_here(network.name) ? "here" : "missing"},
                     {"bytes", download_bytes(network)},
                     {"default_layer", network.default_layer},
                     {"good_layers", network.good_layers},
                     {"looks", Json::array()}});
}

std::string network_json(const Network& network, bool with_layers) {
  const ZooNetwork* famous = find_in_zoo(network.name);
  Json tree{{"name", network.name},
            {"title", famous != nullptr ? famous->title : network.description},
            {"licence", famous != nullptr ? famous->licence : ""},
            {"state", network.file.empty() ? "inside" : "here"},
            {"bytes", network.file.empty() ? 0 : std::filesystem::file_size(network.file)},
            {"default_layer", network.default_layer},
            {"good_layers", network.good_layers},
            {"looks", looks_of(network)}};
  if (with_layers)
    for (const ListedLayer& layer : list_layers(network, 0, 0))
      tree["layers"].push_back({{"name", layer.name},
                                {"type", layer.type},
                                {"channels", layer.channels},
                                {"stride", layer.stride},
                                {"receptive_field", layer.receptive_field}});
  return dumped(tree);
}

}  // namespace reverie::studio
