// fetching.h: downloads that the user asked for or agreed to.
#pragma once

#include <chrono>
#include <string>

#include "apps/cli/session.h"
#include "reverie/model/fetch/fetch.h"

namespace reverie::cli {

struct FetchArguments {
  // --mirror, which the environment variable REVERIE_MIRROR sets too.
  void add_mirror_to(Command command);
  // --yes besides.
  void add_consent_to(Command command);

  std::string mirror;
  bool yes = false;
};

// fetch_network() with a bar. Errors: as fetch_network.
FetchEnd fetch_with_progress(const ZooNetwork& network, const FetchArguments& arguments,
                             Session& session);

// Whether the user wants it: --yes was typed, or somebody who can be asked says so.
bool agreed_to_download(const ZooNetwork& network, const FetchArguments& arguments,
                        Terminal& terminal);

// How fast a file comes, from what came since its first report.
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
