// A Keras model's own description of its layers, with the models inside it laid flat.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>

#include "reverie/base/error.h"
#include "reverie/model/formats/keras/keras_calls.h"
#include "reverie/model/formats/keras/keras_layers.h"

namespace reverie::keras {
namespace {

using Json = nlohmann::json;
using Names = std::vector<std::string>;

constexpr std::size_t max_layers = 5000;       // of one model
constexpr std::size_t max_all_layers = 20000;  // of a model and those in it
constexpr int max_depth = 16;                  // of models in models

// "conv2d" for Conv2D, "batch_normalization" for BatchNormalization: how Keras 3 calls layers in
// its files. Source: keras/src/utils/naming.py.
std::string snake_case(const std::string& name) {
  const auto is = [&name](std::size_t i, int (*kind)(int)) {
    return i < name.size() && kind(static_cast<unsigned char>(name[i])) != 0;
  };
  std::string snake;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (!is(i, std::isalnum) && name[i] != '_') continue;
    const bool begins_word = is(i, std::isupper) && is(i + 1, std::islower);
    const bool after_lower = i > 0 && is(i - 1, std::islower) && is(i, std::isupper);
    if (!snake.empty() && snake.back() != '_' && (begins_word || after_lower)) snake += '_';
    snake += static_cast<char>(std::tolower(static_cast<unsigned char>(name[i])));
  }
  return snake;
}

bool is_model(const std::string& type, const Json& config) {
  if (type == "Sequential" || type == "Model" || type == "Functional") return true;
  return config.is_object() && config.contains("layers") && config.contains("output_layers");
}

class Parser {
 public:
  Parser(const std::string& file, WeightNames weight_names)
      : file_(file), weight_names_(weight_names) {}

  std::vector<LayerSpec> run(const Json& model) {
    expand(item(model, false), {}, nullptr);
    name_inner_layers();
    return std::move(specs_);
  }

 private:
  // Where a model stands: what the names of its layers begin with, in the graph and in the file.
  struct Place {
    std::string names, weights;
    int depth = 0;
  };
  // A layer or a model in a list of layers.
  struct Item {
    std::string type, name;
    const Json* config = nullptr;
    std::vector<Call> calls;
    std::string weights;         // in the file
    std::int64_t first_use = 0;  // the number that its first call has in references
  };
  // The layers of one model by name, and what their calls give.
  struct Scope {
    std::map<std::string, Item*> layers;
    std::map<std::pair<std::string, std::int64_t>, Names> values;
  };

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

  // named: models need no name where they stand alone.
  Item item(const Json& layer, bool named = true) const {
    Item made;
    made.type = text(layer, "class_name");
    made.config = &part(layer, "config");
    if (named && !made.config->is_object() && made.type != "Sequential")
      fail(fmt::format("the config of a {} is not an object", made.type));
    if (layer.contains("name"))
      made.name = text(layer, "name");
    else if (named || made.config->contains("name"))
      made.name = text(*made.config, "name");
    if (layer.contains("inbound_nodes")) try {
        made.calls = parse_calls(layer["inbound_nodes"]);
      } catch (const std::invalid_argument& error) {
        fail(fmt::format("layer '{}' has {}", made.name, error.what()));
      }
    return made;
  }

  // The layers of a model, and where the file has their weights.
  std::vector<Item> items(const Json& config, const Place& place) const {
    const Json& layers = config.is_array() ? config : part(config, "layers");
    if (!layers.is_array() || layers.size() > max_layers) fail("'layers' is not a list of layers");
    std::vector<Item> all;
    std::map<std::string, int> counts;
    for (const Json& layer : layers) {
      all.push_back(item(layer));
      Item& made = all.back();
      if (weight_names_ == WeightNames::by_name) {
        made.weights = place.weights + made.name;
        continue;
      }
      // Keras 3 counts the layers of a class; operations are none
      const std::string module = layer.value("module", Json("")).dump();
      if (module.find("keras.src.ops") != std::string::npos) continue;
      const std::string base = snake_case(made.type);
      const int count = counts[base]++;
      made.weights =
          place.weights + "layers/" + base + (count == 0 ? "" : fmt::format("_{}", count));
    }
    return all;
  }

