// graph_def_fixture.h: GraphDefs for the tests, written byte by byte.
#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "reverie/base/error.h"
#include "reverie/model/formats/expect_error_fixture.h"
#include "reverie/model/formats/tensorflow/tensorflow.h"

namespace reverie::tensorflow {

inline std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes.push_back(static_cast<char>(value | 0x80));
  bytes.push_back(static_cast<char>(value));
  return bytes;
}
inline std::string field(int number, const std::string& content) {
  return varint(static_cast<std::uint64_t>(number) << 3 | 2) + varint(content.size()) + content;
}
inline std::string field(int number, std::int64_t value) {
  return varint(static_cast<std::uint64_t>(number) << 3) +
         varint(static_cast<std::uint64_t>(value));
}
inline std::string field(int number, int value) { return field(number, std::int64_t{value}); }
inline std::string field(int number, float value) {
  std::string bytes(4, '\0');
  std::memcpy(bytes.data(), &value, 4);
  return varint(static_cast<std::uint64_t>(number) << 3 | 5) + bytes;
}
template <class T>
std::string raw(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

using Extents = std::vector<std::int64_t>;
using Numbers = std::vector<float>;

inline std::string shape(const Extents& extents) {
  std::string bytes;
  for (const std::int64_t extent : extents) bytes += field(2, field(1, extent));
  return bytes;
}

// Attributes: a key and the AttrValue.
inline std::string attribute(const std::string& key, const std::string& value) {
  return field(5, field(1, key) + field(2, value));
}
inline std::string text(const std::string& key, const std::string& value) {
  return attribute(key, field(2, value));
}
inline std::string integer(const std::string& key, std::int64_t value) {
  return attribute(key, field(3, value));
}
inline std::string flag(const std::string& key, bool value) {
  return attribute(key, field(5, value ? 1 : 0));
}
inline std::string real(const std::string& key, float value) {
  return attribute(key, field(4, value));
}
inline std::string list(const std::string& key, const Extents& values) {
  std::string packed;
  for (const std::int64_t value : values) packed += varint(static_cast<std::uint64_t>(value));
  return attribute(key, field(1, field(3, packed)));
}
inline std::string tensor(const std::string& content) {
  return attribute("value", field(8, content));
}

// A GraphDef as it grows.
struct TestGraph {
  std::string bytes;

  TestGraph& node(const std::string& name, const std::string& op,
                  const std::vector<std::string>& inputs = {}, const std::string& attributes = "") {
    std::string content = field(1, name) + field(2, op);
    for (const std::string& input : inputs) content += field(3, input);
    bytes += field(1, content + attributes);
    return *this;
  }
  TestGraph& input(const Extents& extents = {-1, -1, -1, 3}) {
    return node("input", "Placeholder", {},
                attribute("dtype", field(6, 1)) + attribute("shape", field(7, shape(extents))));
  }
  TestGraph& floats(const std::string& name, const Extents& extents, const Numbers& values) {
    return node(name, "Const", {},
                tensor(field(1, 1) + field(2, shape(extents)) + field(4, raw(values))));
  }
  // start, start + 1, ...
  TestGraph& counting(const std::string& name, const Extents& extents, float start = 1) {
    std::int64_t count = 1;
    for (const std::int64_t extent : extents) count *= extent;
    Numbers values;
    for (std::int64_t i = 0; i < count; ++i) values.push_back(start + static_cast<float>(i));
    return floats(name, extents, values);
  }
  TestGraph& ints(const std::string& name, const Extents& extents,
                  const std::vector<std::int32_t>& values) {
    return node(name, "Const", {},
                tensor(field(1, 3) + field(2, shape(extents)) + field(4, raw(values))));
  }
  TestGraph& conv(const std::string& name, const std::string& from, const std::string& filter,
                  const std::string& attributes = "") {
    return node(name, "Conv2D", {from, filter},
                list("strides", {1, 1, 1, 1}) + text("padding", "SAME") + attributes);
  }

  TensorFlowNetwork read_all() const {
    return read_tensorflow(std::as_bytes(std::span(bytes.data(), bytes.size())), "net.pb");
  }
  Graph read() const { return read_all().graph; }
};

// The layer of that name. REQUIRES: there is one.
inline const Layer& layer_of(const Graph& graph, const std::string& name) {
  const int index = graph.find(name);
  if (index < 0) throw std::runtime_error("the graph has no layer " + name);
  return graph.layers[static_cast<std::size_t>(index)];
}

// A copy of its op.
template <class T>
T op_of(const Graph& graph, const std::string& name) {
  return std::get<T>(layer_of(graph, name).op);
}

// What an unknown layer is of.
inline std::string unknown_of(const Graph& graph, const std::string& name) {
  return op_of<UnknownLayer>(graph, name).type;
}

// The layer that it reads.
inline std::string read_by(const Graph& graph, const std::string& name, std::size_t input = 0) {
  return graph.layers[static_cast<std::size_t>(layer_of(graph, name).inputs.at(input))].name;
}

inline Numbers numbers(const Weights& weights) {
  return {weights->elements().begin(), weights->elements().end()};
}

}  // namespace reverie::tensorflow
