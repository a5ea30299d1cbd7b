// keras_layers.h: the layers of a Keras model, as its description states them, made into a Graph.
#pragma once

#include <nlohmann/json.hpp>
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
};

// The layers in an order in which they can be computed, with their weights.
// Errors: BadModel for invalid settings and for weights that are missing or do not fit.
Graph build(const std::vector<LayerSpec>& layers, const WeightSource& weights);

// From a whole model's `model_config`, functional or sequential. Errors: BadModel, Unsupported.
std::vector<LayerSpec> parse_description(const std::string& json, const std::string& file);

// An architecture of keras.applications.
struct Architecture {
  std::string name;  // "vgg16"
  std::vector<LayerSpec> layers;
  InputTransform transform;
};

// The architecture of a weights file, by the names of its layers. Errors: Unsupported.
Architecture recognise_architecture(const std::vector<std::string>& layers,
                                    const WeightSource& weights);

}  // namespace reverie::keras
