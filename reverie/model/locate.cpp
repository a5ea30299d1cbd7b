#include "reverie/model/locate.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <set>
#include <string_view>

#include "reverie/base/error.h"
#include "reverie/base/text.h"
#include "reverie/model/embedded.h"
#include "reverie/model/formats/native/safetensors.h"
#include "reverie/model/formats/wire.h"
#include "reverie/model/zoo/known.h"
#include "reverie/model/zoo/zoo.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view weights_extensions[] = {".caffemodel", ".safetensors", ".pb",  ".h5",
                                                   ".hdf5",       ".keras",       ".onnx"};

bool is_weights(const fs::path& path) {
  const std::string extension = path.extension().string();
  return std::find(std::begin(weights_extensions), std::end(weights_extensions), extension) !=
         std::end(weights_extensions);
}

// The files and folders directly in a folder, sorted; none when it cannot be read.
std::vector<fs::path> entries(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    found.push_back(it->path());
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<fs::path> weights_in(const fs::path& folder) {
  std::vector<fs::path> found = entries(folder);
  std::erase_if(found, [](const fs::path& path) {
    std::error_code error;
    return !is_weights(path) || !fs::is_regular_file(path, error);
  });
  return found;
}

std::vector<std::string> file_names(const std::vector<fs::path>& paths) {
  std::vector<std::string> names;
  for (const fs::path& path : paths) names.push_back(path.filename().string());
  return names;
}

// The network in a folder: its only weights file, or the one named like the folder.
fs::path only_weights(const fs::path& folder) {
  const std::vector<fs::path> found = weights_in(folder);
  if (found.size() == 1) return found[0];
  if (found.empty())
    throw FileFailure(fmt::format("no network in folder '{}': no file ends in {}", folder.string(),
                                  fmt::join(weights_extensions, ", ")));
  for (const fs::path& path : found)
    if (path.stem() == folder.filename()) return path;
  throw FileFailure(fmt::format("folder '{}' holds several networks, name one of them: {}",
                                folder.string(), fmt::join(file_names(found), ", ")));
}

// NAME, NAME.ext or NAME/anything.ext in the weights folder.
std::optional<fs::path> in_weights_folder(const fs::path& folder, const std::string& name) {
  std::error_code error;
  const fs::path direct = folder / name;
  if (fs::is_regular_file(direct, error)) return direct;
  for (const std::string_view extension : weights_extensions) {
    fs::path path = direct;
    path += extension;
    if (fs::is_regular_file(path, error)) return path;
  }
  if (fs::is_directory(direct, error) && !weights_in(direct).empty()) return only_weights(direct);
  return std::nullopt;
}

// The names that mean the same network, the one given first.
std::vector<std::string> names_of(const std::string& name) {
  std::vector<std::string> names{name};
  for (const auto& [a, b] : name_aliases()) {
    if (name == a) names.emplace_back(b);
    if (name == b) names.emplace_back(a);
  }
  return names;
}

[[noreturn]] void fail_to_find(const std::string& name, const fs::path& folder) {
  if (const ZooNetwork* famous = find_in_zoo(name))
    throw FileFailure(fmt::format("no network '{}' in '{}'; reverie models fetch {} downloads it",
                                  name, folder.string(), famous->name));
  std::vector<std::string> there;
  for (const NetworkEntry& entry : list_networks(folder)) there.push_back(entry.name);
  std::error_code error;
  const bool looks_like_path =
      name.find('/') != std::string::npos || is_weights(name) || name.ends_with(".prototxt");
  if (looks_like_path && name.find('/') != std::string::npos) {
    // Say what is in the folder that was meant, if there is one
    const fs::path parent = fs::path(name).parent_path();
    if (!fs::is_directory(parent, error))
      throw FileFailure(
          fmt::format("no network '{}': there is no folder '{}'", name, parent.string()));
    const std::vector<std::string> near =
        nearest_names(fs::path(name).filename().string(), file_names(entries(parent)), 3);
    throw FileFailure(
        fmt::format("no network '{}': no such file{}", name,
                    near.empty() ? "" : fmt::format("; nearest there: {}", fmt::join(near, ", "))));
  }
  throw FileFailure(
      fmt::format("no network '{}': neither a file here nor a network in '{}'; nearest names: {}",
                  name, folder.string(), fmt::join(nearest_names(name, there, 4), ", ")));
}

bool is_text(std::span<const std::byte> bytes) {
  const auto head = wire::as_text(bytes.first(std::min<std::size_t>(bytes.size(), 4096)));
  return !head.empty() && std::none_of(head.begin(), head.end(), [](char c) {
    return static_cast<unsigned char>(c) < 32 && c != '\n' && c != '\r' && c != '\t';
  });
}

// GraphDef begins with a node (a message with a name and an op), NetParameter with its name.
bool looks_like_graph_def(std::span<const std::byte> bytes) {
  try {
    wire::Reader reader(bytes);
    wire::Field field;
    if (!reader.next(field) || field.number != 1 || field.type != wire::Type::bytes) return false;
    wire::Reader node(field.bytes);
    wire::Field name, op;
    return node.next(name) && node.next(op) && name.number == 1 && op.number == 2 &&
           name.type == wire::Type::bytes && op.type == wire::Type::bytes;
  } catch (const wire::Malformed&) {
    return false;
  }
}

ModelFormat by_extension(const fs::path& path) {
  const std::string extension = path.extension().string();
  if (extension == ".caffemodel") return ModelFormat::caffe;
  if (extension == ".safetensors") return ModelFormat::native;
  if (extension == ".pb") return ModelFormat::tensorflow;
  if (extension == ".h5" || extension == ".hdf5" || extension == ".keras")
    return ModelFormat::keras;
  if (extension == ".onnx") return ModelFormat::onnx;
  return ModelFormat::other;
}

}  // namespace

