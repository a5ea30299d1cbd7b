// onnx_reading_fixture.h: reads the small files of onnx_model_fixture.h, and looks into the result.
#pragma once

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "reverie/base/error.h"
#include "reverie/graph/shapes.h"
#include "reverie/model/formats/onnx/onnx.h"
#include "reverie/model/formats/onnx/onnx_model_fixture.h"

namespace reverie::onnx_reading {

using onnx::Floats;
using onnx::Integers;
using onnx::Message;
using onnx::TestModel;
using onnx::TestNode;

inline OnnxNetwork read(const std::string& bytes) {
  return read_onnx(std::as_bytes(std::span(bytes.data(), bytes.size())), "net.onnx");
}
inline Graph read(const TestModel& model) { return read(model.bytes()).graph; }

template <class Op>
Op op_of(const Graph& graph, const std::string& name) {
  const int index = graph.find(name);
  if (index < 0) throw std::runtime_error("the graph has no layer " + name);
  const Op* op = std::get_if<Op>(&graph.layers[static_cast<std::size_t>(index)].op);
  if (op == nullptr)
    throw std::runtime_error(name + " is " +
                             describe(graph.layers[static_cast<std::size_t>(index)].op));
  return *op;
}
inline const Layer& layer_of(const Graph& graph, const std::string& name) {
  return graph.layers.at(static_cast<std::size_t>(graph.find(name)));
}

inline Shape shape_of(const Graph& graph, const std::string& name, std::int64_t height,
                      std::int64_t width) {
  return infer_shapes(graph, height, width).at(static_cast<std::size_t>(graph.find(name)));
}

template <class Error, class Action>
void expect_error(Action action, const std::vector<std::string>& parts) {
  try {
    action();
    ADD_FAILURE() << "nothing was thrown for: " << parts[0];
  } catch (const Error& error) {
    for (const std::string& part : parts)
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos)
          << part << " in " << error.what();
  }
}

inline Floats list(const Weights& weights) {
  return {weights->data(), weights->data() + weights->size()};
}

}  // namespace reverie::onnx_reading
