// Source: torch/serialization.py (_save, _legacy_save).
#include "reverie/model/formats/pytorch/checkpoint.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "reverie/base/error.h"
#include "reverie/base/text.h"
#include "reverie/model/formats/native/safetensors.h"
#include "reverie/model/formats/pytorch/pytorch.h"

namespace reverie::pytorch {
namespace {

using Bytes = std::span<const std::byte>;
using Kind = Value::Kind;

constexpr std::uint64_t max_pickle_bytes = 64 << 20;
constexpr std::int64_t max_numbers = std::int64_t{1} << 28;  // of one tensor: a gigabyte
constexpr int max_depth = 4;  // of dictionaries around the state dict

// The pickle of the number that such files begin with: 0x1950a86a20f9469cfc6c.
constexpr unsigned char legacy_magic[] = {0x80, 2,    0x8a, 10,   0x6c, 0xfc, 0x9c, 0x46,
                                          0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, '.'};

// The types of numbers, by the last part of the storage's class.
struct Type {
  const char* storage;
  std::size_t bytes;
  float (*read)(const std::byte* from);
};

template <class T>
float read_as(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return static_cast<float>(value);
}
float read_half(const std::byte* from) {
  std::uint16_t bits;
  std::memcpy(&bits, from, sizeof bits);
  return native::half_to_float(bits);
}
float read_bfloat16(const std::byte* from) {
  std::uint16_t bits;
  std::memcpy(&bits, from, sizeof bits);
  return native::bfloat16_to_float(bits);
}

constexpr Type types[] = {{"FloatStorage", 4, read_as<float>},
                          {"DoubleStorage", 8, read_as<double>},
                          {"HalfStorage", 2, read_half},
                          {"BFloat16Storage", 2, read_bfloat16},
                          {"LongStorage", 8, read_as<std::int64_t>},
                          {"IntStorage", 4, read_as<std::int32_t>},
                          {"ShortStorage", 2, read_as<std::int16_t>},
                          {"CharStorage", 1, read_as<std::int8_t>},
                          {"ByteStorage", 1, read_as<std::uint8_t>},
                          {"BoolStorage", 1, read_as<std::uint8_t>}};

const Type* type_of(const std::string& storage) {
  const std::string last = storage.substr(storage.rfind('.') + 1);
  const auto found = std::find_if(std::begin(types), std::end(types),
                                  [&](const Type& type) { return last == type.storage; });
  return found == std::end(types) ? nullptr : &*found;
}

// What the names of the members of an archive begin with: "archive/".
std::optional<std::string> folder_of(const ZipArchive& archive) {
  for (const ZipArchive::Member& member : archive.members())
    if (member.name == "data.pkl" || member.name.ends_with("/data.pkl"))
      return member.name.substr(0, member.name.size() - std::string_view("data.pkl").size());
  return std::nullopt;
}

bool is_script(const ZipArchive& archive, const std::string& folder) {
  if (archive.find(folder + "constants.pkl") != nullptr) return true;
  return std::any_of(
      archive.members().begin(), archive.members().end(),
      [&](const ZipArchive::Member& member) { return member.name.starts_with(folder + "code/"); });
}

}  // namespace

bool is_legacy_checkpoint(Bytes bytes) {
  return bytes.size() > std::size(legacy_magic) &&
         std::memcmp(bytes.data(), legacy_magic, std::size(legacy_magic)) == 0;
}

bool is_checkpoint(const ZipArchive& archive) { return folder_of(archive).has_value(); }

void Checkpoint::fail(const std::string& what) const {
  throw BadModel(fmt::format("'{}' {}", file_, what));
}

Checkpoint::Checkpoint(const ZipArchive& archive) : file_(archive.file_name()) {
  const std::string folder = folder_of(archive).value_or("");
  if (is_script(archive, folder))
    throw Unsupported(
        fmt::format("'{}' is a TorchScript network, a program that only PyTorch runs; {}", file_,
                    export_advice));
  if (const auto* order = archive.find(folder + "byteorder")) {
    const ZipArchive::Content content = archive.read(*order);
    if (content.bytes().size() == 3)
      throw Unsupported(fmt::format("'{}' was written by a big-endian machine", file_));
  }
  const ZipArchive::Member* data = archive.find(folder + "data.pkl");
  if (data == nullptr || data->bytes > max_pickle_bytes) fail("has no usable data.pkl");
  pickle_ = std::make_unique<const Pickle>(archive.read(*data).bytes(), file_);
  find_tensors();

  for (const auto& [name, place] : tensors_) {
    const Value& storage = (*pickle_)[(*pickle_)[place].items[0]];
    if (storages_.count(storage.text) > 0) continue;
    const auto* member = archive.find(folder + "data/" + storage.text);
    if (member == nullptr) fail(fmt::format("has no numbers for tensor '{}'", one_line(name)));
    ZipArchive::Content content = archive.read(*member);
    const Bytes bytes = content.bytes();
    storages_.emplace(storage.text, Storage{storage.type, bytes, std::move(content)});
  }
}

Checkpoint::Checkpoint(Bytes bytes, const std::string& file) : file_(file) {
  if (!is_legacy_checkpoint(bytes)) fail("is not a file that torch.save wrote, or it is damaged");

  // The magic number, the protocol, the machine, the object, the keys of the storages
  std::size_t at = std::size(legacy_magic);
  const auto next = [&] {
    auto pickle = std::make_unique<const Pickle>(bytes.subspan(at), file_);
    at += pickle->bytes();
    return pickle;
  };
  if (const auto protocol = next(); protocol->root().integer != 1001)
    throw Unsupported(fmt::format("'{}' is of protocol {} of PyTorch; Reverie reads 1001", file_,
                                  protocol->root().integer));
  const auto machine = next();
  for (std::size_t i = 0; i + 1 < machine->root().items.size(); i += 2)
    if ((*machine)[machine->root().items[i]].text == "little_endian" &&
        (*machine)[machine->root().items[i + 1]].integer == 0)
      throw Unsupported(fmt::format("'{}' was written by a big-endian machine", file_));
  pickle_ = next();
  find_tensors();
  const auto keys = next();

  // The types are known where the tensors are
  std::map<std::string, std::string> types_of;
  for (const auto& [name, place] : tensors_) {
    const Value& storage = (*pickle_)[(*pickle_)[place].items[0]];
    types_of.emplace(storage.text, storage.type);
  }
  for (const int item : keys->root().items) {
    const std::string& key = (*keys)[item].text;
    std::uint64_t count = 0;
    if (bytes.size() - at < sizeof count) fail("is cut off where its numbers should be");
    std::memcpy(&count, bytes.data() + at, sizeof count);
    at += sizeof count;
    const auto found = types_of.find(key);
    const Type* type = found == types_of.end() ? nullptr : type_of(found->second);
    if (type == nullptr)
      throw Unsupported(
          fmt::format("'{}' has numbers beside its weights; save net.state_dict() alone", file_));
    if (count > (bytes.size() - at) / type->bytes) fail("is cut off in the middle of its numbers");
    storages_.emplace(key, Storage{found->second, bytes.subspan(at, count * type->bytes)});
    at += count * type->bytes;
  }
}

// The state dict --------------------------------------------------------------------------------

int Checkpoint::count_tensors(const Value& dict) const {
  int count = 0;
  for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2)
    count += (*pickle_)[dict.items[i]].kind == Kind::text &&
             (*pickle_)[dict.items[i + 1]].kind == Kind::tensor;
  return count;
}

