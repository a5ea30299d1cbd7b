// A sweep: one picture dreamed in every combination of some settings, on one sheet.
#include <fmt/format.h>

#include <algorithm>

#include "reverie/atlas/sheet.h"
#include "reverie/base/error.h"
#include "reverie/codec/image/image_file.h"
#include "reverie/dream/looks.h"
#include "reverie/job/image_job.h"
#include "reverie/job/outputs.h"
#include "reverie/recipe/sweep.h"

namespace reverie {
namespace {

// Errors: BadJob.
Sweep planned_sweep(const JobContext& context) {
  const JobSpec& spec = context.spec;
  Sweep sweep;
  try {
    sweep = make_sweep(spec.recipe, spec.sweep, context.files.get());
  } catch (const BadRecipe& error) {
    throw BadJob(error.what());
  }
  for (const SweepCell& cell : sweep.cells) {
    JobSpec one;
    one.inputs = spec.inputs;
    one.recipe = cell.recipe;
    validate(one);
  }
  return sweep;
}

// One cell, or nothing when that was cancelled. Progress is that of the whole sweep.
Tensor dream_cell(const Network& network, const std::shared_ptr<PreparedNetwork>& prepared,
                  const Sweep& sweep, std::size_t k, const Image& source, JobContext& context) {
  std::vector<std::string> chosen = context.spec.chosen;
  chosen.insert(chosen.end(), sweep.settings.begin(), sweep.settings.end());
  const Recipe recipe = with_look_settings(sweep.cells[k].recipe, network, chosen);
  Dreamer dreamer(network, prepared, recipe, context.notices(), context.files);
  DreamControl control = context.dream_control();
  control.observe = [&](const DreamProgress& at, ConstView canvas) {
    JobProgress progress = to_progress(at);
    progress.subject = sweep.cells[k].label;
    progress.fraction =
        (static_cast<double>(k) + at.fraction) / static_cast<double>(sweep.cells.size());
    progress.seconds_left = -1;
    context.events.progress(progress);
    context.events.preview(progress, canvas);
  };
  DreamVariation variation;
  variation.plan_memory = context.spec.machine.plan_memory;
  DreamResult result = dreamer.dream(source, control, variation);
  return result.cancelled ? Tensor() : std::move(result.frame.color);
}

}  // namespace

JobResult run_sweep(JobContext& context) {
  const JobSpec& spec = context.spec;
  JobResult result;
  result.inputs = 1;
  const Sweep sweep = planned_sweep(context);
  const PlannedImage plan = planned_images(spec).at(0);
  if (!plan.error.empty()) throw FileFailure(plan.error);
  result.cancelled = !context.ensure_network(spec.recipe.model);
  if (result.cancelled) return result;
  SourcePicture source = read_source(plan.input, spec.recipe, context.notices());
  const bool is_size_swept =
      std::find(sweep.settings.begin(), sweep.settings.end(), "size") != sweep.settings.end();
  if (!is_size_swept) reduce(source, spec.recipe, reduced_image_px, context.notices());
  const Network network = context.open_network(spec.recipe);
  const auto prepared = prepare_network(network.graph, spec.machine.device);

  // Dream every cell
  std::vector<SheetCell> cells;
  for (const SweepCell& cell : sweep.cells) cells.push_back({{}, cell.label});
  std::size_t finished = 0;
  for (; finished < cells.size(); ++finished) {
    cells[finished].picture = dream_cell(network, prepared, sweep, finished, source.image, context);
    if (cells[finished].picture.empty()) break;
  }
  SheetReport& report = result.sheets.emplace_back();
  report.input = plan.input;
  report.output = plan.output;
  report.cells = static_cast<int>(cells.size());
  report.finished = static_cast<int>(finished);
  result.cancelled = report.cancelled = finished < cells.size();
  if (finished == 0) {
    context.message("interrupted before the first picture was done; nothing is written");
    result.sheets.clear();
    return result;
  }

  const Image sheet = contact_sheet(cells, sweep.columns);
  ImageOptions options = image_form(spec.output);
  if (plan.output == "-" && options.format.empty()) options.format = "png";
  write_image(plan.output, sheet, options, context.notices());
  report.width = sheet.width();
  report.height = sheet.height();
  return result;
}

}  // namespace reverie
