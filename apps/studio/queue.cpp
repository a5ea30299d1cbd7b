#include "apps/studio/queue.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "apps/studio/ids.h"
#include "reverie/base/error.h"

namespace reverie::studio {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_waiting = 1000;
constexpr std::size_t most_over = 200;  // finished jobs that are remembered
constexpr std::size_t most_messages = 20;

bool is_over(JobState state) {
  return state == JobState::done || state == JobState::kept || state == JobState::cancelled ||
         state == JobState::failed;
}

bool is_at_work(JobState state) {
  return state == JobState::running || state == JobState::cancelling;
}

const char* unit_name(JobProgress::Unit unit) {
  switch (unit) {
    case JobProgress::Unit::octave:
      return "octave";
    case JobProgress::Unit::frame:
      return "frame";
    case JobProgress::Unit::channel:
      return "channel";
  }
  return "";
}

std::string kind_name(const JobRequest& request) {
  if (!request.fetch.empty()) return "fetch";
  for (const auto& [name, kind] : job_kind_names)
    if (kind == request.spec.kind) return name;
  return "";
}

// Look tiles and the like are the page's own affair: they wait in no list that it shows.
bool is_shown(const QueuedJob& job) { return job.request.look_key.empty() && !job.request.task; }

}  // namespace

const char* to_string(JobState state) {
  switch (state) {
    case JobState::waiting:
      return "waiting";
    case JobState::running:
      return "running";
    case JobState::paused:
      return "paused";
    case JobState::cancelling:
      return "cancelling";
    case JobState::done:
      return "done";
    case JobState::kept:
      return "kept";
    case JobState::cancelled:
      return "cancelled";
    case JobState::failed:
      return "failed";
  }
  return "";
}

