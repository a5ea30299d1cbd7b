// reverie image INPUT...
#include <fmt/format.h>

#include <memory>

#include "apps/cli/dreaming.h"
#include "apps/cli/fetching.h"
#include "apps/cli/interrupt.h"
#include "apps/cli/sweeping.h"
#include "reverie/base/error.h"

namespace reverie::cli {
namespace {

struct ImageArguments {
  std::vector<std::string> inputs;
  RecipeArguments recipe;
  NetworkOptions network;
  FetchArguments fetch;
  MachineArguments machine;
  OutputArguments output;
  SweepArguments sweep;
};

// What became of all pictures.
struct Tally {
  Json dreams = Json::array();
  Json failures = Json::array();
  bool interrupted = false;
};

void dream_one(const Job& job, Dreams& dreams, Session& session, Tally& tally) {
  Terminal& terminal = session.terminal;
  const auto outcome = dreams.dream(job, read_source(job.input, terminal.notices()));
  if (!outcome) {
    terminal.say(fmt::format(
        "interrupted before the first octave of '{}' was done; nothing is written", job.input));
    tally.interrupted = true;
    return;
  }
  tally.dreams.push_back(to_json(*outcome));
  if (outcome->cancelled)
    terminal.say(fmt::format("interrupted; {} octave{} of '{}' kept in '{}'", outcome->octaves,
                             outcome->octaves == 1 ? "" : "s", job.input, outcome->output));
  else
    terminal.say(summary(*outcome));
  tally.interrupted = outcome->cancelled;
}

int finish(const Tally& tally, std::size_t jobs, Terminal& terminal) {
  if (terminal.json) terminal.print(Json{{"dreams", tally.dreams}, {"failures", tally.failures}});
  if (jobs > 1)
    terminal.say(fmt::format(
        "{} of {} pictures dreamed{}", tally.dreams.size(), jobs,
        tally.failures.empty() ? "" : fmt::format(", {} failed", tally.failures.size())));
  if (tally.interrupted) return interrupted;
  return tally.failures.empty() ? done : failed;
}

int dream_images(const ImageArguments& typed, Session& session) {
  Terminal& terminal = session.terminal;
  const Recipe recipe = typed.recipe.apply_to(Recipe{});
  typed.machine.apply();
  watch_interrupts(session.cancel);
  if (!typed.sweep.axes.empty()) {
    if (!obtain_network(recipe.model, typed.network, typed.fetch, session)) return interrupted;
    return dream_sweep(typed.inputs, recipe, typed.sweep, typed.network, typed.machine,
                       typed.output, session);
  }
  require_layer_for_guide(recipe);
  const std::vector<Job> jobs = plan_jobs(typed.inputs, typed.output);
  for (const Job& job : jobs)
    if (terminal.json && job.output == "-")
      throw UsageError(
          "--json and a picture cannot both go to standard output; name a file with -o");

  if (!obtain_network(recipe.model, typed.network, typed.fetch, session)) return interrupted;
  Dreams dreams(recipe, typed.network, typed.machine, typed.output, session);
  Tally tally;
  for (const Job& job : jobs) {
    if (tally.interrupted || session.cancel.cancelled()) {
      tally.interrupted = true;
      break;
    }
    try {
      if (!job.trouble.empty()) throw FileFailure(job.trouble);
      dream_one(job, dreams, session, tally);
    } catch (const Error& error) {
      terminal.error(error.what());
      tally.failures.push_back(Json{{"input", job.input}, {"error", error.what()}});
    }
  }
  return finish(tally, jobs.size(), terminal);
}

}  // namespace

void add_image(Command program, Session& session) {
  Command command = program.add_command("image", "dream pictures");
  const auto typed = std::make_shared<ImageArguments>();
  command.add("INPUT", typed->inputs, "files, folders, or - for standard input").required();
  add_output_options(command, typed->output);
  typed->sweep.add_to(command);
  typed->recipe.add_to(command);
  add_prototxt_option(command, typed->network);
  typed->fetch.add_consent_to(command);
  typed->machine.add_to(command);
  add_speech_options(command, session.terminal);
  command.runs([typed, &session] { return dream_images(*typed, session); });
}

}  // namespace reverie::cli
