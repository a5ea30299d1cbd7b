// fetching.h: downloads that the user requested or agreed to.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "apps/cli/session.h"
#include "reverie/model/fetch/fetch.h"

namespace reverie::cli {

struct FetchArguments {
  // --mirror, or the environment variable REVERIE_MIRROR.
  void add_mirror_to(Command command);
  // --yes and --mirror.
  void add_consent_to(Command command);

  std::string mirror;
  bool yes = false;
};

// fetch_network() with a progress bar. Errors: as fetch_network.
FetchEnd fetch_with_progress(const ZooNetwork& network, const FetchArguments& arguments,
                             Session& session);

// Whether the user agrees to a download: by --yes, or by answering a question on a terminal.
bool agreed_to_download(const ZooNetwork& network, const FetchArguments& arguments,
                        Terminal& terminal);

// Does `work` for each network that was named, and prints what it notes of each as JSON, where that
// is wanted; one that fails does not stop the others. `work` returns false when it was interrupted.
int for_each_network(const std::vector<std::string>& names, Terminal& terminal,
                     const std::function<bool(const std::string& name, Json& item)>& work);

// The speed of a download, since the first report of its file.
class TransferSpeed {
 public:
  Transfer at(const FetchProgress& progress);

 private:
  std::string file_;
  std::uintmax_t first_done_ = 0;
  std::chrono::steady_clock::time_point first_;
};

// Adds `fetch` and `convert` to the command `models`.
void add_models_fetch(Command models, Session& session);
void add_models_convert(Command models, Session& session);

}  // namespace reverie::cli
