#include "reverie/model/formats/caffe/caffe_weights.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>

#include "reverie/base/error.h"

namespace reverie::caffe {
namespace {

using wire::Bytes;
using wire::Field;
using wire::Reader;
using wire::Type;

// Field numbers of Caffe's messages; caffe.proto has them too.
constexpr std::uint32_t net_layers_legacy = 2, net_layer = 100;
constexpr std::uint32_t layer_name = 1, layer_blobs = 7;
constexpr std::uint32_t legacy_name = 4, legacy_blobs = 6;
constexpr std::uint32_t blob_num = 1, blob_width = 4, blob_data = 5, blob_shape = 7,
                        blob_double_data = 8;

constexpr std::size_t max_layers = 100000;

template <class Unsigned>
Unsigned little_endian(const std::byte* bytes) {
  Unsigned value = 0;
  for (std::size_t i = 0; i < sizeof(Unsigned); ++i)
    value |= static_cast<Unsigned>(static_cast<Unsigned>(bytes[i]) << (8 * i));
  return value;
}

void read_shape(Bytes message, Blob& blob) {
  Reader reader(message);
  for (Field field; reader.next(field);) {
    if (field.number != 1) continue;
    if (field.type == Type::bytes) {
      for (Reader packed(field.bytes); !packed.at_end();)
        blob.extents.push_back(static_cast<std::int64_t>(packed.varint()));
    } else {
      blob.extents.push_back(static_cast<std::int64_t>(field.value));
    }
    if (blob.extents.size() > 64) throw wire::Malformed{field.whole.data()};
  }
}

void read_numbers(const Field& field, Blob& blob) {
  const std::size_t size = field.number == blob_double_data ? sizeof(double) : sizeof(float);
  if (field.number == blob_double_data) blob.is_double = true;
  if (field.type == Type::bytes) {
    if (field.bytes.size() % size != 0) throw wire::Malformed{field.whole.data()};
    blob.packed.push_back(field.bytes);
    blob.count += static_cast<std::int64_t>(field.bytes.size() / size);
  } else if (field.type == Type::fixed32 || field.type == Type::fixed64) {
    blob.loose.push_back(field.type == Type::fixed32 ? static_cast<double>(std::bit_cast<float>(
                                                           static_cast<std::uint32_t>(field.value)))
                                                     : std::bit_cast<double>(field.value));
    ++blob.count;
  } else {
    throw wire::Malformed{field.whole.data()};
  }
}

Blob read_blob(Bytes message) {
  Blob blob;
  std::int64_t legacy[4] = {0, 0, 0, 0};
  bool has_legacy = false, has_shape = false;
  Reader reader(message);
  for (Field field; reader.next(field);) {
    if (field.number == blob_shape && field.type == Type::bytes) {
      read_shape(field.bytes, blob);
      has_shape = true;
    } else if (field.number >= blob_num && field.number <= blob_width &&
               field.type == Type::varint) {
      legacy[field.number - blob_num] = static_cast<std::int64_t>(field.value);
      has_legacy = true;
    } else if (field.number == blob_data || field.number == blob_double_data) {
      read_numbers(field, blob);
    }
  }
  if (has_legacy && !has_shape) blob.extents.assign(legacy, legacy + 4);
  return blob;
}

// Appends a field's tag and length, the way that the wire has them.
void append_header(std::string& out, std::uint32_t number, std::size_t length) {
  const auto varint = [&out](std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
    out.push_back(static_cast<char>(value));
  };
  varint((std::uint64_t{number} << 3) | static_cast<std::uint64_t>(Type::bytes));
  varint(length);
}

class WeightsReader {
 public:
  explicit WeightsReader(std::string file) { weights_.file = std::move(file); }

