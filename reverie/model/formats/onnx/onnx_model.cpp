#include "reverie/model/formats/onnx/onnx_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "reverie/base/error.h"
#include "reverie/model/formats/native/safetensors.h"

namespace reverie::onnx {
namespace {

using wire::Field;
using wire::Reader;
using wire::Type;

// A node in memory is many times as large as in a file of nothing but empty ones
constexpr std::size_t max_nodes = 20000;
constexpr std::size_t max_constants = 50000;
constexpr std::size_t max_links = 4096;  // inputs, outputs, attributes of one node
constexpr std::size_t max_extents = 16;

// TensorProto.DataType
enum DataType : std::int64_t { f32 = 1, i32 = 6, i64 = 7, f16 = 10, f64 = 11, bf16 = 16 };

void expect(const Field& field, Type type) {
  if (field.type != type) throw wire::Malformed{field.whole.data()};
}

std::string_view text_of(const Field& field) {
  expect(field, Type::bytes);
  return wire::as_text(field.bytes);
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

std::uint64_t little_endian(const std::byte* bytes, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value |= static_cast<std::uint64_t>(bytes[i]) << (8 * i);
  return value;
}

float bits_to_float(std::uint64_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
}

ValueInfo parse_value_info(Bytes message) {
  ValueInfo info;
  Reader reader(message);
  for (Field f; reader.next(f);) {
    if (f.number == 1) info.name = text_of(f);
    if (f.number != 2 || f.type != Type::bytes) continue;
    Reader type(f.bytes);
    for (Field t; type.next(t);) {
      if (t.number != 1 || t.type != Type::bytes) continue;
      Reader tensor(t.bytes);
      for (Field s; tensor.next(s);) {
        if (s.number != 2 || s.type != Type::bytes) continue;
        info.has_shape = true;
        Reader shape(s.bytes);
        for (Field d; shape.next(d);) {
          if (d.number != 1 || d.type != Type::bytes) continue;
          std::int64_t extent = -1;
          Reader dim(d.bytes);
          for (Field v; dim.next(v);)
            if (v.number == 1 && v.type == Type::varint)
              extent = static_cast<std::int64_t>(v.value);
          append(info.extents, extent, max_extents, d);
        }
      }
    }
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
        expect(f, Type::bytes);
        append(node.attributes, f.bytes, max_links, f);
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

void parse_graph(Bytes message, Model& model) {
  Reader reader(message);
  for (Field f; reader.next(f);) {
    if (f.type != Type::bytes) continue;
    if (f.number == 1) append(model.nodes, parse_node(f.bytes), max_nodes, f);
    if (f.number == 2) model.name = wire::as_text(f.bytes);
    if (f.number == 5) append(model.constants, parse_constant(f.bytes), max_constants, f);
    if (f.number == 11) append(model.inputs, parse_value_info(f.bytes), max_constants, f);
  }
}

// The version of the operators that have no domain of their own.
void parse_opset(Bytes message, Model& model) {
  std::string_view domain;
  std::int64_t version = 0;
  Reader reader(message);
  for (Field f; reader.next(f);) {
    if (f.number == 1) domain = text_of(f);
    if (f.number == 2 && f.type == Type::varint) version = static_cast<std::int64_t>(f.value);
  }
  if (domain.empty() || domain == "ai.onnx") model.opset = version;
}

[[noreturn]] void fail(const Constant& constant, const std::string& file, const std::string& what) {
  throw BadModel(fmt::format("'{}': array '{}' {}", file, constant.name, what));
}

std::size_t width_of(std::int64_t type) {
  switch (type) {
    case f16:
    case bf16:
      return 2;
    case f64:
    case i64:
      return 8;
    default:
      return 4;
  }
}

// Calls use(bits) for each number: the bits that the type has in `raw`, or the wire's number.
template <class Use>
void each_number(const Constant& constant, const std::string& file, Use&& use) {
  if (constant.is_external)
    throw Unsupported(
        fmt::format("'{}': array '{}' lies in another file, which Reverie does not "
                    "read; save the model as one file",
                    file, constant.name));
  const std::int64_t count = constant.size(file);
  std::int64_t found = 0;
  const auto take = [&](std::uint64_t bits) {
    if (++found <= count) use(bits);
  };
  if (!constant.raw.empty()) {
    const std::size_t width = width_of(constant.type);
    if (constant.raw.size() != static_cast<std::size_t>(count) * width)
      fail(constant, file, fmt::format("has {} bytes for {} numbers", constant.raw.size(), count));
    for (std::int64_t i = 0; i < count; ++i)
      take(little_endian(constant.raw.data() + static_cast<std::size_t>(i) * width, width));
    return;
  }
  for (const std::uint64_t bits : constant.loose) take(bits);
  for (const Bytes& packed : constant.packed) {
    if (constant.field == 5 || constant.field == 7) {
      for (Reader reader(packed); !reader.at_end();) take(reader.varint());
      continue;
    }
    const std::size_t width = constant.field == 10 ? 8 : 4;
    if (packed.size() % width != 0) throw wire::Malformed{packed.data()};
    for (std::size_t at = 0; at < packed.size(); at += width)
      take(little_endian(packed.data() + at, width));
  }
  if (found != count) fail(constant, file, fmt::format("has {} numbers for {}", found, count));
}

float to_float(std::int64_t type, std::uint64_t bits) {
  switch (type) {
    case f16:
      return native::half_to_float(static_cast<std::uint16_t>(bits));
    case bf16:
      return native::bfloat16_to_float(static_cast<std::uint16_t>(bits));
    case f64:
      return static_cast<float>(std::bit_cast<double>(bits));
    default:
      return bits_to_float(bits);
  }
}

}  // namespace

std::int64_t Constant::size(const std::string& file) const {
  // No number takes less than a byte, so more numbers than bytes are a lie
  std::uint64_t bytes = raw.size() + loose.size();
  for (const Bytes& part : packed) bytes += part.size();
  std::uint64_t count = 1;
  for (const std::int64_t extent : extents) {
    if (extent < 0 || (extent > 0 && count > std::max<std::uint64_t>(bytes, 1) /
                                                 static_cast<std::uint64_t>(extent)))
      fail(*this, file, fmt::format("has an extent of {}, with {} bytes of data", extent, bytes));
    count *= static_cast<std::uint64_t>(extent);
  }
  return static_cast<std::int64_t>(count);
}

Tensor floats_of(const Constant& constant, const std::string& file) {
  if (constant.type != f32 && constant.type != f16 && constant.type != f64 && constant.type != bf16)
    throw Unsupported(
        fmt::format("'{}': array '{}' is of data type {}; Reverie reads float, "
                    "float16, bfloat16 and double",
                    file, constant.name, constant.type));
  Shape shape;
  if (constant.extents.size() > Shape::max_rank)
    fail(constant, file, fmt::format("has {} axes", constant.extents.size()));
  for (const std::int64_t extent : constant.extents) {
    if (extent == 0) fail(constant, file, "is empty");
    shape.append(extent);
  }
  if (constant.extents.empty()) shape.append(1);
  if (!constant.is_external) constant.size(file);
  if (constant.type == f32 && !constant.is_external &&
      constant.raw.size() == static_cast<std::size_t>(shape.elements()) * sizeof(float) &&
      std::endian::native == std::endian::little) {
    Tensor tensor = Tensor::uninitialized(shape);
    std::memcpy(tensor.data(), constant.raw.data(), constant.raw.size());
    return tensor;
  }
  std::vector<float> numbers;
  each_number(constant, file,
              [&](std::uint64_t bits) { numbers.push_back(to_float(constant.type, bits)); });
  Tensor tensor = Tensor::uninitialized(shape);
  std::copy(numbers.begin(), numbers.end(), tensor.data());
  return tensor;
}

std::vector<std::int64_t> integers_of(const Constant& constant, const std::string& file) {
  if (constant.type != i32 && constant.type != i64)
    throw Unsupported(fmt::format("'{}': array '{}' is of data type {}; expected integers", file,
                                  constant.name, constant.type));
  std::vector<std::int64_t> numbers;
  each_number(constant, file, [&](std::uint64_t bits) {
    numbers.push_back(constant.type == i32 ? static_cast<std::int32_t>(bits)
                                           : static_cast<std::int64_t>(bits));
  });
  return numbers;
}

Constant parse_constant(Bytes message) {
  Constant constant;
  Reader reader(message);
  for (Field f; reader.next(f);) {
    switch (f.number) {
      case 1:
        append_integers(constant.extents, f, max_extents);
        break;
      case 2:
        expect(f, Type::varint);
        constant.type = static_cast<std::int64_t>(f.value);
        break;
      case 4:
      case 5:
      case 7:
      case 10:
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
        expect(f, Type::bytes);
        constant.raw = f.bytes;
        break;
      case 14:
        constant.is_external = f.value == 1;
        break;
      default:
        break;
    }
  }
  return constant;
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
        expect(f, Type::varint);
        attribute.integer = static_cast<std::int64_t>(f.value);
        break;
      case 4:
        attribute.text = text_of(f);
        break;
      case 5:
        expect(f, Type::bytes);
        attribute.constant = parse_constant(f.bytes);
        break;
      case 7:
        if (f.type == Type::fixed32) {
          append(attribute.numbers, bits_to_float(f.value), max_links, f);
        } else {
          expect(f, Type::bytes);
          if (f.bytes.size() % 4 != 0) throw wire::Malformed{f.whole.data()};
          for (std::size_t at = 0; at < f.bytes.size(); at += 4)
            append(attribute.numbers, bits_to_float(little_endian(f.bytes.data() + at, 4)),
                   max_links, f);
        }
        break;
      case 8:
        append_integers(attribute.integers, f, max_links);
        break;
      default:
        break;
    }
  }
  return attribute;
}

Model parse_model(Bytes bytes, const std::string& file) {
  Model model;
  bool has_graph = false;
  try {
    Reader reader(bytes);
    for (Field f; reader.next(f);) {
      if (f.type != Type::bytes) continue;
      if (f.number == 2) model.producer = wire::as_text(f.bytes);
      if (f.number == 8) parse_opset(f.bytes, model);
      if (f.number != 7) continue;
      has_graph = true;
      parse_graph(f.bytes, model);
    }
  } catch (const wire::Malformed& malformed) {
    throw BadModel(fmt::format("'{}' is damaged or cut off at byte {} of {}", file,
                               malformed.place - bytes.data(), bytes.size()));
  }
  if (!has_graph) throw BadModel(fmt::format("'{}' holds no ONNX graph", file));
  return model;
}

}  // namespace reverie::onnx