// The dictionary with tensors: the one around, else the first inside of those with most. An
// optimizer's have numbers as keys.
const Value* Checkpoint::best_dict(const Value& value, int depth) const {
  if (value.kind != Kind::dict || depth > max_depth) return nullptr;
  if (count_tensors(value) > 0) return &value;
  const Value* best = nullptr;
  for (std::size_t i = 0; i + 1 < value.items.size(); i += 2) {
    const Value* inside = best_dict((*pickle_)[value.items[i + 1]], depth + 1);
    if (inside != nullptr && (best == nullptr || count_tensors(*inside) > count_tensors(*best)))
      best = inside;
  }
  return best;
}

void Checkpoint::find_tensors() {
  const Value* dict = best_dict(pickle_->root(), 0);
  if (dict == nullptr)
    throw Unsupported(
        fmt::format("'{}' is a PyTorch file without weights by name; save net.state_dict(), or {}",
                    file_, export_advice));
  for (std::size_t i = 0; i + 1 < dict->items.size(); i += 2) {
    const Value& key = (*pickle_)[dict->items[i]];
    if (key.kind == Kind::text && (*pickle_)[dict->items[i + 1]].kind == Kind::tensor)
      tensors_[one_line(key.text)] = dict->items[i + 1];
  }
}

std::vector<std::string> Checkpoint::names() const {
  std::vector<std::string> all;
  for (const auto& [name, place] : tensors_) all.push_back(name);
  return all;
}

