// keras_layers.h: the layers of a Keras model, as its description states them, made into a Graph.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "reverie/graph/graph.h"
#include "reverie/model/formats/keras/keras_weights.h"

namespace reverie::keras {

// One layer; `config` has the keys and defaults of Keras' own configurations.
struct LayerSpec {
  std::string type;  // Keras' class_name
  std::string name;
  std::vector<std::string> inputs;
  nlohmann::json config;
  std::string weights = {};  // its name in the WeightSource; empty: `name`
};

// The layers in an order in which they can be computed, with their weights. version: Keras' major
// one, where its layers differ.
// Errors: BadModel for invalid settings and for weights that are missing or do not fit.
Graph build(const std::vector<LayerSpec>& layers, const WeightSource& weights, int version = 2);

// How a file calls the weights of a layer: by the layer's name ("base/conv1", .h5 files), or by its
// class and its place among the layers of that class ("layers/functional/layers/conv2d", .keras).
enum class WeightNames { by_name, by_class };

// From a whole model's `model_config`, functional or sequential, of any version of Keras. Models
// inside are laid flat: their layers are "inner/layer", with "layer" as another name where no other
// layer has it, and "inner" names what the model gives. The second use of a layer is "layer:1".
// Errors: BadModel, Unsupported.
std::vector<LayerSpec> parse_description(const std::string& json, const std::string& file,
                                         WeightNames weight_names = WeightNames::by_name);

// What a model expects of a picture when its first layer rescales or normalises it: 0..255, or 0..1
// where its numbers would make no sense for that. None when it begins with something else.
std::optional<InputTransform> stated_input(const Graph& graph,
                                           const std::vector<LayerSpec>& layers);

// An architecture of keras.applications.
struct Architecture {
  std::string name;  // "vgg16"
  std::vector<LayerSpec> layers;
  InputTransform transform;
  int version = 2;  // of the Keras whose layers these are
};

// The architecture of a weights file, by the names of its layers. Errors: Unsupported.
Architecture recognise_architecture(const std::vector<std::string>& layers,
                                    const WeightSource& weights);

}  // namespace reverie::keras
