// checkpoint_fixture.h: writes files as torch.save does, for the tests.
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <numeric>
#include <string>
#include <vector>

#include "reverie/model/formats/zip/zip_fixture.h"

namespace reverie::pytorch {

// Little-endian bytes of a number.
template <class T>
std::string raw(T value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

// Parts of pickles, of protocol 2.
inline std::string text(const std::string& words) {
  return "X" + raw(static_cast<std::uint32_t>(words.size())) + words;
}
inline std::string integer(std::int64_t value) { return "\x8a\x08" + raw(value); }
inline std::string tuple(const std::vector<std::string>& items) {
  std::string all = "(";
  for (const std::string& item : items) all += item;
  return all + "t";
}
inline std::string integers(const std::vector<std::int64_t>& values) {
  std::vector<std::string> items;
  for (const std::int64_t value : values) items.push_back(integer(value));
  return tuple(items);
}
inline std::string global(const std::string& module, const std::string& name) {
  return "c" + module + "\n" + name + "\n";
}
inline const std::string ordered_dict = global("collections", "OrderedDict") + ")R";

// A state dict, and files of it.
class StateDict {
 public:
  // A contiguous tensor of numbers 0, 1, 2 ... times `scale`, in a storage of its own.
  StateDict& add(const std::string& name, const std::vector<std::int64_t>& extents,
                 float scale = 1) {
    const std::int64_t count = count_of(extents);
    std::string numbers;
    for (std::int64_t i = 0; i < count; ++i) numbers += raw(static_cast<float>(i) * scale);
    return add(name, "FloatStorage", count, numbers, 0, extents, contiguous(extents));
  }
  // A tensor in a new storage of `count` numbers.
  StateDict& add(const std::string& name, const std::string& type, std::int64_t count,
                 const std::string& numbers, std::int64_t begin,
                 const std::vector<std::int64_t>& extents,
                 const std::vector<std::int64_t>& strides) {
    storages_.push_back({type, count, numbers});
    return add_view(name, begin, extents, strides);
  }
  // A tensor in the storage of the one before.
  StateDict& add_view(const std::string& name, std::int64_t begin,
                      const std::vector<std::int64_t>& extents,
                      const std::vector<std::int64_t>& strides) {
    const Storage& storage = storages_.back();
    const std::string key = std::to_string(storages_.size() - 1);
    const std::string id = tuple({text("storage"), global("torch", storage.type), text(key),
                                  text("cpu"), integer(storage.count)}) +
                           "Q";
    items_ +=
        text(name) + global("torch._utils", "_rebuild_tensor_v2") +
        tuple({id, integer(begin), integers(extents), integers(strides), "\x89", ordered_dict}) +
        "Rs";
    return *this;
  }
  // What a convolution and a batch normalisation have.
  StateDict& convolution(const std::string& name, std::int64_t out, std::int64_t in,
                         std::int64_t height, std::int64_t width = 0) {
    return add(name + ".weight", {out, in, height, width == 0 ? height : width}, 0.01f);
  }
  StateDict& norm(const std::string& name, std::int64_t count) {
    add(name + ".weight", {count}).add(name + ".bias", {count});
    add(name + ".running_mean", {count});
    std::string ones;
    for (std::int64_t i = 0; i < count; ++i) ones += raw(1.f);
    add(name + ".running_var", "FloatStorage", count, ones, 0, {count}, {1});
    return add(name + ".num_batches_tracked", "LongStorage", 1, raw(std::int64_t{1}), 0, {}, {});
  }

  // The dictionary, with the attribute that its versions are.
  std::string dict() const {
    return ordered_dict + items_ + "}" + text("_metadata") + ordered_dict + "sb";
  }
  // A file of PyTorch 1.6 and later; object: what is saved, by default the dictionary.
  std::string zip(std::string object = "") const {
    ZipWriter archive;
    archive.add("net/data.pkl", "\x80\x02" + (object.empty() ? dict() : object) + ".");
    for (std::size_t i = 0; i < storages_.size(); ++i)
      archive.add("net/data/" + std::to_string(i), storages_[i].numbers);
    return archive.add("net/version", "3\n").finish();
  }
  // One of an earlier PyTorch.
  std::string legacy(std::string object = "") const {
    std::string file = std::string("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.") +
                       "\x80\x02M\xe9\x03." + "\x80\x02}(" + text("protocol_version") +
                       "M\xe9\x03" + text("little_endian") + "\x88u." + "\x80\x02" +
                       (object.empty() ? dict() : object) + "." + "\x80\x02](";
    for (std::size_t i = 0; i < storages_.size(); ++i) file += text(std::to_string(i));
    file += "e.";
    for (const Storage& storage : storages_) file += raw(storage.count) + storage.numbers;
    return file;
  }

  static std::vector<std::int64_t> contiguous(const std::vector<std::int64_t>& extents) {
    std::vector<std::int64_t> strides(extents.size(), 1);
    for (std::size_t i = extents.size(); i-- > 1;) strides[i - 1] = strides[i] * extents[i];
    return strides;
  }

 private:
  struct Storage {
    std::string type;
    std::int64_t count;
    std::string numbers;
  };
  static std::int64_t count_of(const std::vector<std::int64_t>& extents) {
    return std::accumulate(extents.begin(), extents.end(), std::int64_t{1}, std::multiplies<>());
  }

  std::vector<Storage> storages_;
  std::string items_;
};

}  // namespace reverie::pytorch
