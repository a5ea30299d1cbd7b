#include "reverie/model/formats/onnx/onnx_numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "reverie/base/error.h"
#include "reverie/model/formats/native/safetensors.h"

namespace reverie::onnx {
namespace {

using wire::Reader;

[[noreturn]] void fail(const Constant& constant, const std::string& file, const std::string& what) {
  throw BadModel(fmt::format("'{}': array '{}' {}", file, constant.name, what));
}

std::uint64_t little_endian(const std::byte* bytes, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value |= static_cast<std::uint64_t>(bytes[i]) << (8 * i);
  return value;
}

// Calls take(bits) for each unit of the data: raw numbers, or pairs of four bits, or the wire's
// numbers.
template <class Take>
void each_unit(const Constant& constant, Take&& take) {
  if (!constant.raw.empty()) {
    const std::size_t bytes = std::max<std::size_t>(width_of(constant.type) / 8, 1);
    for (std::size_t at = 0; at + bytes <= constant.raw.size(); at += bytes)
      take(little_endian(constant.raw.data() + at, bytes));
    return;
  }
  for (const std::uint64_t bits : constant.loose) take(bits);
  for (const Bytes& packed : constant.packed) {
    if (constant.field == 5 || constant.field == 7 || constant.field == 11) {
      for (Reader reader(packed); !reader.at_end();) take(reader.varint());
      continue;
    }
    const std::size_t width = constant.field == 10 ? 8 : 4;
    if (packed.size() % width != 0) throw wire::Malformed{packed.data()};
    for (std::size_t at = 0; at < packed.size(); at += width)
      take(little_endian(packed.data() + at, width));
  }
}

// Calls use(bits) for each number: the bits that the type has in `raw`, or the wire's number.
template <class Use>
void each_number(const Constant& constant, const std::string& file, Use&& use) {
  if (constant.external)
    throw Unsupported(fmt::format("'{}': array '{}' lies in another file", file, constant.name));
  const std::int64_t count = size_of(constant, file);
  const std::size_t width = width_of(constant.type);
  const auto bytes = (static_cast<std::uint64_t>(count) * width + 7) / 8;
  if (!constant.raw.empty() && constant.raw.size() != bytes)
    fail(constant, file, fmt::format("has {} bytes for {} numbers", constant.raw.size(), count));
  std::int64_t found = 0;
  const auto take = [&](std::uint64_t bits) {
    if (++found <= count) use(bits);
  };
  each_unit(constant, [&](std::uint64_t unit) {
    if (width != 4) return take(unit);
    // Two in a byte, the first in its lower half; with an odd count the last half is empty
    take(unit & 15);
    if (found < count) take(unit >> 4 & 15);
  });
  if (found != count) fail(constant, file, fmt::format("has {} numbers for {}", found, count));
}

// A float of few bits: `exponent` of them for the exponent, `mantissa` for the rest.
float small_float(std::uint64_t bits, int exponent, int mantissa, int bias) {
  const auto fraction = static_cast<int>(bits & ((1u << mantissa) - 1));
  const int power = static_cast<int>(bits >> mantissa & ((1u << exponent) - 1));
  const bool is_negative = (bits >> (exponent + mantissa) & 1) != 0;
  const int leading = power == 0 ? 0 : 1 << mantissa;
  const float value =
      std::ldexp(static_cast<float>(leading + fraction), std::max(power, 1) - bias - mantissa);
  return is_negative ? -value : value;
}

std::int64_t to_integer(DataType type, std::uint64_t bits) {
  switch (type) {
    case DataType::i4:
      return static_cast<std::int64_t>((bits & 15) ^ 8) - 8;
    case DataType::u4:
      return static_cast<std::int64_t>(bits & 15);
    case DataType::boolean:
      return (bits & 255) != 0 ? 1 : 0;
    case DataType::i8:
      return static_cast<std::int8_t>(bits);
    case DataType::u8:
      return static_cast<std::uint8_t>(bits);
    case DataType::i16:
      return static_cast<std::int16_t>(bits);
    case DataType::u16:
      return static_cast<std::uint16_t>(bits);
    case DataType::i32:
      return static_cast<std::int32_t>(bits);
    case DataType::u32:
      return static_cast<std::uint32_t>(bits);
    default:
      return static_cast<std::int64_t>(bits);
  }
}

float to_float(DataType type, std::uint64_t bits) {
  switch (type) {
    case DataType::f32:
      return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    case DataType::f16:
      return native::half_to_float(static_cast<std::uint16_t>(bits));
    case DataType::bf16:
      return native::bfloat16_to_float(static_cast<std::uint16_t>(bits));
    case DataType::f64:
      return static_cast<float>(std::bit_cast<double>(bits));
    case DataType::f8e4m3fn:
      return small_float(bits, 4, 3, 7);
    case DataType::f8e4m3fnuz:
      return small_float(bits, 4, 3, 8);
    case DataType::f8e5m2:
      return small_float(bits, 5, 2, 15);
    case DataType::f8e5m2fnuz:
      return small_float(bits, 5, 2, 16);
    case DataType::f4e2m1:
      return small_float(bits, 2, 1, 1);
    case DataType::u64:
      return static_cast<float>(bits);
    default:
      return static_cast<float>(to_integer(type, bits));
  }
}

Shape shape_of(const Constant& constant, const std::string& file) {
  Shape shape;
  if (constant.extents.size() > Shape::max_rank)
    throw Unsupported(fmt::format("'{}': array '{}' has {} axes; Reverie reads up to {}", file,
                                  constant.name, constant.extents.size(), Shape::max_rank));
  for (const std::int64_t extent : constant.extents) {
    if (extent == 0) fail(constant, file, "is empty");
    shape.append(extent);
  }
  if (constant.extents.empty()) shape.append(1);
  return shape;
}

}  // namespace

std::size_t width_of(DataType type) {
  switch (type) {
    case DataType::u4:
    case DataType::i4:
    case DataType::f4e2m1:
      return 4;
    case DataType::u8:
    case DataType::i8:
    case DataType::boolean:
    case DataType::f8e4m3fn:
    case DataType::f8e4m3fnuz:
    case DataType::f8e5m2:
    case DataType::f8e5m2fnuz:
      return 8;
    case DataType::u16:
    case DataType::i16:
    case DataType::f16:
    case DataType::bf16:
      return 16;
    case DataType::i64:
    case DataType::u64:
    case DataType::f64:
      return 64;
    default:
      return 32;
  }
}

std::int64_t size_of(const Constant& constant, const std::string& file) {
  // No number takes less than half a byte, so more numbers than that are a lie
  std::uint64_t bytes = constant.raw.size() + constant.loose.size();
  for (const Bytes& part : constant.packed) bytes += part.size();
  const std::uint64_t most =
      std::max<std::uint64_t>(bytes, 1) * (width_of(constant.type) == 4 ? 2 : 1);
  std::uint64_t count = 1;
  for (const std::int64_t extent : constant.extents) {
    if (extent < 0 || (extent > 0 && count > most / static_cast<std::uint64_t>(extent)))
      fail(constant, file,
           fmt::format("has an extent of {}, with {} bytes of data", extent, bytes));
    count *= static_cast<std::uint64_t>(extent);
  }
  return static_cast<std::int64_t>(count);
}

Tensor floats_of(const Constant& constant, const std::string& file) {
  if (!is_floating(constant.type) && !is_integer(constant.type))
    throw Unsupported(fmt::format("'{}': array '{}' is of type {}; Reverie reads numbers", file,
                                  constant.name, describe(constant.type)));
  const Shape shape = shape_of(constant, file);
  if (!constant.external) size_of(constant, file);
  if (constant.type == DataType::f32 && !constant.external &&
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
  if (!is_integer(constant.type))
    throw Unsupported(fmt::format("'{}': array '{}' is of type {}; expected integers", file,
                                  constant.name, describe(constant.type)));
  std::vector<std::int64_t> numbers;
  each_number(constant, file,
              [&](std::uint64_t bits) { numbers.push_back(to_integer(constant.type, bits)); });
  return numbers;
}

}  // namespace reverie::onnx
