// hdf5_file.h: the parts of HDF5 that Keras uses: groups, attributes of text, arrays of numbers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "reverie/model/formats/keras/hdf5_reader.h"

namespace reverie::keras {

// A file open for reading, in a process of its own (hdf5_reader.h). One caller at a time; several
// files may be read at once. Errors of every function: BadModel, naming the file and the object;
// never HDF5's own report.
class Hdf5File {
 public:
  // name: of the file, for messages. The reader must live as long. Errors: FileFailure, too, when
  // it has ended or no process can be started.
  Hdf5File(const std::filesystem::path& path, const std::string& name, const Hdf5Reader& reader);
  Hdf5File(const std::filesystem::path& path, const Hdf5Reader& reader)
      : Hdf5File(path, path.string(), reader) {}

  // With a given conversation (tests script the answers), about a file of this size.
  Hdf5File(Conversation conversation, std::uintmax_t file_bytes);

  // For messages.
  const std::string& name() const { return conversation_.name(); }

  // Whether a group or an array has this path, such as "/model_weights/conv1".
  bool has(const std::string& path) const;

  // An attribute of a group, one text; none when the group does not have it.
  std::optional<std::string> text(const std::string& group, const std::string& name) const;

  // An attribute of a group, a list of texts. Keras cuts lists that are too long for one attribute
  // into NAME0, NAME1 ... None when it has neither.
  std::optional<std::vector<std::string>> texts(const std::string& group,
                                                const std::string& name) const;

  // Of an array of numbers: at most 8, each 0 to 2^48, and together no more than the file can hold.
  std::vector<std::int64_t> extents(const std::string& array) const;

  // All numbers of an array, in C order; `to` is as long as the array.
  void read(const std::string& array, std::span<float> to) const;

 private:
  [[noreturn]] void fail(const std::string& what) const;
  [[noreturn]] void fail_as_a_whole() const;
  std::optional<std::vector<std::string>> attribute(const std::string& group,
                                                    const std::string& name) const;

  mutable Conversation conversation_;
  std::uintmax_t file_bytes_;
};

}  // namespace reverie::keras