std::string job_json(const QueuedJob& job) {
  const JobRequest& request = job.request;
  const JobProgress& at = job.progress;
  Json tree{{"id", request.id},
            {"kind", kind_name(request)},
            {"class", to_string(request.what)},
            {"name", request.name},
            {"state", to_string(job.state)},
            {"parent", request.parent.empty() ? Json() : Json(request.parent)},
            {"source", request.source},
            {"made", job.made},
            {"seconds", job.seconds},
            {"unit", unit_name(at.unit)},
            {"octave", at.octave},
            {"octaves", at.octaves},
            {"iteration", at.iteration},
            {"iterations", at.iterations},
            {"done", at.done},
            {"total", at.total},
            {"fraction", at.fraction},
            {"seconds_left", at.seconds_left},
            {"width", job.width},
            {"height", job.height},
            {"messages", job.messages}};
  tree["preview"] =
      job.previews == 0
          ? Json()
          : Json("/api/1/jobs/" + request.id + "/preview?n=" + std::to_string(job.previews));
  tree["error"] =
      job.error.empty() ? Json() : Json{{"kind", job.error_kind}, {"message", job.error}};
  return tree.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Queue::Queue(Store& store, EventLog& events) : store_(store), events_(events) {
  for (const StoredJob& stored : store_.jobs()) {
    try {
      QueuedJob job;
      job.request = job_request(Json::parse(stored.request), store_);
      job.request.id = stored.id;
      job.made = now_ms();
      jobs_.push_back(std::move(job));
    } catch (const std::exception&) {  // its picture is gone, or its recipe of another version
      store_.remove_job(stored.id);
    }
  }
}

Queue::Jobs::iterator Queue::at(const std::string& id) {
  return std::find_if(jobs_.begin(), jobs_.end(),
                      [&](const QueuedJob& job) { return job.request.id == id; });
}

Queue::Jobs::const_iterator Queue::at(const std::string& id) const {
  return std::find_if(jobs_.begin(), jobs_.end(),
                      [&](const QueuedJob& job) { return job.request.id == id; });
}

void Queue::publish(const QueuedJob& job) {
  if (is_shown(job)) events_.publish("job", job_json(job));
}

// ---- For the page

std::string Queue::add(JobRequest request, double seconds, std::int64_t width,
                       std::int64_t height) {
  const std::lock_guard lock(mutex_);
  const auto waiting = std::count_if(jobs_.begin(), jobs_.end(),
                                     [](const QueuedJob& job) { return !is_over(job.state); });
  if (static_cast<std::size_t>(waiting) >= most_waiting)
    throw BadJob("a thousand jobs wait already; cancel some first");
  if (request.what == JobClass::draft)  // a newer draft replaces the older one
    for (QueuedJob& job : jobs_)
      if (job.request.what == JobClass::draft && !is_over(job.state)) {
        job.cancel->cancel();
        job.state = is_at_work(job.state) ? JobState::cancelling : JobState::cancelled;
        publish(job);
      }
  QueuedJob job;
  job.request = std::move(request);
  job.made = now_ms();
  job.seconds = seconds;
  job.width = width;
  job.height = height;
  jobs_.push_back(std::move(job));
  const QueuedJob& added = jobs_.back();
  if (is_shown(added) && added.request.what != JobClass::draft && added.request.fetch.empty())
    store_.save_job({added.request.id, request_to_json(added.request)}, added.made);
  make_way(added);
  publish(added);
  changed_.notify_all();
  return job_json(added);
}

// Idle work and films give way to what was asked for now: they stop, and go on later. A look fits
// between two steps of what dreams.
void Queue::make_way(const QueuedJob& added) {
  for (QueuedJob& job : jobs_) {
    if (added.request.what == JobClass::look && !job.request.task) continue;
    if (job.state == JobState::running && job.request.what > added.request.what &&
        (job.request.what == JobClass::film || job.request.what == JobClass::idle)) {
      job.gives_way = true;
      job.cancel->cancel();
    }
  }
}

std::optional<std::string> Queue::find(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto job = at(id);
  if (job == jobs_.end()) return std::nullopt;
  return job_json(*job);
}

std::string Queue::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<const QueuedJob*> shown;
  for (const QueuedJob& job : jobs_)
    if (!is_over(job.state) && is_shown(job)) shown.push_back(&job);
  std::stable_sort(shown.begin(), shown.end(), [](const QueuedJob* a, const QueuedJob* b) {
    const bool a_works = is_at_work(a->state), b_works = is_at_work(b->state);
    return a_works != b_works ? a_works : a->request.what < b->request.what;
  });
  std::string text = "{\"jobs\":[";
  for (const QueuedJob* job : shown) text += (job == shown.front() ? "" : ",") + job_json(*job);
  return text + "],\"paused\":" + (paused_ ? "true" : "false") + "}";
}

std::optional<std::string> Queue::cancel(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto job = at(id);
  if (job == jobs_.end()) return std::nullopt;
  if (is_over(job->state)) return job_json(*job);
  job->gives_way = false;
  job->keep = false;
  job->cancel->cancel();
  job->state = is_at_work(job->state) ? JobState::cancelling : JobState::cancelled;
  if (job->state == JobState::cancelled) store_.remove_job(id);
  publish(*job);
  changed_.notify_all();
  return job_json(*job);
}

std::optional<std::string> Queue::keep(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto job = at(id);
  if (job == jobs_.end()) return std::nullopt;
  if (!is_at_work(job->state)) return job_json(*job);
  job->gives_way = false;
  job->keep = true;
  job->cancel->cancel();
  job->state = JobState::cancelling;
  publish(*job);
  return job_json(*job);
}

std::optional<std::string> Queue::pause(const std::string& id, bool paused) {
  const std::lock_guard lock(mutex_);
  const auto job = at(id);
  if (job == jobs_.end()) return std::nullopt;
  if (paused && job->state == JobState::waiting) job->state = JobState::paused;
  if (!paused && job->state == JobState::paused) job->state = JobState::waiting;
  publish(*job);
  changed_.notify_all();
  return job_json(*job);
}

std::optional<std::string> Queue::move_before(const std::string& id, const std::string& other) {
  const std::lock_guard lock(mutex_);
  const auto job = at(id);
  if (job == jobs_.end()) return std::nullopt;
  const auto place = at(other);
  if (place != job) jobs_.splice(place, jobs_, job);
  publish(*job);
  return job_json(*job);
}

void Queue::pause_all(bool paused) {
  const std::lock_guard lock(mutex_);
  paused_ = paused;
  changed_.notify_all();
}

