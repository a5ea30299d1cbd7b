// hdf5_file.h: the parts of HDF5 that Keras uses: groups, attributes of text, arrays of numbers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace reverie::keras {

// A file open for reading. HDF5 itself has one lock for the process, so files are read one at a
// time. Errors of every function: BadModel, naming the file and the object; never HDF5's own
// report.
class Hdf5File {
 public:
  explicit Hdf5File(const std::filesystem::path& path);
  ~Hdf5File();

  // Whether a group or an array has this path, such as "/model_weights/conv1".
  bool has(const std::string& path) const;

  // The attribute of a group: one text; none when it does not have it.
  std::optional<std::string> text(const std::string& group, const std::string& name) const;

  // The attribute of a group: a list of texts. Keras cuts lists that are too long for one attribute
  // into NAME0, NAME1 ... None when it has neither.
  std::optional<std::vector<std::string>> texts(const std::string& group,
                                                const std::string& name) const;

  // Of an array of numbers.
  std::vector<std::int64_t> extents(const std::string& array) const;

  // All numbers of an array, in C order; `to` has room for them.
  void read(const std::string& array, float* to) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace reverie::keras
