// onnx_model.h: an ONNX file's message taken apart, its numbers left where they are.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reverie/model/formats/wire.h"

namespace reverie::onnx {

using wire::Bytes;

// A node in memory is many times as large as in a file of nothing but empty ones
constexpr std::size_t max_nodes = 20000;
constexpr std::size_t max_constants = 50000;
constexpr std::size_t max_links = 4096;  // inputs, outputs, attributes of one node
constexpr std::size_t max_extents = 16;

// TensorProto.DataType
enum class DataType : std::int64_t {
  none = 0,
  f32 = 1,
  u8 = 2,
  i8 = 3,
  u16 = 4,
  i16 = 5,
  i32 = 6,
  i64 = 7,
  text = 8,
  boolean = 9,
  f16 = 10,
  f64 = 11,
  u32 = 12,
  u64 = 13,
  bf16 = 16,
  f8e4m3fn = 17,
  f8e4m3fnuz = 18,
  f8e5m2 = 19,
  f8e5m2fnuz = 20,
  u4 = 21,
  i4 = 22,
  f4e2m1 = 23,
};

// "int8", for messages; "data type 14" for those that Reverie does not read.
std::string describe(DataType type);
bool is_floating(DataType type);
bool is_integer(DataType type);  // booleans too

// Where numbers lie in another file.
struct ExternalPlace {
  std::string_view location;
  std::int64_t offset = 0;
  std::int64_t length = -1;  // -1: as many as the extents say
};

// Numbers of the file's TensorProto.
struct Constant {
  std::string_view name;
  std::vector<std::int64_t> extents;
  DataType type = DataType::none;
  Bytes raw;                  // little-endian, when not empty
  std::vector<Bytes> packed;  // else packed numbers as the wire has them
  std::vector<std::uint64_t> loose;
  std::uint32_t field = 0;  // of `packed` and `loose`: 4 float, 5 int32, 7 int64, 10 double, 11
  std::optional<ExternalPlace> external;  // until ExternalFiles has filled `raw`
};

struct ValueInfo {
  std::string_view name;
  DataType type = DataType::none;
  bool has_shape = false;
  std::vector<std::int64_t> extents;  // -1: dynamic
};

// An attribute of a node.
struct Attribute {
  std::string_view name;
  std::string_view reference;  // of a function's node: the attribute of the call to take
  float number = 0;
  std::int64_t integer = 0;
  std::string_view text;
  std::optional<Constant> constant;
  std::vector<float> numbers;
  std::vector<std::int64_t> integers;
  Bytes graph;  // of a branch
  bool is_sparse = false;
};

// Errors: wire::Malformed.
Attribute parse_attribute(Bytes message);
std::string_view attribute_name(Bytes message);

struct Node {
  std::string_view name, type, domain;
  std::vector<std::string_view> inputs, outputs;
  // Names and messages; inside functions the name may be another than in the message.
  std::vector<std::pair<std::string_view, Bytes>> attributes;
  std::int64_t opset = 0;  // of the operators without a domain, where the node stands

  bool is_standard() const { return domain.empty() || domain == "ai.onnx"; }
};

// A function that the file defines: nodes in place of one.
struct Function {
  std::string_view name, domain;
  std::vector<std::string_view> inputs, outputs;
  std::vector<Bytes> defaults;  // attributes that a call may leave out
  std::vector<Node> nodes;
};

struct Model {
  std::int64_t opset = 0;
  std::string_view name, producer;
  std::vector<Node> nodes;
  std::vector<Constant> constants;
  std::vector<std::string_view> sparse_constants;  // names only
  std::vector<ValueInfo> inputs;
  std::vector<std::string_view> outputs;
  std::vector<Function> functions;
  std::deque<std::string> own_names;  // of nodes that functions became
};

// A branch of a node If. Errors: wire::Malformed.
Model parse_branch(Bytes graph, std::int64_t opset);

// Errors: BadModel.
Model parse_model(Bytes bytes, const std::string& file);

Constant parse_constant(Bytes message);

}  // namespace reverie::onnx
