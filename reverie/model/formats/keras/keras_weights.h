// keras_weights.h: the trained numbers of a Keras network.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "reverie/model/formats/keras/hdf5_file.h"
#include "reverie/tensor/tensor.h"

namespace reverie::keras {

using Extents = std::vector<std::int64_t>;

// Arrays by layer; an interface, so that tests can invent weights.
class WeightSource {
 public:
  virtual ~WeightSource() = default;

  // For messages: the file.
  virtual const std::string& name() const = 0;

  // The names of the layer's arrays in the order in which Keras saves them; empty for a layer that
  // has none or that is not there.
  virtual std::vector<std::string> arrays(const std::string& layer) const = 0;

  virtual Extents extents(const std::string& layer, const std::string& array) const = 0;

  // `to` is as long as the array.
  virtual void read(const std::string& layer, const std::string& array,
                    std::span<float> to) const = 0;
};

// A weights file, or the weights in a whole model's file, of Keras 1 and 2. A layer of a model
// inside is "model/layer". Errors: BadModel.
class FileWeights : public WeightSource {
 public:
  // root: "/" or "/model_weights".
  FileWeights(const Hdf5File& file, std::string root) : file_(file), root_(std::move(root)) {}

  // The file's list of layers. Errors: BadModel when it has none.
  std::vector<std::string> layers() const;

  const std::string& name() const override { return file_.name(); }
  std::vector<std::string> arrays(const std::string& layer) const override;
  Extents extents(const std::string& layer, const std::string& array) const override;
  void read(const std::string& layer, const std::string& array, std::span<float> to) const override;

 private:
  // The group of the file that has a layer's arrays; inner: the layer, when the group has others'.
  struct Group {
    std::string name, inner;
  };
  Group group_of(const std::string& layer) const;
  std::string path(const std::string& group) const;
  const std::vector<std::string>& arrays_of(const std::string& group) const;

  const Hdf5File& file_;
  const std::string root_;
  mutable std::set<std::string> listed_;                            // the layers of the file
  mutable std::map<std::string, std::vector<std::string>> arrays_;  // by group
};

// The weights of Keras 3, whose layers are folders such as "layers/conv2d_1" and whose arrays are
// numbered in the order in which Keras saves them. Errors: BadModel.
class NumberedWeights : public WeightSource {
 public:
  explicit NumberedWeights(const Hdf5File& file) : file_(file) {}

  const std::string& name() const override { return file_.name(); }
  std::vector<std::string> arrays(const std::string& layer) const override;
  Extents extents(const std::string& layer, const std::string& array) const override;
  void read(const std::string& layer, const std::string& array, std::span<float> to) const override;

 private:
  const Hdf5File& file_;
};

// What an array of a layer is for.
enum class Role { kernel, depthwise, pointwise, bias, gamma, beta, mean, variance, count, slope };

// Reads one layer's arrays and checks their shapes.
class LayerWeights {
 public:
  // The arrays in the order of `roles`: by what their names say, else by their order.
  // Errors: BadModel when there are not as many.
  LayerWeights(const WeightSource& source, const std::string& layer, std::vector<Role> roles);

  Extents extents(Role role) const;

  // The numbers in C order. Errors: BadModel, naming layer, array and both shapes, unless it is of
  // the expected one.
  Tensor read(Role role, const Extents& expected) const;

 private:
  const std::string& array(Role role) const;

  const WeightSource& source_;
  std::string layer_;
  std::vector<Role> roles_;
  std::vector<std::string> arrays_;  // by role
};

}  // namespace reverie::keras