  CaffeWeights run(Bytes bytes) {
    try {
      Reader reader(bytes);
      for (Field field; reader.next(field);) read_net_field(field);
    } catch (const wire::Malformed& malformed) {
      throw BadModel(fmt::format("'{}' is damaged or cut off at byte {} of {}{}", weights_.file,
                                 malformed.place - bytes.data(), bytes.size(),
                                 last_.empty() ? "" : ", after layer '" + last_ + "'"));
    }
    if (layers_ == 0)
      throw BadModel(
          fmt::format("'{}' is not a .caffemodel, or is cut off: it holds no layer in {} bytes",
                      weights_.file, bytes.size()));
    return std::move(weights_);
  }

 private:
  void read_net_field(const Field& field) {
    const bool legacy = field.number == net_layers_legacy;
    if ((field.number != net_layer && !legacy) || field.type != Type::bytes) {
      weights_.description.append(wire::as_text(field.whole));
      return;
    }
    if (++layers_ > max_layers) throw wire::Malformed{field.whole.data()};
    read_layer(field, legacy ? legacy_name : layer_name, legacy ? legacy_blobs : layer_blobs);
  }

  void read_layer(const Field& layer, std::uint32_t name_number, std::uint32_t blobs_number) {
    std::string name;
    LayerBlobs blobs;
    std::string described;
    Reader reader(layer.bytes);
    for (Field field; reader.next(field);) {
      if (field.number == blobs_number && field.type == Type::bytes) {
        blobs.blobs.push_back(read_blob(field.bytes));
        continue;
      }
      if (field.number == name_number && field.type == Type::bytes)
        name = wire::as_text(field.bytes);
      described.append(wire::as_text(field.whole));
    }
    append_header(weights_.description, layer.number, described.size());
    weights_.description += described;
    last_ = name;
    if (!blobs.blobs.empty()) weights_.layers.emplace(std::move(name), std::move(blobs));
  }

  CaffeWeights weights_;
  std::size_t layers_ = 0;
  std::string last_;  // the layer read last, for messages
};

std::vector<std::int64_t> without_leading_ones(std::vector<std::int64_t> extents) {
  const auto first =
      std::find_if(extents.begin(), extents.end(), [](std::int64_t e) { return e != 1; });
  extents.erase(extents.begin(), first);
  return extents;
}

std::vector<std::int64_t> extents_of(const Shape& shape) {
  std::vector<std::int64_t> extents;
  for (int axis = 0; axis < shape.rank(); ++axis) extents.push_back(shape[axis]);
  return extents;
}

}  // namespace

std::string Blob::shape() const { return fmt::format("[{}]", fmt::join(extents, ",")); }

CaffeWeights read_weights(Bytes bytes, const std::string& file) {
  return WeightsReader(file).run(bytes);
}

Tensor load_blob(const CaffeWeights& weights, const Blob& blob, const Shape& expected,
                 std::string_view what) {
  if (without_leading_ones(blob.extents) != without_leading_ones(extents_of(expected)))
    throw BadModel(
        fmt::format("{} has shape {} in '{}', but its prototxt makes it {}; are these two files of "
                    "one network?",
                    what, blob.shape(), weights.file, expected.to_string()));
  // The count is of numbers that are in the file, so the memory asked for is bounded by its size
  if (blob.count != expected.elements())
    throw BadModel(fmt::format("{} has {} numbers in '{}', expected {} for its shape {}", what,
                               blob.count, weights.file, expected.elements(), blob.shape()));
  Tensor tensor = Tensor::uninitialized(expected);
  float* out = tensor.data();
  for (const double number : blob.loose) *out++ = static_cast<float>(number);
  for (const Bytes chunk : blob.packed) {
    if (!blob.is_double && std::endian::native == std::endian::little) {
      std::memcpy(out, chunk.data(), chunk.size());
      out += chunk.size() / sizeof(float);
    } else if (blob.is_double) {
      for (std::size_t i = 0; i < chunk.size(); i += sizeof(double))
        *out++ = static_cast<float>(
            std::bit_cast<double>(little_endian<std::uint64_t>(chunk.data() + i)));
    } else {
      for (std::size_t i = 0; i < chunk.size(); i += sizeof(float))
        *out++ = std::bit_cast<float>(little_endian<std::uint32_t>(chunk.data() + i));
    }
  }
  return tensor;
}

}  // namespace reverie::caffe