std::string Queue::preview(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto job = at(id);
  return job == jobs_.end() ? "" : job->preview;
}

// ---- For the engine

std::optional<JobRequest> Queue::next(std::shared_ptr<CancelToken>& cancel) {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (closed_) return std::nullopt;
    auto best = jobs_.end();
    for (auto job = jobs_.begin(); job != jobs_.end(); ++job)
      if (job->state == JobState::waiting &&
          (best == jobs_.end() || job->request.what < best->request.what))
        best = job;
    if (best != jobs_.end() && (!paused_ || best->request.what <= JobClass::draft)) {
      best->state = JobState::running;
      cancel = best->cancel;
      publish(*best);
      return best->request;
    }
    changed_.wait(lock);
  }
}

std::optional<JobRequest> Queue::next_look(std::shared_ptr<CancelToken>& cancel) {
  const std::lock_guard lock(mutex_);
  const auto look = std::find_if(jobs_.begin(), jobs_.end(), [](const QueuedJob& job) {
    return job.state == JobState::waiting && job.request.what == JobClass::look;
  });
  if (look == jobs_.end()) return std::nullopt;
  look->state = JobState::running;
  cancel = look->cancel;
  return look->request;
}

void Queue::progress(const std::string& id, const JobProgress& progress) {
  const std::lock_guard lock(mutex_);
  const auto job = at(id);
  if (job == jobs_.end()) return;
  job->progress = progress;
  publish(*job);
}

void Queue::message(const std::string& id, const std::string& line) {
  const std::lock_guard lock(mutex_);
  const auto job = at(id);
  if (job == jobs_.end() || job->messages.size() >= most_messages) return;
  job->messages.push_back(line);
  publish(*job);
}

void Queue::preview(const std::string& id, std::string jpeg, const JobProgress& progress,
                    std::int64_t width, std::int64_t height) {
  const std::lock_guard lock(mutex_);
  const auto job = at(id);
  if (job == jobs_.end() || is_over(job->state)) return;
  job->preview = std::move(jpeg);
  ++job->previews;
  if (!is_shown(*job)) return;
  events_.publish("preview",
                  Json{{"job", id},
                       {"url", "/api/1/jobs/" + id + "/preview?n=" + std::to_string(job->previews)},
                       {"octave", progress.octave},
                       {"octaves", progress.octaves},
                       {"iteration", progress.iteration},
                       {"done", progress.done},
                       {"width", width},
                       {"height", height}}
                      .dump());
}

bool Queue::is_kept(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto job = at(id);
  return job != jobs_.end() && job->keep;
}

void Queue::give_way(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto job = at(id);
  if (job == jobs_.end() || job->state != JobState::running) return;
  job->gives_way = true;
  job->cancel->cancel();
}

bool Queue::put_back(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto job = at(id);
  if (job == jobs_.end() || !(job->gives_way || closed_) || job->keep ||
      job->state == JobState::cancelling)
    return false;
  job->gives_way = false;
  job->cancel = std::make_shared<CancelToken>();
  job->state = JobState::waiting;
  publish(*job);
  return true;
}

void Queue::end(const std::string& id, const JobEnd& end) {
  const std::lock_guard lock(mutex_);
  const auto job = at(id);
  if (job == jobs_.end()) return;
  job->state = end.state;
  job->error_kind = end.error_kind;
  job->error = end.error;
  store_.remove_job(id);
  publish(*job);
  if (!is_shown(*job))
    jobs_.erase(job);
  else
    forget_old();
}

void Queue::forget_old() {
  auto over = std::count_if(jobs_.begin(), jobs_.end(),
                            [](const QueuedJob& job) { return is_over(job.state); });
  for (auto job = jobs_.begin(); job != jobs_.end() && over > static_cast<long>(most_over);)
    if (is_over(job->state)) {
      job = jobs_.erase(job);
      --over;
    } else {
      ++job;
    }
}

void Queue::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  for (QueuedJob& job : jobs_)
    if (job.state == JobState::running) job.cancel->cancel();
  changed_.notify_all();
}

}  // namespace reverie::studio
