#include "reverie/model/formats/onnx/onnx_model.h"

#include <fmt/format.h>

#include <bit>

#include "reverie/base/error.h"

namespace reverie::onnx {
namespace {

using wire::Field;
using wire::Reader;
using wire::Type;

void expect(const Field& field, Type type) {
  if (field.type != type) throw wire::Malformed{field.whole.data()};
}

std::string_view text_of(const Field& field) {
  expect(field, Type::bytes);
  return wire::as_text(field.bytes);
}

Bytes bytes_of(const Field& field) {
  expect(field, Type::bytes);
  return field.bytes;
}

std::int64_t integer_of(const Field& field) {
  expect(field, Type::varint);
  return static_cast<std::int64_t>(field.value);
}

template <class Item>
void append(std::vector<Item>& list, Item item, std::size_t most, const Field& field) {
  if (list.size() >= most) throw wire::Malformed{field.whole.data()};
  list.push_back(std::move(item));
}

// A repeated integer: one number, or many packed.
void append_integers(std::vector<std::int64_t>& list, const Field& field, std::size_t most) {
  if (field.type == Type::varint)
    return append(list, static_cast<std::int64_t>(field.value), most, field);
  expect(field, Type::bytes);
  for (Reader reader(field.bytes); !reader.at_end();)
    append(list, static_cast<std::int64_t>(reader.varint()), most, field);
}

float bits_to_float(std::uint64_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
}

// A repeated float: one number, or many packed.
void append_floats(std::vector<float>& list, const Field& field, std::size_t most) {
  if (field.type == Type::fixed32) return append(list, bits_to_float(field.value), most, field);
  expect(field, Type::bytes);
  if (field.bytes.size() % 4 != 0) throw wire::Malformed{field.whole.data()};
  for (std::size_t at = 0; at < field.bytes.size(); at += 4) {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < 4; ++i)
      bits |= static_cast<std::uint64_t>(field.bytes[at + i]) << (8 * i);
    append(list, bits_to_float(bits), most, field);
  }
}

// Calls use(field) for each message of this number.
template <class Use>
void each_message(Bytes message, std::uint32_t number, Use&& use) {
  Reader reader(message);
  for (Field f; reader.next(f);)
    if (f.number == number && f.type == Type::bytes) use(f);
}

// A TypeProto.Tensor: the numbers' type and the extents.
void parse_tensor_type(Bytes message, ValueInfo& info) {
  Reader reader(message);
  for (Field f; reader.next(f);) {
    if (f.number == 1 && f.type == Type::varint) info.type = static_cast<DataType>(f.value);
    if (f.number != 2 || f.type != Type::bytes) continue;
    info.has_shape = true;
    each_message(f.bytes, 1, [&](const Field& dimension) {
      std::int64_t extent = -1;
      Reader dim(dimension.bytes);
      for (Field v; dim.next(v);)
        if (v.number == 1 && v.type == Type::varint) extent = static_cast<std::int64_t>(v.value);
      append(info.extents, extent, max_extents, dimension);
    });
  }
}

ValueInfo parse_value_info(Bytes message) {
  ValueInfo info;
  Reader reader(message);
  for (Field f; reader.next(f);) {
    if (f.number == 1) info.name = text_of(f);
    if (f.number != 2 || f.type != Type::bytes) continue;
    each_message(f.bytes, 1, [&](const Field& type) { parse_tensor_type(type.bytes, info); });
  }
  return info;
}

Node parse_node(Bytes message) {
  Node node;
  Reader reader(message);
  for (Field f; reader.next(f);) {
    switch (f.number) {
      case 1:
        append(node.inputs, text_of(f), max_links, f);
        break;
      case 2:
        append(node.outputs, text_of(f), max_links, f);
        break;
      case 3:
        node.name = text_of(f);
        break;
      case 4:
        node.type = text_of(f);
        break;
      case 5:
        append(node.attributes, {attribute_name(bytes_of(f)), f.bytes}, max_links, f);
        break;
      case 7:
        node.domain = text_of(f);
        break;
      default:
        break;
    }
  }
  return node;
}

// A SparseTensorProto's values have the name.
std::string_view sparse_name(Bytes message) {
  std::string_view name;
  each_message(message, 1, [&](const Field& values) { name = parse_constant(values.bytes).name; });
  return name;
}

void parse_graph(Bytes message, Model& model) {
  Reader reader(message);
  for (Field f; reader.next(f);) {
    if (f.type != Type::bytes) continue;
    if (f.number == 1) append(model.nodes, parse_node(f.bytes), max_nodes, f);
    if (f.number == 2) model.name = wire::as_text(f.bytes);
    if (f.number == 5) append(model.constants, parse_constant(f.bytes), max_constants, f);
    if (f.number == 11) append(model.inputs, parse_value_info(f.bytes), max_constants, f);
    if (f.number == 12) append(model.outputs, parse_value_info(f.bytes).name, max_constants, f);
    if (f.number == 15) append(model.sparse_constants, sparse_name(f.bytes), max_constants, f);
  }
}

// The version of the operators that have no domain of their own.
void parse_opset(Bytes message, std::int64_t& opset) {
  std::string_view domain;
  std::int64_t version = 0;
  Reader reader(message);
  for (Field f; reader.next(f);) {
    if (f.number == 1) domain = text_of(f);
    if (f.number == 2 && f.type == Type::varint) version = static_cast<std::int64_t>(f.value);
  }
  if (domain.empty() || domain == "ai.onnx") opset = version;
}

void set_opset(std::vector<Node>& nodes, std::int64_t opset) {
  for (Node& node : nodes) node.opset = opset;
}

Function parse_function(Bytes message, const std::int64_t model_opset) {
  Function function;
  std::int64_t opset = model_opset;
  Reader reader(message);
  for (Field f; reader.next(f);) {
    if (f.type != Type::bytes) continue;
    if (f.number == 1) function.name = wire::as_text(f.bytes);
    if (f.number == 4) append(function.inputs, wire::as_text(f.bytes), max_links, f);
    if (f.number == 5) append(function.outputs, wire::as_text(f.bytes), max_links, f);
    if (f.number == 7) append(function.nodes, parse_node(f.bytes), max_nodes, f);
    if (f.number == 9) parse_opset(f.bytes, opset);
    if (f.number == 10) function.domain = wire::as_text(f.bytes);
    if (f.number == 11) append(function.defaults, f.bytes, max_links, f);
  }
  set_opset(function.nodes, opset);
  return function;
}

// A StringStringEntryProto of external_data.
void parse_external(Bytes message, ExternalPlace& place) {
  std::string_view key, value;
  Reader reader(message);
  for (Field f; reader.next(f);) {
    if (f.number == 1) key = text_of(f);
    if (f.number == 2) value = text_of(f);
  }
  const auto number = [&](std::int64_t& into) {
    std::int64_t parsed = 0;
    if (value.empty() || value.size() > 18) throw wire::Malformed{message.data()};
    for (const char c : value) {
      if (c < '0' || c > '9') throw wire::Malformed{message.data()};
      parsed = parsed * 10 + (c - '0');
    }
    into = parsed;
  };
  if (key == "location") place.location = value;
  if (key == "offset") number(place.offset);
  if (key == "length") number(place.length);
}

}  // namespace

