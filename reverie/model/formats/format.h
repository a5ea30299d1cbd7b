// format.h: the formats of network files, as a table.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reverie/base/notice.h"
#include "reverie/graph/graph.h"
#include "reverie/model/zoo/look.h"

namespace reverie {

// A file to read; it stays mapped while it is read.
struct NetworkFile {
  std::filesystem::path path;
  std::span<const std::byte> bytes;
  std::filesystem::path prototxt;  // of a Caffe network; empty: found beside the weights
  const NoticeSink& notices;
};

// The content of a file, before knowledge from the zoo is added.
struct FileContent {
  Graph graph = {};
  // The input transform that the file states, if it does.
  std::optional<InputTransform> transform = {};
  bool transform_is_certain = false;                 // the zoo does not override it
  InputTransform usual_transform = {};               // of files of this format
  std::string default_layer = {}, description = {};  // may be empty
  std::vector<Look> looks = {};
};

struct FileFormat {
  const char* name;
  std::vector<std::string_view> extensions;  // of files that hold weights
  // Whether the first bytes prove the format; formats exclude each other. May be null.
  bool (*is_certain)(std::span<const std::byte> bytes);
  // Whether they allow it, where neither is_certain nor the extension decides. May be null.
  bool (*is_possible)(std::span<const std::byte> bytes);
  // Errors: BadModel, Unsupported, FileFailure.
  FileContent (*read)(const NetworkFile& file);
};

// All formats that are recognized: those that are read, then those that are refused with advice.
std::span<const FileFormat> file_formats();

// By the first bytes, or by the file's extension where these do not decide. Null: none of them.
const FileFormat* recognize_format(std::span<const std::byte> bytes,
                                   const std::filesystem::path& path);

// Reads a file of any format. Errors: BadModel for a file that is empty, damaged or of no known
// format; Unsupported for a format that is recognized but not read; FileFailure.
FileContent read_network_file(const NetworkFile& file);

// The extensions of all formats, with their dots.
std::vector<std::string_view> weights_extensions();

}  // namespace reverie
