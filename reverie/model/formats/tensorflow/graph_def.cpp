#include "reverie/model/formats/tensorflow/graph_def.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <set>

#include "reverie/base/error.h"
#include "reverie/model/formats/native/safetensors.h"

namespace reverie::tensorflow {
namespace {

using wire::Field;
using wire::Reader;
using wire::Type;

constexpr std::size_t max_nodes = 100000;
constexpr std::int64_t max_numbers = std::int64_t{1} << 40;
constexpr std::size_t max_ranks = 8;

std::int64_t as_signed(std::uint64_t value) { return static_cast<std::int64_t>(value); }

float as_float(std::uint64_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
}

// The extents of a TensorShapeProto; none for an unknown rank.
std::optional<std::vector<std::int64_t>> read_shape(wire::Bytes bytes) {
  std::vector<std::int64_t> extents;
  Reader reader(bytes);
  for (Field field; reader.next(field);) {
    if (field.number == 3 && field.value != 0) return std::nullopt;
    if (field.number != 2 || field.type != Type::bytes) continue;
    std::int64_t extent = 0;
    Reader dimension(field.bytes);
    for (Field part; dimension.next(part);)
      if (part.number == 1 && part.type == Type::varint) extent = as_signed(part.value);
    extents.push_back(extent);
    if (extents.size() > max_ranks) throw wire::Malformed{field.bytes.data()};
  }
  return extents;
}

// The numbers of a repeated varint field, packed or not.
template <class Numbers>
void append_varints(const Field& field, Numbers& numbers) {
  using Number = typename Numbers::value_type;
  if (field.type == Type::varint) {
    numbers.push_back(static_cast<Number>(as_signed(field.value)));
  } else if (field.type == Type::bytes) {
    Reader reader(field.bytes);
    while (!reader.at_end()) numbers.push_back(static_cast<Number>(as_signed(reader.varint())));
  }
}

Attribute read_attribute(wire::Bytes bytes) {
  Attribute attribute;
  Reader reader(bytes);
  for (Field field; reader.next(field);) {
    if (field.number == 1 && field.type == Type::bytes) {
      Reader list(field.bytes);
      for (Field item; list.next(item);)
        if (item.number == 3) append_varints(item, attribute.integers);
    } else if (field.number == 2 && field.type == Type::bytes) {
      attribute.text = wire::as_text(field.bytes);
    } else if (field.number == 4 && field.type == Type::fixed32) {
      attribute.real = as_float(field.value);
    } else if (field.type == Type::varint &&
               (field.number == 3 || field.number == 5 || field.number == 6)) {
      attribute.integer = as_signed(field.value);
    } else if (field.number == 7 && field.type == Type::bytes) {
      attribute.extents = read_shape(field.bytes);
    } else if (field.number == 8 && field.type == Type::bytes) {
      attribute.tensor = field.bytes;
    }
  }
  return attribute;
}

// Names go into messages: they are one line of text.
std::string_view read_name(const Field& field) {
  const std::string_view name = wire::as_text(field.bytes);
  if (std::any_of(name.begin(), name.end(), [](char c) { return c >= 0 && c < ' '; }))
    throw wire::Malformed{field.bytes.data()};
  return name;
}

void read_node(wire::Bytes bytes, Node& node) {
  Reader reader(bytes);
  for (Field field; reader.next(field);) {
    if (field.type != Type::bytes) continue;
    if (field.number == 1) node.name = read_name(field);
    if (field.number == 2) node.op = read_name(field);
    if (field.number == 3) node.inputs.push_back(wire::as_text(field.bytes));
    if (field.number != 5) continue;
    std::string_view key;
    wire::Bytes value;
    Reader entry(field.bytes);
    for (Field part; entry.next(part);) {
      if (part.number == 1) key = wire::as_text(part.bytes);
      if (part.number == 2) value = part.bytes;
    }
    node.attributes[key] = read_attribute(value);
  }
}

// Numbers that stand in a field of their type.
void append_reals(const Field& field, std::vector<double>& values) {
  const auto width = field.number == 5 ? sizeof(float) : sizeof(double);
  if (field.type == Type::fixed32) values.push_back(as_float(field.value));
  if (field.type == Type::fixed64) values.push_back(std::bit_cast<double>(field.value));
  if (field.type != Type::bytes) return;
  if (field.bytes.size() % width != 0) throw wire::Malformed{field.bytes.data()};
  for (std::size_t at = 0; at < field.bytes.size(); at += width) {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < width; ++i)
      bits |= static_cast<std::uint64_t>(field.bytes[at + i]) << (8 * i);
    values.push_back(width == 4 ? as_float(bits) : std::bit_cast<double>(bits));
  }
}

std::size_t width_of(DataType type) {
  switch (type) {
    case DataType::float64:
    case DataType::int64:
      return 8;
    case DataType::float32:
    case DataType::int32:
      return 4;
    case DataType::half:
    case DataType::bfloat16:
      return 2;
    case DataType::uint8:
    case DataType::boolean:
      return 1;
    default:
      return 0;
  }
}

double widen(DataType type, std::uint64_t bits) {
  switch (type) {
    case DataType::float32:
      return as_float(bits);
    case DataType::float64:
      return std::bit_cast<double>(bits);
    case DataType::int32:
      return static_cast<std::int32_t>(static_cast<std::uint32_t>(bits));
    case DataType::int64:
      return static_cast<double>(as_signed(bits));
    case DataType::half:
      return native::half_to_float(static_cast<std::uint16_t>(bits));
    case DataType::bfloat16:
      return native::bfloat16_to_float(static_cast<std::uint16_t>(bits));
    default:
      return static_cast<double>(bits);
  }
}

Constant read_tensor(wire::Bytes bytes) {
  Constant constant;
  Reader reader(bytes);
  for (Field field; reader.next(field);) {
    if (field.number == 1 && field.type == Type::varint)
      constant.type = static_cast<DataType>(field.value & 0xFF);
    if (field.number == 2 && field.type == Type::bytes)
      constant.extents = read_shape(field.bytes).value_or(std::vector<std::int64_t>{-1});
    if (field.number == 4 && field.type == Type::bytes) constant.content = field.bytes;
    if (field.number == 5 || field.number == 6) append_reals(field, constant.values);
    if (field.number == 7 || field.number == 10 || field.number == 11)
      append_varints(field, constant.values);
    if (field.number == 13) {  // bits of 16-bit numbers
      std::vector<std::int64_t> halves;
      append_varints(field, halves);
      for (std::int64_t bits : halves)
        constant.values.push_back(widen(constant.type, static_cast<std::uint64_t>(bits)));
    }
  }
  return constant;
}

}  // namespace

