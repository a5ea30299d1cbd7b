// options.h: how the studio is started; `reverie serve` writes it as JSON.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace reverie::studio {

struct Options {
  std::vector<std::string> inputs;  // pictures to open
  std::filesystem::path folder;     // of the store; empty: $XDG_DATA_HOME/reverie/studio
  std::string address = "127.0.0.1";
  int port = 7349;
  std::vector<std::string> hosts;
  bool open_browser = true, keep_token = false, may_fetch = true;
  int threads = 0;
  std::string memory;  // "2G"; empty: the library's default
  std::string limit;   // of the folder, likewise; empty: none
};

// Errors: BadRecipe for what is not understood.
Options options_from_json(const std::string& text);

// $XDG_DATA_HOME/reverie/studio, or the same below ~/.local/share. Errors: FileFailure without a
// home.
std::filesystem::path default_folder();

}  // namespace reverie::studio
