// onnx_model.h: an ONNX file's message taken apart, its numbers left where they are.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reverie/model/formats/wire.h"
#include "reverie/tensor/tensor.h"

namespace reverie::onnx {

using wire::Bytes;

// Numbers of the file's TensorProto.
struct Constant {
  std::string_view name;
  std::vector<std::int64_t> extents;
  std::int64_t type = 0;      // TensorProto.DataType
  Bytes raw;                  // little-endian, when not empty
  std::vector<Bytes> packed;  // else packed numbers as the wire has them
  std::vector<std::uint64_t> loose;
  std::uint32_t field = 0;  // of `packed` and `loose`: 4 float, 5 int32, 7 int64, 10 double
  bool is_external = false;

  // The product of the extents. Errors: BadModel when it is more than the file could hold.
  std::int64_t size(const std::string& file) const;
};

// As float32. Errors: BadModel when there are fewer or more numbers than extents say; Unsupported
// for types that are not floating point, or numbers in another file.
Tensor floats_of(const Constant& constant, const std::string& file);

// As integers. Errors: as floats_of, for types that are not integers.
std::vector<std::int64_t> integers_of(const Constant& constant, const std::string& file);

struct Node {
  std::string_view name, type, domain;
  std::vector<std::string_view> inputs, outputs;
  std::vector<Bytes> attributes;
};

struct ValueInfo {
  std::string_view name;
  bool has_shape = false;
  std::vector<std::int64_t> extents;  // -1: dynamic
};

struct Model {
  std::int64_t opset = 0;
  std::string_view name, producer;
  std::vector<Node> nodes;
  std::vector<Constant> constants;
  std::vector<ValueInfo> inputs;
};

// Errors: BadModel, Unsupported.
Model parse_model(Bytes bytes, const std::string& file);

Constant parse_constant(Bytes message);

// An attribute of a node.
struct Attribute {
  std::string_view name;
  float number = 0;
  std::int64_t integer = 0;
  std::string_view text;
  std::optional<Constant> constant;
  std::vector<float> numbers;
  std::vector<std::int64_t> integers;
};

// Errors: wire::Malformed.
Attribute parse_attribute(Bytes message);

}  // namespace reverie::onnx