void Checkpoint::modernise() {
  std::map<std::string, int> renamed;
  for (const auto& [name, place] : tensors_) {
    std::string later = name;
    for (const std::string kind : {".norm.", ".relu.", ".conv."})
      if (const std::size_t at = name.find(kind);
          at != std::string::npos && name.find("denselayer") < at)
        later.erase(at + kind.size() - 1, 1);
    renamed.emplace(later, place);
  }
  tensors_ = std::move(renamed);
}

bool Checkpoint::strip() {
  const std::string& first = tensors_.begin()->first;
  const std::string prefix = first.substr(0, first.find('.') + 1);
  std::map<std::string, int> stripped;
  for (const auto& [name, place] : tensors_) {
    if (prefix.empty() || !name.starts_with(prefix)) return false;
    stripped.emplace(name.substr(prefix.size()), place);
  }
  tensors_ = std::move(stripped);
  return true;
}

// Numbers ---------------------------------------------------------------------------------------

std::vector<std::int64_t> Checkpoint::extents(const std::string& name) const {
  return (*pickle_)[tensors_.at(name)].extents;
}

Tensor Checkpoint::read(const std::string& name) const {
  const Value& tensor = (*pickle_)[tensors_.at(name)];
  const auto stored = storages_.find((*pickle_)[tensor.items[0]].text);
  if (stored == storages_.end()) fail(fmt::format("has no numbers for tensor '{}'", name));
  const Storage& storage = stored->second;
  const Type* type = type_of(storage.type);
  if (type == nullptr)
    throw Unsupported(
        fmt::format("'{}': tensor '{}' is a {}, which Reverie does not read; save it as float32",
                    file_, name, storage.type));

  // How many numbers it has, and how far they reach: all of it in the storage
  const auto there = static_cast<std::int64_t>(storage.bytes.size() / type->bytes);
  std::int64_t count = 1, last = std::min(tensor.integer, there);
  std::vector<std::int64_t> strides = tensor.strides;
  for (std::size_t axis = 0; axis < tensor.extents.size(); ++axis) {
    const std::int64_t extent = tensor.extents[axis];
    std::int64_t& stride = strides[axis];
    if (extent == 1) stride = 0;
    if (extent == 0) fail(fmt::format("has no numbers in tensor '{}'", name));
    if (extent > max_numbers / count || (extent > 1 && stride > there / (extent - 1)))
      fail(fmt::format("has tensor '{}' with [{}] numbers, and {} are stored", name,
                       fmt::join(tensor.extents, ","), there));
    count *= extent;
    last += (extent - 1) * stride;
  }
  if (last < 0 || last >= there || count > there)
    fail(fmt::format("has tensor '{}' with [{}] numbers from {} on, and {} are stored", name,
                     fmt::join(tensor.extents, ","), tensor.integer, there));

  Tensor numbers = Tensor::uninitialized({count});
  std::vector<std::int64_t> index(tensor.extents.size());
  std::int64_t place = tensor.integer;
  for (std::int64_t i = 0; i < count; ++i) {
    numbers[i] = type->read(storage.bytes.data() + place * static_cast<std::int64_t>(type->bytes));
    for (std::size_t axis = index.size(); axis-- > 0;) {
      place += strides[axis];
      if (++index[axis] < tensor.extents[axis]) break;
      place -= strides[axis] * tensor.extents[axis];
      index[axis] = 0;
    }
  }
  return numbers;
}

}  // namespace reverie::pytorch