const Attribute* Node::find(std::string_view key) const {
  const auto found = attributes.find(key);
  return found == attributes.end() ? nullptr : &found->second;
}

std::int64_t Node::integer(std::string_view key, std::int64_t otherwise) const {
  const Attribute* attribute = find(key);
  return attribute != nullptr ? attribute->integer : otherwise;
}

float Node::real(std::string_view key, float otherwise) const {
  const Attribute* attribute = find(key);
  return attribute != nullptr ? attribute->real : otherwise;
}

std::string_view Node::text(std::string_view key, std::string_view otherwise) const {
  const Attribute* attribute = find(key);
  return attribute != nullptr ? attribute->text : otherwise;
}

std::vector<Node> read_nodes(wire::Bytes bytes, const std::string& file) {
  std::vector<Node> nodes;
  std::set<std::string_view> names;
  Reader reader(bytes);
  try {
    for (Field field; reader.next(field);) {
      if (field.number != 1 || field.type != Type::bytes) continue;
      if (nodes.size() == max_nodes)
        throw BadModel(
            fmt::format("'{}' has more than {} nodes, the most that are read", file, max_nodes));
      nodes.emplace_back();
      read_node(field.bytes, nodes.back());
    }
  } catch (const wire::Malformed& malformed) {
    throw BadModel(
        fmt::format("'{}' is not a whole GraphDef: invalid byte {}{}; it is damaged, cut short or "
                    "of another format",
                    file, malformed.place - bytes.data(),
                    nodes.empty() || nodes.back().name.empty()
                        ? std::string()
                        : fmt::format(", in or after node '{}'", nodes.back().name)));
  }
  for (const Node& node : nodes)
    if (!names.insert(node.name).second)
      throw BadModel(fmt::format("'{}': node '{}' appears twice", file, node.name));
  return nodes;
}

