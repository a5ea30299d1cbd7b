#include "apps/studio/options.h"

#include <fmt/format.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "reverie/base/error.h"

namespace reverie::studio {

Options options_from_json(const std::string& text) {
  Options options;
  const auto tree = nlohmann::json::parse(text, nullptr, false);
  if (!tree.is_object())
    throw BadRecipe("reverie-studio is started by `reverie serve`, with one JSON object");
  try {
    for (const auto& [key, value] : tree.items()) {
      if (key == "inputs")
        value.get_to(options.inputs);
      else if (key == "folder")
        options.folder = value.get<std::string>();
      else if (key == "listen")
        value.get_to(options.address);
      else if (key == "port")
        value.get_to(options.port);
      else if (key == "hosts")
        value.get_to(options.hosts);
      else if (key == "open")
        value.get_to(options.open_browser);
      else if (key == "keep_token")
        value.get_to(options.keep_token);
      else if (key == "fetch")
        value.get_to(options.may_fetch);
      else if (key == "threads")
        value.get_to(options.threads);
      else if (key == "memory")
        value.get_to(options.memory);
      else if (key == "limit")
        value.get_to(options.limit);
      else
        throw BadRecipe(fmt::format("the studio knows no option '{}'", key));
    }
  } catch (const nlohmann::json::exception& error) {
    throw BadRecipe(fmt::format("the studio's options: {}", error.what()));
  }
  if (options.folder.empty()) options.folder = default_folder();
  return options;
}

std::filesystem::path default_folder() {
  const char* data = std::getenv("XDG_DATA_HOME");
  if (data != nullptr && *data == '/') return std::filesystem::path(data) / "reverie/studio";
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home == '\0')
    throw FileFailure("there is no home folder to keep dreams in; choose a --folder");
  return std::filesystem::path(home) / ".local/share/reverie/studio";
}

}  // namespace reverie::studio
