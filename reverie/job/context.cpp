#include "reverie/job/context.h"

#include <fmt/format.h>

#include "reverie/base/error.h"
#include "reverie/job/networks.h"

namespace reverie {

void JobContext::message(const std::string& line) {
  const std::lock_guard lock(speech_);
  events.message(line);
}

void JobContext::debug(const std::string& line) {
  const std::lock_guard lock(speech_);
  events.debug(line);
}

NoticeSink JobContext::notices() {
  return [this](const std::string& line) { message(line); };
}

bool JobContext::ensure_network(const std::string& model) {
  const ZooNetwork* network = find_in_zoo(model);
  NetworkOptions options;
  options.prototxt = spec.prototxt;
  if (network == nullptr || is_network_here(model, options)) return true;
  if (!events.may_download(*network))
    throw FileFailure(fmt::format(
        "no network '{}' in '{}'; download it with reverie models fetch {} ({}), or add --yes",
        model, weights_folder().string(), network->name, download_summary(*network)));
  FetchOptions fetch;
  fetch.mirror = spec.mirror;
  fetch.cancel = &cancel;
  fetch.notices = notices();
  fetch.progress = [&](const FetchProgress& at) { events.downloading(at); };
  const FetchEnd end = fetch_network(*network, fetch);
  if (end == FetchEnd::fetched && !network->remark.empty())
    message(fmt::format("{}: {}", network->name, network->remark));
  return end != FetchEnd::cancelled;
}

Network JobContext::open_network(const Recipe& recipe) {
  NetworkOptions options;
  options.prototxt = spec.prototxt;
  return open_network_of(recipe, options, notices());
}

DreamControl JobContext::dream_control() {
  DreamControl control;
  control.cancel = &cancel;
  control.notices = notices();
  return control;
}

JobProgress to_progress(const DreamProgress& at) {
  JobProgress progress;
  progress.octave = at.octave + 1;
  progress.octaves = at.octaves;
  progress.iteration = at.iteration + 1;
  progress.iterations = at.iterations;
  progress.objective = at.objective;
  progress.fraction = at.fraction;
  progress.seconds_left = at.seconds_left;
  return progress;
}

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace reverie
