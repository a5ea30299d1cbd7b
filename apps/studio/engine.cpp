#include "apps/studio/engine.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "apps/studio/ids.h"
#include "apps/studio/json.h"
#include "apps/studio/pictures.h"
#include "reverie/base/error.h"
#include "reverie/base/threads.h"
#include "reverie/codec/image/image_file.h"
#include "reverie/job/job.h"
#include "reverie/model/fetch/fetch.h"
#include "reverie/model/zoo/zoo.h"

namespace reverie::studio {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds preview_interval{80};
constexpr milliseconds progress_interval{100};
constexpr int preview_side = 1024;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// What a job of the library tells, for the queue: not more often than a page can use it.
class Telling : public Events {
 public:
  // between_steps: what fits between two steps of a dream, on the engine's thread.
  Telling(const JobRequest& request, Queue& queue, Previews& previews, bool may_fetch,
          std::function<void()> between_steps)
      : request_(request),
        queue_(queue),
        previews_(previews),
        may_fetch_(may_fetch),
        between_steps_(std::move(between_steps)) {}

  void message(const std::string& line) override { queue_.message(request_.id, line); }

  void progress(const JobProgress& at) override {
    between_steps_();
    const bool is_new_part = at.octave != octave_ || at.iteration <= 1;
    if (!is_new_part && Clock::now() - told_ < progress_interval) return;
    told_ = Clock::now();
    octave_ = at.octave;
    queue_.progress(request_.id, at);
  }

  // Always the first step and the last of an octave.
  void preview(const JobProgress& at, ConstView canvas) override {
    if (request_.what == JobClass::idle) return;
    const bool is_due = Clock::now() - shown_ >= preview_interval;
    if (!is_due && at.iteration != 1 && at.iteration != at.iterations) return;
    shown_ = Clock::now();
    previews_.show(request_.id, at, canvas);
  }

  bool may_download(const ZooNetwork&) override { return may_fetch_; }

 private:
  const JobRequest& request_;
  Queue& queue_;
  Previews& previews_;
  const bool may_fetch_;
  const std::function<void()> between_steps_;
  Clock::time_point told_{}, shown_{};
  int octave_ = 0;
};

const char* kind_of(const Error& error) {
  if (dynamic_cast<const BadRecipe*>(&error) != nullptr) return "BadRecipe";
  if (dynamic_cast<const BadModel*>(&error) != nullptr) return "BadModel";
  if (dynamic_cast<const BadShape*>(&error) != nullptr) return "BadShape";
  if (dynamic_cast<const BadImage*>(&error) != nullptr) return "BadImage";
  if (dynamic_cast<const FileFailure*>(&error) != nullptr) return "FileFailure";
  return "Error";
}

std::string speed_key(const Recipe& recipe) {
  std::vector<std::string> layers;
  for (const LayerSpec& layer : recipe.layers) layers.push_back(layer.name);
  return fmt::format("{} {}", recipe.model, fmt::join(layers, " "));
}

}  // namespace

// ---- Speed

Speed::Speed(Store& store) : store_(store) {
  const auto known = nlohmann::json::parse(store_.remembered("speed"), nullptr, false);
  if (known.is_object())
    for (const auto& [key, value] : known.items())
      if (value.is_number()) seconds_per_cost_[key] = value.get<double>();
}

double Speed::expected(const Recipe& recipe, std::int64_t width, std::int64_t height) const {
  const std::lock_guard lock(mutex_);
  auto found = seconds_per_cost_.find(speed_key(recipe));
  if (found == seconds_per_cost_.end()) found = seconds_per_cost_.find("");
  if (found == seconds_per_cost_.end()) return -1;
  return found->second * cost_of(recipe, width, height);
}

