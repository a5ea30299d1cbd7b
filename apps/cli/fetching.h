// fetching.h: downloads that the user asked for or agreed to.
#pragma once

#include <string>

#include "apps/cli/session.h"
#include "reverie/model/fetch/fetch.h"
#include "reverie/model/network.h"

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

// A famous network that is named but not here is fetched when the user said --yes or says so now.
// False when that was interrupted. Errors: FileFailure when the user does not want it; as
// fetch_network.
bool obtain_network(const std::string& name, const NetworkOptions& options,
                    const FetchArguments& arguments, Session& session);

// "53.6 MB, unrestricted use": what a download costs.
std::string price(const ZooNetwork& network);

// Adds `fetch` and `convert` to the command `models`.
void add_models_fetch(Command models, Session& session);
void add_models_convert(Command models, Session& session);

}  // namespace reverie::cli
