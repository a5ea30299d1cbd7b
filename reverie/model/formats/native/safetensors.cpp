#include "reverie/model/formats/native/safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string_view>

#include "reverie/base/error.h"
#include "reverie/base/file/atomic_file.h"

namespace reverie::native {
namespace {

using SortedJson = nlohmann::json;

constexpr std::size_t length_bytes = 8;
constexpr std::uint64_t max_header_bytes = 100'000'000;  // as the format's own reader
constexpr std::size_t data_alignment = 64;

std::uint64_t read_length(std::span<const std::byte> bytes) {
  std::uint64_t length = 0;
  for (std::size_t i = 0; i < length_bytes; ++i)
    length |= static_cast<std::uint64_t>(bytes[i]) << (8 * i);
  return length;
}

std::size_t size_of(StoredType type) { return type == StoredType::f32 ? 4 : 2; }

class ContainerParser {
 public:
  ContainerParser(std::span<const std::byte> bytes, const std::string& file)
      : bytes_(bytes), file_(file) {}

  Container run() {
    // Find the header and the data behind it
    if (bytes_.size() < length_bytes)
      fail(fmt::format("it has {} bytes, not even the header's length", bytes_.size()));
    const std::uint64_t length = read_length(bytes_);
    if (length > max_header_bytes || length > bytes_.size() - length_bytes)
      fail(fmt::format("its header should have {} bytes, but {} follow", length,
                       bytes_.size() - length_bytes));
    const auto header = bytes_.subspan(length_bytes, static_cast<std::size_t>(length));
    data_ = bytes_.subspan(length_bytes + static_cast<std::size_t>(length));

    const char* text = reinterpret_cast<const char*>(header.data());
    const SortedJson json = SortedJson::parse(text, text + header.size(), nullptr, false);
    if (json.is_discarded() || !json.is_object()) fail("its header is not a JSON object");
    for (const auto& [name, value] : json.items()) {
      if (name == "__metadata__")
        read_metadata(value);
      else
        read_array(name, value);
    }
    check_cover();
    return std::move(container_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw BadModel(fmt::format("'{}' is not a whole .safetensors file: {}", file_, what));
  }

  void read_metadata(const SortedJson& metadata) {
    if (!metadata.is_object()) fail("__metadata__ is not an object");
    for (const auto& [key, value] : metadata.items()) {
      if (!value.is_string()) fail(fmt::format("__metadata__ '{}' is not a string", key));
      container_.metadata[key] = value.get<std::string>();
    }
  }

  void read_array(const std::string& name, const SortedJson& value) {
    if (!value.is_object() || !value.contains("dtype") || !value.contains("shape") ||
        !value.contains("data_offsets") || !value["dtype"].is_string())
      fail(fmt::format("array '{}' lacks its dtype, shape or data_offsets", name));
    StoredArray array;
    array.type = read_type(name, value["dtype"].get<std::string>());
    const std::vector<std::uint64_t> extents = read_numbers(name, value["shape"]);
    if (extents.size() > Shape::max_rank)
      fail(fmt::format("array '{}' has {} axes, at most {} are read", name, extents.size(),
                       Shape::max_rank));

    // The product is bounded by the data at each factor, so it cannot overflow
    std::uint64_t elements = 1;
    for (const std::uint64_t extent : extents) {
      if (extent == 0 || extent > data_.size() || elements > data_.size() / extent)
        fail(fmt::format("array '{}' has an extent of {}, with {} bytes of data", name, extent,
                         data_.size()));
      elements *= extent;
      array.shape.append(static_cast<std::int64_t>(extent));
    }
    const std::vector<std::uint64_t> offsets = read_numbers(name, value["data_offsets"]);
    if (offsets.size() != 2 || offsets[0] > offsets[1] || offsets[1] > data_.size())
      fail(fmt::format("array '{}' does not lie in the {} bytes of data", name, data_.size()));
    if (offsets[1] - offsets[0] != elements * size_of(array.type))
      fail(fmt::format("array '{}' has {} bytes, its shape {} of {} needs {}", name,
                       offsets[1] - offsets[0], array.shape.to_string(), to_string(array.type),
                       elements * size_of(array.type)));
    array.bytes = data_.subspan(offsets[0], offsets[1] - offsets[0]);
    container_.arrays.emplace(name, array);
  }

  StoredType read_type(const std::string& name, const std::string& type) const {
    for (const StoredType known : {StoredType::f32, StoredType::f16, StoredType::bf16})
      if (type == to_string(known)) return known;
    throw Unsupported(fmt::format("'{}': array '{}' is of type {}; Reverie reads F32, F16 and BF16",
                                  file_, name, type.substr(0, 16)));
  }

  std::vector<std::uint64_t> read_numbers(const std::string& name, const SortedJson& list) const {
    if (!list.is_array()) fail(fmt::format("array '{}' has a shape or offsets not a list", name));
    std::vector<std::uint64_t> numbers;
    for (const SortedJson& number : list) {
      if (!number.is_number_unsigned())
        fail(fmt::format("array '{}' has a shape or offset that is not a natural number", name));
      numbers.push_back(number.get<std::uint64_t>());
    }
    return numbers;
  }

  // The arrays must cover the data without overlap and without holes, as the format demands.
  void check_cover() const {
    std::vector<std::pair<std::size_t, const std::string*>> order;
    for (const auto& [name, array] : container_.arrays)
      order.emplace_back(static_cast<std::size_t>(array.bytes.data() - data_.data()), &name);
    std::sort(order.begin(), order.end());
    std::size_t end = 0;
    for (const auto& [begin, name] : order) {
      if (begin < end) fail(fmt::format("array '{}' overlaps the one before it", *name));
      if (begin > end)
        fail(fmt::format("{} bytes before array '{}' belong to none", begin - end, *name));
      end = begin + container_.arrays.at(*name).bytes.size();
    }
    if (end != data_.size())
      fail(fmt::format("{} bytes at its end belong to no array", data_.size() - end));
  }

  std::span<const std::byte> bytes_, data_;
  const std::string& file_;
  Container container_;
};

void store(ConstView values, StoredType type, std::byte* out) {
  for (const float value : values.elements()) {
    const std::uint32_t bits = type == StoredType::f32   ? std::bit_cast<std::uint32_t>(value)
                               : type == StoredType::f16 ? float_to_half(value)
                                                         : float_to_bfloat16(value);
    for (std::size_t i = 0; i < size_of(type); ++i)
      *out++ = static_cast<std::byte>((bits >> (8 * i)) & 0xFF);
  }
}

}  // namespace

const char* to_string(StoredType type) {
  switch (type) {
    case StoredType::f16:
      return "F16";
    case StoredType::bf16:
      return "BF16";
    default:
      return "F32";
  }
}

bool looks_like_safetensors(std::span<const std::byte> bytes) {
  return bytes.size() > length_bytes && read_length(bytes) <= max_header_bytes &&
         bytes[length_bytes] == std::byte{'{'};
}

Container parse_container(std::span<const std::byte> bytes, const std::string& file) {
  return ContainerParser(bytes, file).run();
}

Tensor to_tensor(const StoredArray& array) {
  Tensor tensor = Tensor::uninitialized(array.shape);
  float* out = tensor.data();
  const std::byte* in = array.bytes.data();
  const auto count = static_cast<std::size_t>(tensor.size());
  if (array.type == StoredType::f32 && std::endian::native == std::endian::little) {
    std::memcpy(out, in, array.bytes.size());
    return tensor;
  }
  const auto byte = [in](std::size_t i) { return static_cast<std::uint32_t>(in[i]); };
  for (std::size_t i = 0; i < count; ++i) {
    if (array.type == StoredType::f32) {
      out[i] = std::bit_cast<float>(byte(4 * i) | byte(4 * i + 1) << 8 | byte(4 * i + 2) << 16 |
                                    byte(4 * i + 3) << 24);
      continue;
    }
    const auto bits = static_cast<std::uint16_t>(byte(2 * i) | byte(2 * i + 1) << 8);
    out[i] = array.type == StoredType::f16 ? half_to_float(bits) : bfloat16_to_float(bits);
  }
  return tensor;
}

void write_container(const std::filesystem::path& path,
                     const std::map<std::string, std::string>& metadata,
                     const std::vector<NamedArray>& arrays) {
  // Lay out the data: without gaps, as other readers of the format insist
  SortedJson header = SortedJson::object();
  header["__metadata__"] = metadata;
  std::size_t end = 0;
  for (const NamedArray& array : arrays) {
    const std::size_t begin = end;
    end += static_cast<std::size_t>(array.values.size()) * size_of(array.type);
    SortedJson shape = SortedJson::array();
    for (int axis = 0; axis < array.values.shape().rank(); ++axis)
      shape.push_back(array.values.shape()[axis]);
    header[array.name] = {
        {"dtype", to_string(array.type)}, {"shape", shape}, {"data_offsets", {begin, end}}};
  }

  // Pad the header with spaces so that the data is aligned in the file
  std::string text = header.dump();
  while ((length_bytes + text.size()) % data_alignment != 0) text.push_back(' ');
  std::byte length[length_bytes];
  for (std::size_t i = 0; i < length_bytes; ++i)
    length[i] = static_cast<std::byte>((text.size() >> (8 * i)) & 0xFF);

  AtomicFile file(path);
  file.write(length);
  file.write(text);
  std::vector<std::byte> stored;
  for (const NamedArray& array : arrays) {
    stored.resize(static_cast<std::size_t>(array.values.size()) * size_of(array.type));
    store(array.values, array.type, stored.data());
    file.write(stored);
  }
  file.commit(true);
}

}  // namespace reverie::native
