// keras_weights_fixture.h: weights for the tests: invented ones, and small HDF5 files.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <numeric>

#include "reverie/base/error.h"
#include "reverie/model/formats/expect_error_fixture.h"
#include "reverie/model/formats/keras/keras_layers.h"

namespace reverie::keras {

// Arrays that are 0, 1, 2 ... each.
struct InventedWeights : WeightSource {
  std::string file = "net.h5";
  std::map<std::string, std::vector<std::pair<std::string, Extents>>> layers;

  const std::string& name() const override { return file; }
  std::vector<std::string> arrays(const std::string& layer) const override {
    std::vector<std::string> names;
    if (const auto found = layers.find(layer); found != layers.end())
      for (const auto& [array, extents] : found->second) names.push_back(array);
    return names;
  }
  Extents extents(const std::string& layer, const std::string& array) const override {
    for (const auto& [name, extents] : layers.at(layer))
      if (name == array) return extents;
    throw std::runtime_error("no array " + array);
  }
  void read(const std::string& layer, const std::string& array,
            std::span<float> to) const override {
    std::int64_t count = 1;
    for (const std::int64_t extent : extents(layer, array)) count *= extent;
    EXPECT_EQ(to.size(), static_cast<std::size_t>(count));
    std::iota(to.begin(), to.end(), 0.f);
  }
};

inline const Layer& layer_of(const Graph& graph, const std::string& name) {
  const int index = graph.find(name);
  if (index < 0) throw std::runtime_error("the graph has no layer " + name);
  return graph.layers[static_cast<std::size_t>(index)];
}
template <class T>
T op_of(const Graph& graph, const std::string& name) {
  return std::get<T>(layer_of(graph, name).op);
}
inline std::string read_by(const Graph& graph, const std::string& name, std::size_t input = 0) {
  return graph.layers[static_cast<std::size_t>(layer_of(graph, name).inputs.at(input))].name;
}
inline std::vector<float> numbers(const Weights& weights) {
  return {weights->elements().begin(), weights->elements().end()};
}

}  // namespace reverie::keras
