// external_data.h: numbers of an ONNX model that lie in files beside it. PyTorch writes
// NAME.onnx.data.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "reverie/base/file/mapped_file.h"
#include "reverie/model/formats/onnx/onnx_model.h"

namespace reverie::onnx {

// Opens the file of a location and returns its bytes, which stay valid as long as the reader runs.
// Errors: any of ours, when it cannot.
using OpenLocation = std::function<Bytes(const std::string& location)>;

// Files in the folder of `model`. A location is a path below it: neither absolute, nor with "..",
// nor a link to another place.
class FilesBeside {
 public:
  explicit FilesBeside(std::filesystem::path model) : model_(std::move(model)) {}

  // Errors: FileFailure when there is none, saying what to do; BadModel for a path that leads out
  // of the folder.
  Bytes open(const std::string& location);

 private:
  std::filesystem::path model_;
  std::map<std::string, MappedFile> opened_;
};

// Gives the constants with an external place their bytes, and returns how many bytes the files
// have. Errors: BadModel for a place beyond the end of its file, or more arrays than the files can
// hold; those of `open`.
std::uint64_t find_numbers(Model& model, const OpenLocation& open, const std::string& file);

}  // namespace reverie::onnx
