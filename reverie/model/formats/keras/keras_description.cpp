// A Keras model's own description of its layers.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "reverie/base/error.h"
#include "reverie/model/formats/keras/keras_layers.h"

namespace reverie::keras {
namespace {

using Json = nlohmann::json;

constexpr std::size_t max_layers = 5000;

class Parser {
 public:
  explicit Parser(const std::string& file) : file_(file) {}

  std::vector<LayerSpec> run(const Json& model) {
    const std::string type = text(model, "class_name");
    const Json& config = part(model, "config");
    const Json& layers = config.is_array() ? config : part(config, "layers");
    if (!layers.is_array() || layers.size() > max_layers) fail("'layers' is not a list of layers");
    if (type == "Sequential")
      for (const Json& layer : layers) add_in_sequence(layer);
    else if (type == "Model" || type == "Functional")
      for (const Json& layer : layers) add(layer);
    else
      throw Unsupported(
          fmt::format("'{}' is a Keras model of class {}; Sequential and Functional "
                      "ones are read",
                      file_, type));
    return in_order();
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw BadModel(fmt::format("'{}': its description of the model: {}", file_, what));
  }

  const Json& part(const Json& object, const char* key) const {
    if (!object.is_object() || !object.contains(key)) fail(fmt::format("no '{}'", key));
    return object.at(key);
  }

  std::string text(const Json& object, const char* key) const {
    const Json& value = part(object, key);
    if (!value.is_string()) fail(fmt::format("'{}' is not text", key));
    std::string string = value.get<std::string>();
    if (std::any_of(string.begin(), string.end(), [](char c) { return c >= 0 && c < ' '; }))
      fail(fmt::format("'{}' is not one line of text", key));
    return string;
  }

  LayerSpec spec(const Json& layer) const {
    LayerSpec made;
    made.type = text(layer, "class_name");
    made.config = part(layer, "config");
    if (!made.config.is_object())
      fail(fmt::format("the config of a {} is not an object", made.type));
    made.name = text(layer.contains("name") ? layer : made.config, "name");
    return made;
  }

  void add_in_sequence(const Json& layer) {
    LayerSpec made = spec(layer);

    // A sequence may state its input's shape with its first layer
    if (specs_.empty() && made.type != "InputLayer") {
      LayerSpec input{"InputLayer", made.name + "_input", {}, Json::object()};
      if (made.config.contains("batch_input_shape"))
        input.config["batch_input_shape"] = made.config["batch_input_shape"];
      specs_.push_back(input);
    }
    if (!specs_.empty()) made.inputs = {specs_.back().name};
    specs_.push_back(std::move(made));
  }

  void add(const Json& layer) {
    LayerSpec made = spec(layer);
    const Json& nodes = layer.contains("inbound_nodes") ? layer["inbound_nodes"] : Json::array();
    if (!nodes.is_array()) fail(fmt::format("layer '{}' has no inbound_nodes", made.name));

    // A layer that is used twice has two values: the graph here has the first
    if (!nodes.empty()) {
      if (!nodes[0].is_array())
        fail(fmt::format("layer '{}' has inbound_nodes of an unknown form", made.name));
      for (const Json& from : nodes[0]) {
        if (!from.is_array() || from.size() < 3 || !from[0].is_string() ||
            !from[1].is_number_integer())
          fail(fmt::format("layer '{}' has inbound_nodes of an unknown form", made.name));
        const bool first_use = from[1] == 0;
        made.inputs.push_back(first_use ? from[0].get<std::string>() : std::string());
      }
    }
    specs_.push_back(std::move(made));
  }

  // Each layer after those that it reads; what is read but nowhere stays as it is.
  std::vector<LayerSpec> in_order() {
    std::map<std::string, std::size_t> places;
    for (std::size_t i = 0; i < specs_.size(); ++i)
      if (!places.emplace(specs_[i].name, i).second)
        fail(fmt::format("layer '{}' appears twice", specs_[i].name));
    std::vector<LayerSpec> ordered;
    std::vector<bool> done(specs_.size());
    for (bool progress = true; progress && ordered.size() < specs_.size();) {
      progress = false;
      for (std::size_t i = 0; i < specs_.size(); ++i) {
        const auto ready = [&](const std::string& input) {
          const auto found = places.find(input);
          return found == places.end() || done[found->second];
        };
        if (done[i] || !std::all_of(specs_[i].inputs.begin(), specs_[i].inputs.end(), ready))
          continue;
        done[i] = progress = true;
        ordered.push_back(specs_[i]);
      }
    }
    if (ordered.size() < specs_.size()) fail("its layers form a cycle");
    return ordered;
  }

  const std::string& file_;
  std::vector<LayerSpec> specs_;
};

}  // namespace

std::vector<LayerSpec> parse_description(const std::string& json, const std::string& file) {
  const Json model = Json::parse(json, nullptr, false);
  if (model.is_discarded())
    throw BadModel(fmt::format("'{}': its description of the model is not JSON", file));
  return Parser(file).run(model);
}

}  // namespace reverie::keras
