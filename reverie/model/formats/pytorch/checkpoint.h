// checkpoint.h: the tensors in a file of torch.save, by name.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "reverie/model/formats/pytorch/pickle.h"
#include "reverie/model/formats/zip/zip.h"
#include "reverie/tensor/tensor.h"

namespace reverie::pytorch {

// A state dict, or the first one inside a training checkpoint. The file's bytes must outlive it.
// Errors of every function: BadModel, naming the file and the tensor.
class Checkpoint {
 public:
  // Of PyTorch from 1.6 on, a zip archive. Errors: Unsupported, too.
  explicit Checkpoint(const ZipArchive& archive);

  // Of earlier releases: pickles one after the other, then the numbers. Errors: Unsupported, too.
  Checkpoint(std::span<const std::byte> bytes, const std::string& file);

  const std::string& file() const { return file_; }

  // The names of the tensors, without what all of them have in front ("module.").
  std::vector<std::string> names() const;
  bool has(const std::string& name) const { return tensors_.count(name) > 0; }
  bool has_any_in(const std::string& prefix) const {
    const auto first = tensors_.lower_bound(prefix);
    return first != tensors_.end() && first->first.starts_with(prefix);
  }
  std::vector<std::int64_t> extents(const std::string& name) const;

  // As float32, in C order, whatever its strides are.
  Tensor read(const std::string& name) const;

  // Takes the first part of every name away. False when they have not the same.
  bool strip();

  // Gives tensors of old files their later names: torchvision's published DenseNets have
  // "denselayer1.norm.1", which its code calls "denselayer1.norm1". Source: torchvision's
  // models/densenet.py, _load_state_dict.
  void modernise();

 private:
  struct Storage {
    std::string type;
    std::span<const std::byte> bytes;
    std::optional<ZipArchive::Content> owner = {};
  };
  [[noreturn]] void fail(const std::string& what) const;
  void find_tensors();
  int count_tensors(const Value& dict) const;
  const Value* best_dict(const Value& value, int depth) const;
  const Storage& storage_of(const Value& tensor) const;

  std::string file_;
  std::unique_ptr<const Pickle> pickle_;
  std::map<std::string, int> tensors_;       // places in the pickle
  std::map<std::string, Storage> storages_;  // by key
};

}  // namespace reverie::pytorch