void Speed::learn(const Recipe& recipe, std::int64_t width, std::int64_t height, double seconds) {
  const double cost = cost_of(recipe, width, height);
  if (cost <= 0 || seconds <= 0) return;
  const std::lock_guard lock(mutex_);
  for (const std::string& key : {speed_key(recipe), std::string()}) {
    double& rate = seconds_per_cost_[key];
    rate = rate == 0 ? seconds / cost : 0.6 * rate + 0.4 * seconds / cost;
  }
  store_.remember("speed", nlohmann::json(seconds_per_cost_).dump());
}

// ---- Previews

Previews::Previews(Queue& queue) : queue_(queue), thread_([this] { work(); }) {}

Previews::~Previews() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Previews::show(const std::string& job, const JobProgress& at, ConstView canvas) {
  Tensor copy = Tensor::copy_of(canvas);
  const std::lock_guard lock(mutex_);
  next_ = Shown{job, at, std::move(copy)};
  changed_.notify_all();
}

void Previews::work() {
  set_thread_count(1);  // of this thread: the engine has the processor
  for (;;) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return closed_ || next_.has_value(); });
    if (closed_) return;
    Shown shown = std::move(*next_);
    next_.reset();
    lock.unlock();
    const Image image{std::move(shown.canvas), {}};
    const Image small = shrunk_to_side(image, preview_side);
    queue_.preview(shown.job, screen_bytes(small, 80), shown.at, small.width(), small.height());
  }
}

// ---- Engine

Engine::Engine(const EngineOptions& options, Store& store, Queue& queue, EventLog& events,
               Speed& speed)
    : options_(options),
      store_(store),
      queue_(queue),
      events_(events),
      speed_(speed),
      previews_(queue),
      thread_([this] { work(); }) {}

Engine::~Engine() {
  queue_.close();
  thread_.join();
}

void Engine::work() {
  if (options_.threads > 0) set_thread_count(options_.threads);
  std::shared_ptr<CancelToken> cancel;
  while (const std::optional<JobRequest> request = queue_.next(cancel)) {
    const JobEnd end = end_of(*request, *cancel);
    if (end.state == JobState::cancelled && queue_.put_back(request->id)) continue;
    queue_.end(request->id, end);
  }
}

JobEnd Engine::end_of(const JobRequest& request, const CancelToken& cancel) {
  try {
    if (!request.fetch.empty()) return fetch(request, cancel);
    if (!request.task) return do_job(request, cancel);
    request.task(cancel);
    return {cancel.cancelled() ? JobState::cancelled : JobState::done, "", ""};
  } catch (const Error& error) {
    return {JobState::failed, kind_of(error), error.what()};
  } catch (const std::bad_alloc&) {
    return {JobState::failed, "OutOfMemory", "out of memory; choose a smaller size"};
  } catch (const std::exception& error) {
    return {JobState::failed, "Error", fmt::format("unexpected failure: {}", error.what())};
  }
}

void Engine::do_looks() {
  std::shared_ptr<CancelToken> cancel;
  while (const std::optional<JobRequest> look = queue_.next_look(cancel))
    queue_.end(look->id, end_of(*look, *cancel));
}

fs::path Engine::output_of(const JobRequest& request) const {
  const bool is_passing = !request.look_key.empty() || request.what == JobClass::draft;
  if (is_passing) return store_.folder() / "incoming" / (request.id + ".png");
  const JobKind kind = request.spec.kind;
  const std::string format = request.spec.output.format;
  const bool is_film = kind == JobKind::zoom || kind == JobKind::video;
  return store_.new_dream_path(request.id,
                               is_film ? ".mp4" : "." + (format.empty() ? "png" : format));
}

