// file.h: one HDF5 file, read by the library HDF5.
#pragma once

#include <hdf5.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "reverie/model/formats/keras/hdf5_wire.h"

namespace reverie::keras {

// Why there is no answer to a question.
struct Refusal {
  wire::Verdict verdict;
};

// An HDF5 identifier and the function that gives it back.
class Handle {
 public:
  using Close = herr_t (*)(hid_t);
  Handle(hid_t id, Close close) : id_(id), close_(close) {}
  ~Handle() {
    if (id_ >= 0) close_(id_);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  operator hid_t() const { return id_; }
  bool is_open() const { return id_ >= 0; }

 private:
  hid_t id_;
  Close close_;
};

// Answers the questions of hdf5_wire.h. Errors: Refusal; and over a damaged file anything that may
// befall a process.
class File {
 public:
  using Sink = std::function<void(std::span<const float>)>;

  explicit File(const std::string& path);

  bool has(const std::string& path) const;
  std::optional<std::vector<std::string>> texts(const std::string& object,
                                                const std::string& attribute) const;
  std::vector<std::int64_t> extents(const std::string& array) const;

  // Gives all numbers to `sink`, part by part, at least once.
  void numbers(const std::string& array, std::uint64_t count, const Sink& sink) const;

 private:
  const Handle file_;
};

}  // namespace reverie::keras