std::int64_t Constant::count() const {
  std::int64_t product = 1;
  for (const std::int64_t extent : extents) product *= extent;
  return product;
}

std::vector<double> Constant::numbers() const {
  const auto size = static_cast<std::size_t>(count());
  std::vector<double> all = values;
  if (content.empty()) {
    all.resize(size, values.empty() ? 0 : values.back());
    return all;
  }
  const std::size_t width = width_of(type);
  all.clear();
  for (std::size_t i = 0; i < size; ++i) {
    std::uint64_t bits = 0;
    for (std::size_t b = 0; b < width; ++b)
      bits |= static_cast<std::uint64_t>(content[i * width + b]) << (8 * b);
    all.push_back(widen(type, bits));
  }
  return all;
}

void Constant::copy_to(float* to) const {
  if (type == DataType::float32 && !content.empty() && std::endian::native == std::endian::little) {
    std::memcpy(to, content.data(), content.size());
    return;
  }
  std::transform(values.begin(), values.end(), to, [](double v) { return static_cast<float>(v); });
  if (content.empty()) {
    std::fill(to + values.size(), to + count(),
              static_cast<float>(values.empty() ? 0 : values.back()));
    return;
  }
  const std::vector<double> all = numbers();
  std::transform(all.begin(), all.end(), to, [](double v) { return static_cast<float>(v); });
}

std::optional<Constant> read_constant(const Node& node, const std::string& file) {
  const Attribute* value = node.find("value");
  const auto fail = [&](const std::string& what) {
    throw BadModel(fmt::format("'{}': constant '{}' {}", file, node.name, what));
  };
  if (value == nullptr || value->tensor.empty()) fail("has no value");
  Constant constant;
  try {
    constant = read_tensor(value->tensor);
  } catch (const wire::Malformed&) {
    fail("is damaged");
  }
  const std::size_t width = width_of(constant.type);
  if (width == 0) return std::nullopt;

  // ToneMatch the shape against the numbers that are there, before anybody takes memory for it
  std::int64_t count = 1;
  for (const std::int64_t extent : constant.extents) {
    if (extent < 0 || (extent > 0 && count > max_numbers / extent))
      fail(fmt::format("has shape [{}]", fmt::join(constant.extents, ",")));
    count *= extent;
  }
  if (!constant.content.empty()) constant.values.clear();
  const std::int64_t stated = static_cast<std::int64_t>(constant.content.size() / width);
  if (!constant.content.empty() && (stated != count || constant.content.size() % width != 0))
    fail(fmt::format("has shape [{}], which is {} bytes, but {} are there",
                     fmt::join(constant.extents, ","), count * static_cast<std::int64_t>(width),
                     constant.content.size()));
  if (static_cast<std::int64_t>(constant.values.size()) > count)
    fail(fmt::format("has shape [{}] but {} numbers", fmt::join(constant.extents, ","),
                     constant.values.size()));

  // One number may stand for many, as TensorFlow writes it; but not for gigabytes
  constexpr std::int64_t max_repeated = std::int64_t{1} << 26;
  if (constant.content.empty() && count > max_repeated)
    fail(fmt::format("of shape [{}] is filled with one number; at most {} are",
                     fmt::join(constant.extents, ","), max_repeated));
  return constant;
}

}  // namespace reverie::tensorflow