JobEnd Engine::do_job(const JobRequest& request, const CancelToken& cancel) {
  const auto begin = Clock::now();
  JobSpec spec = request.spec;
  const auto source = store_.referenced(request.source);
  if (!source) throw FileFailure("the picture of this dream is gone");
  const fs::path output = output_of(request);
  spec.inputs = {source->string()};
  spec.output.path = output.string();
  spec.output.no_source_path = true;
  spec.history = {request.id, request.parent, request.basis};
  if (options_.memory > 0) spec.machine.plan_memory = options_.memory;

  Telling telling(request, queue_, previews_, options_.may_fetch, [this] { do_looks(); });
  const JobResult result = run(spec, telling, cancel, files_of(store_));
  if (!result.failures.empty()) return {JobState::failed, "Error", result.failures[0].error};
  const bool is_film = spec.kind == JobKind::zoom || spec.kind == JobKind::video;
  if (result.cancelled && !queue_.is_kept(request.id)) {
    std::error_code ignored;
    if (!is_film) fs::remove(output, ignored);
    return {JobState::cancelled, "", ""};
  }
  if (!fs::exists(output))
    return {JobState::cancelled, "", ""};  // stopped before there was anything to keep
  if (!request.look_key.empty())
    keep_look(request, output);
  else if (request.what == JobClass::draft)
    fs::remove(output);
  else
    keep_dream(request, result, output, seconds_since(begin));
  return {result.cancelled ? JobState::kept : JobState::done, "", ""};
}

void Engine::keep_dream(const JobRequest& request, const JobResult& result, const fs::path& output,
                        double seconds) {
  Dream dream;
  dream.id = request.id;
  dream.file = fs::relative(output, store_.folder() / "dreams").string();
  dream.made = now_ms();
  dream.name = request.name;
  dream.source = request.source;
  if (!result.images.empty()) {
    dream.width = result.images[0].width;
    dream.height = result.images[0].height;
  } else if (!result.videos.empty()) {
    dream.width = result.videos[0].width;
    dream.height = result.videos[0].height;
    dream.frames = result.videos[0].frames;
  } else if (!result.sheets.empty()) {
    dream.width = result.sheets[0].width;
    dream.height = result.sheets[0].height;
  }
  complete_from_file(dream, output);
  dream.parent = request.parent;
  dream.basis = request.basis;
  dream.source_name = store_.name_of(request.source);
  dream.seconds = seconds;
  if (request.spec.kind == JobKind::sweep) dream.kind = "sweep";
  store_.add_dream(dream);
  if (request.spec.kind == JobKind::image && !result.cancelled)
    speed_.learn(request.spec.recipe, dream.width, dream.height, seconds);
  events_.publish("dream", dream_json(dream));
}

void Engine::keep_look(const JobRequest& request, const fs::path& output) {
  ImageOptions options;
  options.format = "jpg";
  options.quality = 85;
  options.overwrite = true;
  write_image(store_.thumb(request.look_key + ".jpg"), read_image(output), options);
  fs::remove(output);
  events_.publish("look", nlohmann::json{{"source", request.source},
                                         {"look", request.name},
                                         {"url", "/api/1/looks/" + request.look_key + ".jpg"}}
                              .dump());
}

JobEnd Engine::fetch(const JobRequest& request, const CancelToken& cancel) {
  const ZooNetwork* network = find_in_zoo(request.fetch);
  if (network == nullptr) return {JobState::failed, "NotFound", "no such network"};
  FetchOptions options;
  options.cancel = &cancel;
  options.notices = [&](const std::string& line) { queue_.message(request.id, line); };
  auto told = Clock::now() - progress_interval;
  options.progress = [&](const FetchProgress& at) {
    do_looks();
    if (Clock::now() - told < progress_interval) return;
    told = Clock::now();
    JobProgress progress;
    progress.subject = at.file;
    progress.fraction =
        at.total == 0 ? 0 : static_cast<double>(at.done) / static_cast<double>(at.total);
    queue_.progress(request.id, progress);
  };
  const FetchEnd end = fetch_network(*network, options);
  if (end == FetchEnd::cancelled) return {JobState::cancelled, "", ""};
  events_.publish("network", network_json(*network));
  return {JobState::done, "", ""};
}

}  // namespace reverie::studio