std::string describe(DataType type) {
  static const std::map<DataType, const char*> names{{DataType::f32, "float"},
                                                     {DataType::u8, "uint8"},
                                                     {DataType::i8, "int8"},
                                                     {DataType::u16, "uint16"},
                                                     {DataType::i16, "int16"},
                                                     {DataType::i32, "int32"},
                                                     {DataType::i64, "int64"},
                                                     {DataType::text, "string"},
                                                     {DataType::boolean, "bool"},
                                                     {DataType::f16, "float16"},
                                                     {DataType::f64, "double"},
                                                     {DataType::u32, "uint32"},
                                                     {DataType::u64, "uint64"},
                                                     {DataType::bf16, "bfloat16"},
                                                     {DataType::f8e4m3fn, "float8e4m3fn"},
                                                     {DataType::f8e4m3fnuz, "float8e4m3fnuz"},
                                                     {DataType::f8e5m2, "float8e5m2"},
                                                     {DataType::f8e5m2fnuz, "float8e5m2fnuz"},
                                                     {DataType::u4, "uint4"},
                                                     {DataType::i4, "int4"},
                                                     {DataType::f4e2m1, "float4e2m1"}};
  const auto found = names.find(type);
  return found != names.end() ? found->second
                              : fmt::format("data type {}", static_cast<std::int64_t>(type));
}

bool is_floating(DataType type) {
  switch (type) {
    case DataType::f32:
    case DataType::f16:
    case DataType::f64:
    case DataType::bf16:
    case DataType::f8e4m3fn:
    case DataType::f8e4m3fnuz:
    case DataType::f8e5m2:
    case DataType::f8e5m2fnuz:
    case DataType::f4e2m1:
      return true;
    default:
      return false;
  }
}

