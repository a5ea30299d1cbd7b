// sweeping.h: `image --sweep`: one picture dreamed in every combination of some settings, on one
// sheet.
#pragma once

#include <string>
#include <vector>

#include "apps/cli/arguments.h"
#include "apps/cli/jobs.h"
#include "apps/cli/session.h"

namespace reverie::cli {

struct SweepArguments {
  void add_to(Command command);

  std::vector<std::string> axes;  // --sweep; empty: no sweep
};

// Dreams `inputs`, of which there is one, for every cell and writes the sheet to -o, else to the
// input's stem + `.sweep.png`. The network is opened once. When interrupted, the cells that are
// done are written. Returns an ExitStatus. Errors: UsageError; as open_network, Dreamer and
// write_image.
int dream_sweep(const std::vector<std::string>& inputs, const Recipe& recipe,
                const SweepArguments& sweep, const NetworkOptions& network,
                const MachineArguments& machine, OutputArguments output, Session& session);

}  // namespace reverie::cli