ModelFormat recognize_format(std::span<const std::byte> bytes, const fs::path& path) {
  const std::string_view text = wire::as_text(bytes);
  if (text.starts_with("\x89HDF\r\n\x1a\n")) return ModelFormat::keras;
  if (text.starts_with("PK\x03\x04")) return ModelFormat::zip;
  if (native::looks_like_safetensors(bytes)) return ModelFormat::native;
  if (is_text(bytes) && text.find("layer") != std::string_view::npos) return ModelFormat::prototxt;
  if (looks_like_graph_def(bytes)) return ModelFormat::tensorflow;
  const ModelFormat named = by_extension(path);
  if (named != ModelFormat::other) return named;

  // A Caffe network begins with its name or a layer, an ONNX model with its version
  if (text.starts_with("\x08")) return ModelFormat::onnx;
  if (text.starts_with("\x0a") || text.starts_with("\x12") || text.starts_with("\xa2\x06"))
    return ModelFormat::caffe;
  return ModelFormat::other;
}

fs::path locate_weights(const std::string& name, const NetworkOptions& options) {
  std::error_code error;
  if (fs::is_regular_file(name, error)) return name;
  const fs::path folder =
      options.weights_folder.empty() ? weights_folder() : options.weights_folder;

  // A folder here wins over a name there only when it holds a network
  const bool is_folder = fs::is_directory(name, error);
  if (is_folder && !weights_in(name).empty()) return only_weights(name);
  for (const std::string& candidate : names_of(name))
    if (const auto found = in_weights_folder(folder, candidate)) return *found;
  if (is_folder) return only_weights(name);
  if (fs::exists(name, error)) return name;  // not a regular file: reading it says so
  fail_to_find(name, folder);
}

bool is_network_here(const std::string& name, const NetworkOptions& options) {
  std::error_code error;
  if (name.empty() || name == embedded_name || fs::exists(name, error)) return true;
  const fs::path folder =
      options.weights_folder.empty() ? weights_folder() : options.weights_folder;
  for (const std::string& candidate : names_of(name)) {
    if (fs::is_directory(folder / candidate, error) && !weights_in(folder / candidate).empty())
      return true;
    if (in_weights_folder(folder, candidate)) return true;
  }
  return false;
}

fs::path locate_prototxt(const fs::path& caffemodel) {
  std::error_code error;
  fs::path same = caffemodel;
  same.replace_extension(".prototxt");
  if (fs::is_regular_file(same, error)) return same;
  const fs::path folder = caffemodel.parent_path();
  const fs::path deploy = folder / "deploy.prototxt";
  if (fs::is_regular_file(deploy, error)) return deploy;
  std::vector<fs::path> found = entries(folder.empty() ? "." : folder);
  std::erase_if(found, [](const fs::path& path) { return path.extension() != ".prototxt"; });
  if (found.size() > 1)
    throw FileFailure(
        fmt::format("'{}' has several descriptions beside it, choose one with --prototxt: {}",
                    caffemodel.string(), fmt::join(file_names(found), ", ")));
  return found.empty() ? fs::path() : found[0];
}

std::string network_name(const fs::path& weights) {
  const std::string stem = weights.stem().string();
  for (const auto& [name, other] : name_aliases())
    if (stem == other) return std::string(name);
  return stem;
}

fs::path weights_folder() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return fs::path(value != nullptr ? value : "");
  };
  if (const fs::path own = variable("REVERIE_MODELS"); !own.empty()) return own;
  if (const fs::path data = variable("XDG_DATA_HOME"); !data.empty())
    return data / "reverie" / "models";
  return variable("HOME") / ".local" / "share" / "reverie" / "models";
}

std::vector<NetworkEntry> list_networks(const fs::path& folder) {
  std::vector<NetworkEntry> list;
  std::error_code error;
  for (const fs::path& path : entries(folder)) {
    if (fs::is_regular_file(path, error) && is_weights(path)) {
      list.push_back({path.stem().string(), path, fs::file_size(path, error)});
    } else if (fs::is_directory(path, error)) {
      const std::vector<fs::path> found = weights_in(path);
      for (const fs::path& file : found)
        list.push_back({found.size() == 1 || file.stem() == path.filename()
                            ? path.filename().string()
                            : (path.filename() / file.filename()).string(),
                        file, fs::file_size(file, error)});
    }
  }
  std::sort(list.begin(), list.end(),
            [](const NetworkEntry& a, const NetworkEntry& b) { return a.name < b.name; });
  list.insert(list.begin(),
              NetworkEntry{std::string(embedded_name), {}, embedded_network().size()});
  return list;
}

}  // namespace reverie
