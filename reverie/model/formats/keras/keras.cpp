#include "reverie/model/formats/keras/keras.h"

#include "reverie/model/formats/keras/keras_layers.h"

namespace reverie {

KerasNetwork read_keras(const std::filesystem::path& path) {
  const keras::Hdf5Reader reader;
  return read_keras(keras::Hdf5File(path, reader));
}

KerasNetwork read_keras(const keras::Hdf5File& file) {
  KerasNetwork network;

  // A whole model says what it is; a weights file is known by its layers
  if (const auto description = file.text("/", "model_config")) {
    const keras::FileWeights weights(file, "/model_weights");
    const auto layers = keras::parse_description(*description, file.name());
    const std::string version = file.text("/", "keras_version").value_or("2");
    network.graph = build(layers, weights, version.starts_with("3") ? 3 : 2);
    network.transform = keras::stated_input(network.graph, layers);
    network.transform_is_certain = network.transform.has_value();
    return network;
  }
  const bool nested = file.has("/model_weights");
  const keras::FileWeights weights(file, nested ? "/model_weights" : "/");
  const keras::Architecture architecture = recognise_architecture(weights.layers(), weights);
  network.graph = build(architecture.layers, weights, architecture.version);
  network.graph.name = architecture.name;
  network.transform = architecture.transform;
  return network;
}

}  // namespace reverie
