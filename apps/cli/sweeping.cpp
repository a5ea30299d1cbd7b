#include "apps/cli/sweeping.h"

#include <fmt/format.h>

#include <filesystem>

#include "apps/cli/source_file.h"
#include "reverie/atlas/sheet.h"
#include "reverie/base/error.h"
#include "reverie/codec/image/image_file.h"
#include "reverie/dream/dreamer.h"
#include "reverie/recipe/sweep.h"

namespace reverie::cli {
namespace {

// Errors: UsageError for more inputs than one, or one that is several.
Job plan_sheet(const std::vector<std::string>& inputs, OutputArguments output) {
  std::error_code ignored;
  if (inputs.size() != 1 || std::filesystem::is_directory(inputs[0], ignored))
    throw UsageError("--sweep takes one picture");
  if (output.path.empty()) {
    const std::string stem =
        inputs[0] == "-" ? "stdin" : std::filesystem::path(inputs[0]).stem().string();
    output.path = fmt::format("{}.sweep.{}", stem, output.format.empty() ? "png" : output.format);
  }
  return plan_jobs(inputs, output).at(0);
}

Sweep typed_sweep(const Recipe& recipe, const SweepArguments& arguments) {
  try {
    return make_sweep(recipe, arguments.axes);
  } catch (const BadRecipe& error) {
    throw UsageError(error.what());
  }
}

// One cell, or nothing when that was interrupted. Progress is that of the whole sweep.
Tensor dream_cell(const Network& network, const std::shared_ptr<PreparedNetwork>& prepared,
                  const Sweep& sweep, std::size_t k, const Image& source,
                  const MachineArguments& machine, Session& session) {
  Terminal& terminal = session.terminal;
  Dreamer dreamer(network, prepared, sweep.cells[k].recipe, terminal.notices());
  DreamControl control;
  control.cancel = &session.cancel;
  control.notices = terminal.notices();
  DreamVariation variation;
  variation.plan_memory = machine.plan_memory();
  const auto cells = static_cast<double>(sweep.cells.size());
  control.progress = [&](const DreamProgress& at) {
    const double fraction = (static_cast<double>(k) + at.fraction) / cells;
    terminal.progress({sweep.cells[k].label, at.octave + 1, at.octaves, at.iteration + 1,
                       at.iterations, at.objective, fraction, -1});
  };
  DreamResult result = dreamer.dream(source, control, variation);
  return result.cancelled ? Tensor() : std::move(result.frame.color);
}

}  // namespace

void SweepArguments::add_to(Command command) {
  command
      .add("--sweep", axes,
           "vary a setting, and write one labelled sheet of all combinations: "
           "--sweep layer=3b/output,4c/output --sweep step=1,2; ';' parts values "
           "that hold commas; repeatable")
      .form("SETTING=VALUE,VALUE...")
      .repeatable()
      .group("Output");
}

int dream_sweep(const std::vector<std::string>& inputs, const Recipe& recipe,
                const SweepArguments& arguments, const NetworkOptions& network_options,
                const MachineArguments& machine, OutputArguments output, Session& session) {
  Terminal& terminal = session.terminal;
  const Sweep sweep = typed_sweep(recipe, arguments);
  for (const SweepCell& cell : sweep.cells) require_layer_for_guide(cell.recipe);
  const Job job = plan_sheet(inputs, output);
  if (!job.trouble.empty()) throw FileFailure(job.trouble);
  if (terminal.json && job.output == "-")
    throw UsageError("--json and a picture cannot both go to standard output; name a file with -o");
  const SourceFile source = read_source(job.input, terminal.notices());
  const Network network = open_network_of(recipe, network_options, terminal.notices());

  const auto prepared = prepare_network(network.graph, machine.chosen_device());

  // Dream every cell
  std::vector<SheetCell> cells;
  for (const SweepCell& cell : sweep.cells) cells.push_back({{}, cell.label});
  std::size_t finished = 0;
  for (; finished < cells.size(); ++finished) {
    cells[finished].picture =
        dream_cell(network, prepared, sweep, finished, source.frame, machine, session);
    if (cells[finished].picture.empty()) break;
  }
  terminal.end_progress();
  if (finished == 0) {
    terminal.say("interrupted before the first picture was done; nothing is written");
    return interrupted;
  }

  const Image sheet = contact_sheet(cells, sweep.columns);
  ImageOptions options = image_options(output);
  if (job.output == "-" && options.format.empty()) options.format = "png";
  write_image(job.output, sheet, options, terminal.notices());
  if (terminal.json)
    terminal.print(Json{{"input", job.input},
                        {"output", job.output},
                        {"width", sheet.width()},
                        {"height", sheet.height()},
                        {"cells", cells.size()},
                        {"finished", finished}});
  terminal.say(fmt::format("{}: {} of {} pictures", job.output, finished, cells.size()));
  return finished == cells.size() ? done : interrupted;
}

}  // namespace reverie::cli
