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
    network.graph = build(keras::parse_description(*description, file.name()), weights);
    return network;
  }
  const bool nested = file.has("/model_weights");
  const keras::FileWeights weights(file, nested ? "/model_weights" : "/");
  const keras::Architecture architecture = recognise_architecture(weights.layers(), weights);
  network.graph = build(architecture.layers, weights);
  network.graph.name = architecture.name;
  network.transform = architecture.transform;
  return network;
}

}  // namespace reverie