  // Adds a layer, or all the layers of a model, that reads `inputs`; returns its outputs.
  Names call(const Item& layer, const Place& place, const Call& call, const Names& inputs,
             std::int64_t use) {
    const std::string name = place.names + layer.name + (use == 0 ? "" : fmt::format(":{}", use));
    if (is_model(layer.type, *layer.config)) {
      if (place.depth >= max_depth) fail("has models in models without end");
      const Place inside{name + "/", layer.weights + "/", place.depth + 1};
      Names outputs = expand(layer, inside, &inputs);
      if (outputs.size() == 1) add({"Identity", name, outputs, Json::object(), {}});
      return outputs;
    }
    LayerSpec spec{layer.type, name, inputs, *layer.config, layer.weights};
    replace_operation(spec.type, spec.config, call);
    inner_names_.emplace_back(layer.name, place.depth > 0 && use == 0 ? name : "");
    return {add(std::move(spec))};
  }

  std::string add(LayerSpec spec) {
    if (specs_.size() >= max_all_layers) fail("has too many layers");
    while (!names_.insert(spec.name).second) spec.name += '\'';
    specs_.push_back(std::move(spec));
    return specs_.back().name;
  }

  // inputs: null for the outermost model, whose inputs are layers.
  Names expand(const Item& model, const Place& place, const Names* inputs) {
    if (model.type == "Sequential") return expand_sequence(*model.config, place, inputs);
    if (!is_model(model.type, *model.config))
      throw Unsupported(
          fmt::format("'{}' is a Keras model of class {}, whose layers it does not describe; "
                      "Sequential and Functional ones are read",
                      file_, model.type));
    return expand_graph(*model.config, place, inputs);
  }

  Names expand_sequence(const Json& config, const Place& place, const Names* inputs) {
    Names last = inputs != nullptr ? *inputs : Names{};
    for (const Item& layer : items(config, place)) {
      const bool is_input = layer.type == "InputLayer";
      if (is_input && inputs != nullptr) continue;

      // A sequence may state its input's shape with its first layer
      if (last.empty() && inputs == nullptr && !is_input) {
        LayerSpec input{"InputLayer", layer.name + "_input", {}, Json::object(), {}};
        if (layer.config->is_object() && layer.config->contains("batch_input_shape"))
          input.config["batch_input_shape"] = (*layer.config)["batch_input_shape"];
        last = {add(std::move(input))};
      }
      last = call(layer, place, {}, last, 0);
    }
    return last;
  }

  Names expand_graph(const Json& config, const Place& place, const Names* inputs) {
    std::vector<Item> layers = items(config, place);
    Scope scope = number_calls(layers);
    if (inputs != nullptr) {
      const std::vector<Ref> names = refs(part(config, "input_layers"));
      for (std::size_t i = 0; i < names.size(); ++i)
        scope.values[{names[i].layer, 0}] = {i < inputs->size() ? (*inputs)[i] : std::string()};
    }

    // Each call after those that it reads
    Waiting waiting;
    for (const Item& layer : layers)
      for (std::int64_t use = 0; use < count_of_calls(layer); ++use)
        if (inputs == nullptr || layer.type != "InputLayer") waiting.emplace_back(&layer, use);
    while (!waiting.empty())
      if (!make_those_that_are_ready(waiting, place, scope)) fail("its layers form a cycle");

    Names outputs;
    if (inputs == nullptr) return outputs;
    for (const Ref& ref : refs(part(config, "output_layers")))
      outputs.push_back(value_of(scope, ref).value_or(""));
    return outputs;
  }

