// keras.h: a Keras network, weights alone or a whole model, as a Graph.
#pragma once

#include <filesystem>
#include <optional>

#include "reverie/graph/graph.h"
#include "reverie/model/formats/zip/zip.h"

namespace reverie {

namespace keras {
class Hdf5File;
}

struct KerasNetwork {
  Graph graph;  // its transform is RGB, 0..255; the caller may replace it
  // What the model's own first layers expect, or how keras.applications prepares pictures for the
  // architecture; none for another.
  std::optional<InputTransform> transform;
  bool transform_is_certain = false;  // it is what the model's own layers expect
};

// Reads HDF5 files of Keras: whole models with their description inside, and weights files of
// InceptionV3, VGG16, VGG19, the ResNets, SqueezeNet 1.1, the MobileNets and the EfficientNets,
// recognized by the names of their layers, with or without their classifiers. Layers keep their
// names, those of models inside are "model/layer"; where one has an activation of its own, the
// value before it is NAME/pre_relu (or pre_softmax). Weights are found by name, and every shape is
// checked. A layer that cannot run is an UnknownLayer.
// Any thread. Errors: BadModel, Unsupported; one line that names the file, the layer and both
// shapes. FileFailure when the program that reads HDF5 is missing.
KerasNetwork read_keras(const std::filesystem::path& path);

// The same of a file that is open.
KerasNetwork read_keras(const keras::Hdf5File& file);

// Whether a zip archive is a .keras file, and the network in it. Errors: as above.
bool is_keras_archive(const ZipArchive& archive);
KerasNetwork read_keras(const ZipArchive& archive);

// The same, with its weights as a file that is open.
KerasNetwork read_keras(const ZipArchive& archive, const keras::Hdf5File& weights);

}  // namespace reverie
