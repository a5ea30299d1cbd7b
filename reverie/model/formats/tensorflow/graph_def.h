// graph_def.h: TensorFlow's GraphDef, read in place: nodes, attributes, constant tensors.
//
// Source: graph.proto, node_def.proto, attr_value.proto, tensor.proto and types.proto of
// TensorFlow, of which this reads the fields that frozen classifiers use.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reverie/model/formats/wire.h"

namespace reverie::tensorflow {

// The numbers of types.proto.
enum class DataType {
  none = 0,
  float32 = 1,
  float64 = 2,
  int32 = 3,
  uint8 = 4,
  int64 = 9,
  boolean = 10,
  bfloat16 = 14,
  half = 19
};

// One attribute of a node; members that its kind does not use are empty.
struct Attribute {
  std::string_view text;                             // s
  std::int64_t integer = 0;                          // i, b, type
  float real = 0;                                    // f
  std::vector<std::int64_t> integers;                // list of i
  std::optional<std::vector<std::int64_t>> extents;  // shape; -1: unknown. None: unknown rank
  wire::Bytes tensor;                                // a TensorProto
};

// One node; views the bytes that it was read from.
struct Node {
  std::string name, op;
  std::vector<std::string_view> inputs;  // "node", "node:1", "^control"
  std::map<std::string_view, Attribute> attributes;

  const Attribute* find(std::string_view key) const;
  std::int64_t integer(std::string_view key, std::int64_t otherwise) const;
  float real(std::string_view key, float otherwise) const;
  std::string_view text(std::string_view key, std::string_view otherwise) const;
};

// Nodes in the file's order. Errors: BadModel for bytes that are not a whole GraphDef, naming the
// byte and the node; for two nodes of one name; for more nodes than a network has.
std::vector<Node> read_nodes(wire::Bytes bytes, const std::string& file);

// A tensor of numbers in the file.
struct Constant {
  DataType type = DataType::none;
  std::vector<std::int64_t> extents;  // empty: one number
  wire::Bytes content;                // little-endian numbers of that type; or, where it is empty:
  std::vector<double> values;         // the numbers; if fewer than count, the last one goes on

  std::int64_t count() const;

  // All numbers. REQUIRES: count() is small enough to hold twice.
  std::vector<double> numbers() const;

  // All numbers as float32 in `to`, which has room for count() of them.
  void copy_to(float* to) const;
};

// Errors: BadModel, naming the node, when lengths do not fit; none when it holds something else
// than numbers.
std::optional<Constant> read_constant(const Node& node, const std::string& file);

}  // namespace reverie::tensorflow