  static std::int64_t count_of_calls(const Item& layer) {
    return std::max<std::int64_t>(static_cast<std::int64_t>(layer.calls.size()), 1);
  }

  // False when none is.
  using Waiting = std::vector<std::pair<const Item*, std::int64_t>>;
  bool make_those_that_are_ready(Waiting& waiting, const Place& place, Scope& scope) {
    Waiting later;
    for (const auto& [layer, use] : waiting) {
      static const Call none;
      const Call& one = layer->calls.empty() ? none : layer->calls[static_cast<std::size_t>(use)];
      Names from;
      for (const Ref& ref : one.inputs)
        if (const auto value = value_of(scope, ref)) from.push_back(*value);
      if (from.size() < one.inputs.size())
        later.emplace_back(layer, use);
      else
        scope.values[{layer->name, use}] = call(*layer, place, one, from, use);
    }
    const bool progress = later.size() < waiting.size();
    waiting = std::move(later);
    return progress;
  }

  // The name of a value: none when it is not made yet, "" when it never will be.
  static std::optional<std::string> value_of(const Scope& scope, const Ref& ref) {
    const auto layer = scope.layers.find(ref.layer);
    if (layer == scope.layers.end()) return "";
    const std::int64_t use = ref.node - layer->second->first_use;
    const auto found = scope.values.find({ref.layer, use});
    if (found == scope.values.end())
      return use < 0 || use >= count_of_calls(*layer->second) ? std::optional<std::string>("")
                                                              : std::nullopt;
    const auto tensor = static_cast<std::size_t>(ref.tensor);
    return ref.tensor >= 0 && tensor < found->second.size() ? found->second[tensor] : "";
  }

  // Keras 2 counts the calls of a model from 1, because its own making counts as one.
  Scope number_calls(std::vector<Item>& layers) const {
    Scope scope;
    for (Item& layer : layers)
      if (!scope.layers.emplace(layer.name, &layer).second)
        fail(fmt::format("layer '{}' appears twice", layer.name));
    for (const Item& layer : layers)
      for (const Call& call : layer.calls)
        for (const Ref& ref : call.inputs) {
          const auto found = scope.layers.find(ref.layer);
          if (found == scope.layers.end()) continue;
          Item& read = *found->second;
          if (is_model(read.type, *read.config) && ref.node == count_of_calls(read))
            read.first_use = 1;
        }
    return scope;
  }

  // One reference, or a list or an object of them.
  std::vector<Ref> refs(const Json& value) const {
    std::vector<Ref> all;
    Ref ref;
    if (read_ref(value, ref)) return {ref};
    if (!value.is_array() && !value.is_object()) fail("its inputs and outputs are not a list");
    for (const Json& one : value) {
      if (!read_ref(one, ref)) fail("its inputs and outputs are not a list of layers");
      all.push_back(ref);
    }
    return all;
  }

  // Layers of models inside are also known by their own names, where no other layer has them.
  void name_inner_layers() {
    std::map<std::string, int> counts;
    for (const auto& [plain, full] : inner_names_) ++counts[plain];
    for (const auto& [plain, full] : inner_names_)
      if (!full.empty() && counts[plain] == 1 && names_.insert(plain).second)
        specs_.push_back({"Identity", plain, {full}, Json::object(), {}});
  }

  const std::string& file_;
  const WeightNames weight_names_;
  std::vector<LayerSpec> specs_;
  std::set<std::string> names_;
  std::vector<std::pair<std::string, std::string>> inner_names_;  // own, and in the graph
};

}  // namespace

std::vector<LayerSpec> parse_description(const std::string& json, const std::string& file,
                                         WeightNames weight_names) {
  const Json model = Json::parse(json, nullptr, false);
  if (model.is_discarded())
    throw BadModel(fmt::format("'{}': its description of the model is not JSON", file));
  return Parser(file, weight_names).run(model);
}

}  // namespace reverie::keras
