// pickle.h: Python's pickles, as far as PyTorch's files of weights need them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reverie::pytorch {

// One value of a pickle; others are named by their places in the pickle.
struct Value {
  enum class Kind {
    none,
    boolean,
    integer,
    real,
    text,
    list,     // and tuple: `items`
    dict,     // keys and values in turn: `items`
    global,   // a function or class, "torch._utils._rebuild_tensor_v2": `text`
    storage,  // of a tensor's numbers: key `text`, class `type`, as many as `integer`
    tensor    // `items` has its storage; `integer` is where it begins there
  };
  Kind kind = Kind::none;
  std::int64_t integer = 0;
  double real = 0;
  std::string text = {};
  std::string type = {};
  std::vector<int> items = {};
  std::vector<std::int64_t> extents = {}, strides = {};  // of a tensor
};

// What one pickle holds. Nothing in it is executed: classes and functions other than those that
// tensors and dictionaries are made of are refused.
class Pickle {
 public:
  // Reads the pickle at the beginning of `bytes`. file: for messages.
  // Errors: BadModel for a damaged one, with the byte; Unsupported, naming the class, for one that
  // holds other objects.
  Pickle(std::span<const std::byte> bytes, const std::string& file);

  const Value& root() const { return values_[static_cast<std::size_t>(root_)]; }
  const Value& operator[](int place) const { return values_[static_cast<std::size_t>(place)]; }

  // How long it is.
  std::size_t bytes() const { return at_; }

 private:
  friend class Unpickler;
  std::deque<Value> values_;
  int root_ = 0;
  std::size_t at_ = 0;
};

}  // namespace reverie::pytorch
