// sized_network.h: what is known of a network at one size of canvas before any step is made.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "reverie/graph/shapes.h"
#include "reverie/plan/cpu/kernels/kernels.h"
#include "reverie/plan/cpu/lowering/build_program.h"
#include "reverie/plan/program/layout.h"

namespace reverie::cpu {

using namespace program;  // its layout

struct SizedNetwork {
  // What is given by reference must live as long.
  SizedNetwork(const Graph& given, const std::vector<int>& given_targets, std::int64_t height,
               std::int64_t width, const ProgramSettings& given_settings)
      : graph(given),
        targets(given_targets),
        settings(given_settings),
        shapes(infer_shapes(given, height, width)),
        layout(make_layout(given, shapes, given_settings.lanes)),
        kernels(cpu::kernels(given_settings.element, given_settings.lanes)),
        float_kernels(cpu::kernels(Element::f32, given_settings.lanes)) {}

  const Graph& graph;
  const std::vector<int>& targets;
  const ProgramSettings& settings;
  const std::vector<Shape> shapes;  // per layer
  const Layout layout;
  const KernelTable& kernels;        // of the elements
  const KernelTable& float_kernels;  // of float32

  const Layer& layer(int i) const { return graph.layers[static_cast<std::size_t>(i)]; }
  const Value& value(int i) const { return layout.values[static_cast<std::size_t>(i)]; }
  const Storage& storage(int i) const { return layout.storages[static_cast<std::size_t>(i)]; }
  BlockRange range(int layer) const { return layout.range(layer); }

  // Vectors of lanes in a range.
  std::int64_t vectors(const BlockRange& range) const {
    return storage(range.storage).height * storage(range.storage).width * range.count;
  }

  // The targets whose layers are in the group, by their number.
  std::vector<std::size_t> targets_in(const Group& group) const {
    std::vector<std::size_t> found;
    for (std::size_t t = 0; t < targets.size(); ++t)
      if (std::find(group.layers.begin(), group.layers.end(), targets[t]) != group.layers.end())
        found.push_back(t);
    return found;
  }

  // An input of a concat that does not lie in it already, and where its copy does.
  struct CopiedInput {
    std::size_t k;  // its number among the inputs
    BlockRange part;
  };
  std::vector<CopiedInput> copied_inputs(int concat) const {
    std::vector<CopiedInput> found;
    BlockRange part = range(concat);
    const auto& inputs = layer(concat).inputs;
    for (std::size_t k = 0; k < inputs.size(); ++k) {
      part.count = value(inputs[k]).blocks;
      if (layout.copied[static_cast<std::size_t>(concat)][k]) found.push_back({k, part});
      part.first += part.count;
    }
    return found;
  }

  // True for a selection of channels that are blocks of its input.
  bool lies_in_input(int i) const {
    return std::holds_alternative<SelectChannels>(layer(i).op) &&
           !layout.copied[static_cast<std::size_t>(i)][0];
  }

  // True when a layer's value is all of its storage.
  bool fills_storage(int i) const { return value(i).blocks == storage(value(i).storage).blocks; }
};

// Gives a kernel that reads or writes the canvas its size and the network's input transform.
template <class Arguments>
void set_transform(Arguments& arguments, const SizedNetwork& network) {
  arguments.height = static_cast<int>(network.value(0).shape.height());
  arguments.width = static_cast<int>(network.value(0).shape.width());
  const InputTransform& transform = network.graph.transform;
  for (std::size_t c = 0; c < 3; ++c) {
    arguments.order[c] = transform.order[c];
    arguments.scale[c] = transform.scale[c];
    if constexpr (requires { arguments.mean; }) arguments.mean[c] = transform.mean[c];
  }
}

// Gives an import, export or repack the size of a value.
template <class Arguments>
void set_size(Arguments& arguments, const Value& value) {
  arguments.blocks = value.blocks;
  arguments.height = static_cast<int>(value.shape.height());
  arguments.width = static_cast<int>(value.shape.width());
}

// A response normalisation's arguments, but for its arrays. value: the layer's.
inline LrnForward lrn_arguments(const Lrn& lrn, const Value& value) {
  LrnForward a;
  a.pixels = value.pixels();
  a.blocks = value.blocks;
  a.size = lrn.size;
  a.alpha = lrn.alpha;
  a.beta = lrn.beta;
  a.k = lrn.k;
  return a;
}

// Numbers of logical channels by physical ones; zero where there is no logical one.
inline std::vector<float> per_channel(const Weights& numbers, const Value& value, int lanes) {
  std::vector<float> all(static_cast<std::size_t>(value.blocks * lanes));
  for (std::size_t c = 0; c < value.place.size(); ++c)
    all[static_cast<std::size_t>(value.place[c])] = (*numbers)[static_cast<std::int64_t>(c)];
  return all;
}

}  // namespace reverie::cpu