bool is_integer(DataType type) {
  switch (type) {
    case DataType::u8:
    case DataType::i8:
    case DataType::u16:
    case DataType::i16:
    case DataType::i32:
    case DataType::i64:
    case DataType::boolean:
    case DataType::u32:
    case DataType::u64:
    case DataType::u4:
    case DataType::i4:
      return true;
    default:
      return false;
  }
}

Constant parse_constant(Bytes message) {
  Constant constant;
  ExternalPlace place;
  bool is_external = false;
  Reader reader(message);
  for (Field f; reader.next(f);) {
    switch (f.number) {
      case 1:
        append_integers(constant.extents, f, max_extents);
        break;
      case 2:
        constant.type = static_cast<DataType>(integer_of(f));
        break;
      case 4:
      case 5:
      case 7:
      case 10:
      case 11:
        if (constant.field != 0 && constant.field != f.number)
          throw wire::Malformed{f.whole.data()};
        constant.field = f.number;
        if (f.type == Type::bytes)
          constant.packed.push_back(f.bytes);
        else
          constant.loose.push_back(f.value);
        break;
      case 8:
        constant.name = text_of(f);
        break;
      case 9:
        constant.raw = bytes_of(f);
        break;
      case 13:
        parse_external(bytes_of(f), place);
        break;
      case 14:
        is_external = f.value == 1;
        break;
      default:
        break;
    }
  }
  if (is_external) constant.external = place;
  return constant;
}

std::string_view attribute_name(Bytes message) {
  std::string_view name;
  Reader reader(message);
  for (Field f; reader.next(f);)
    if (f.number == 1) name = text_of(f);
  return name;
}

Attribute parse_attribute(Bytes message) {
  Attribute attribute;
  Reader reader(message);
  for (Field f; reader.next(f);) {
    switch (f.number) {
      case 1:
        attribute.name = text_of(f);
        break;
      case 2:
        expect(f, Type::fixed32);
        attribute.number = bits_to_float(f.value);
        break;
      case 3:
        attribute.integer = integer_of(f);
        break;
      case 4:
        attribute.text = text_of(f);
        break;
      case 5:
        attribute.constant = parse_constant(bytes_of(f));
        break;
      case 6:
        attribute.graph = bytes_of(f);
        break;
      case 7:
        append_floats(attribute.numbers, f, max_links);
        break;
      case 8:
        append_integers(attribute.integers, f, max_links);
        break;
      case 21:
        attribute.reference = text_of(f);
        break;
      case 22:
      case 23:
        attribute.is_sparse = true;
        break;
      default:
        break;
    }
  }
  return attribute;
}

Model parse_branch(Bytes graph, std::int64_t opset) {
  Model branch;
  parse_graph(graph, branch);
  set_opset(branch.nodes, opset);
  return branch;
}

Model parse_model(Bytes bytes, const std::string& file) {
  Model model;
  bool has_graph = false;
  std::int64_t version = 0;  // of the file's form
  std::vector<Bytes> functions;
  try {
    Reader reader(bytes);
    for (Field f; reader.next(f);) {
      if (f.number == 1 && f.type == Type::varint) version = static_cast<std::int64_t>(f.value);
      if (f.type != Type::bytes) continue;
      if (f.number == 2) model.producer = wire::as_text(f.bytes);
      if (f.number == 8) parse_opset(f.bytes, model.opset);
      if (f.number == 25) append(functions, f.bytes, max_nodes, f);
      if (f.number != 7) continue;
      has_graph = true;
      parse_graph(f.bytes, model);
    }
    // Files from before there were operator sets are of the first
    if (model.opset == 0 && version >= 3 && has_graph)
      throw BadModel(fmt::format("'{}' states no operator set; is it cut off?", file));
    if (model.opset == 0) model.opset = 1;
    set_opset(model.nodes, model.opset);
    for (const Bytes& function : functions)
      model.functions.push_back(parse_function(function, model.opset));
  } catch (const wire::Malformed& malformed) {
    throw BadModel(fmt::format("'{}' is damaged or cut off at byte {} of {}", file,
                               malformed.place - bytes.data(), bytes.size()));
  }
  if (!has_graph) throw BadModel(fmt::format("'{}' holds no ONNX graph", file));
  return model;
}

}  // namespace reverie::onnx
