#include "reverie/model/weights_folder.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "reverie/base/error.h"
#include "reverie/base/text.h"
#include "reverie/model/embedded.h"
#include "reverie/model/formats/format.h"
#include "reverie/model/zoo/zoo.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;

bool is_weights(const fs::path& path) {
  const std::vector<std::string_view> extensions = weights_extensions();
  return std::find(extensions.begin(), extensions.end(), path.extension().string()) !=
         extensions.end();
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
                                  fmt::join(weights_extensions(), ", ")));
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
  for (const std::string_view extension : weights_extensions()) {
    fs::path path = direct;
    path += extension;
    if (fs::is_regular_file(path, error)) return path;
  }
  if (fs::is_directory(direct, error) && !weights_in(direct).empty()) return only_weights(direct);
  return std::nullopt;
}

// True for a network that shipped with an earlier version: reverie-0 and those after it.
bool is_earlier_network(const std::string& name) {
  const std::string_view stem = "reverie-";
  return name.starts_with(stem) && name.size() == stem.size() + 1 && name.back() >= '0' &&
         name.back() < embedded_name.back();
}

[[noreturn]] void fail_to_find(const std::string& name, const fs::path& folder) {
  if (const ZooNetwork* famous = find_in_zoo(name))
    throw FileFailure(fmt::format("no network '{}' in '{}'; reverie models fetch {} downloads it",
                                  name, folder.string(), famous->name));
  if (is_earlier_network(name))
    throw FileFailure(fmt::format(
        "network '{}' is not inside the program any more; --model {} is the one that is", name,
        embedded_name));
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
  // Networks that could be fetched may be meant, too
  std::vector<std::string> all = there;
  for (const ZooNetwork& network : zoo())
    if (std::find(all.begin(), all.end(), network.name) == all.end()) all.push_back(network.name);
  std::vector<std::string> near = nearest_names(name, all, 4);
  for (std::string& one : near)
    if (std::find(there.begin(), there.end(), one) == there.end())
      one += fmt::format(" (reverie models fetch {} downloads it)", one);
  throw FileFailure(fmt::format(
      "no network '{}': neither a file here nor a network in '{}'; {}", name, folder.string(),
      near.empty() ? "reverie models list shows what there is"
                   : fmt::format("nearest names: {}", fmt::join(near, ", "))));
}

}  // namespace

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

fs::path locate_weights(const std::string& name, const fs::path& folder) {
  std::error_code error;
  if (fs::is_regular_file(name, error)) return name;

  // A folder here wins over a name there only when it holds a network
  const bool is_folder = fs::is_directory(name, error);
  if (is_folder && !weights_in(name).empty()) return only_weights(name);
  for (const std::string& candidate : names_of(name))
    if (const auto found = in_weights_folder(folder, candidate)) return *found;
  if (is_folder) return only_weights(name);
  if (fs::exists(name, error)) return name;  // not a regular file: reading it says so
  fail_to_find(name, folder);
}

bool has_weights(const std::string& name, const fs::path& folder) {
  std::error_code error;
  if (fs::exists(name, error)) return true;
  for (const std::string& candidate : names_of(name)) {
    // Several networks in its folder are an error for locate_weights, and there
    if (fs::is_directory(folder / candidate, error) && !weights_in(folder / candidate).empty())
      return true;
    if (in_weights_folder(folder, candidate)) return true;
  }
  return false;
}

}  // namespace reverie
