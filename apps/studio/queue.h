// queue.h: the jobs that wait, that are at work and that are over, and what the page knows of them.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "apps/studio/events.h"
#include "apps/studio/requests.h"
#include "apps/studio/store.h"
#include "reverie/base/cancel.h"
#include "reverie/job/job.h"

namespace reverie::studio {

enum class JobState { waiting, running, paused, cancelling, done, kept, cancelled, failed };

// One job. The queue's thread safety covers all but `cancel`, which any thread may set.
struct QueuedJob {
  JobRequest request;
  JobState state = JobState::waiting;
  std::int64_t made = 0;
  JobProgress progress;
  double seconds = -1;  // expected; negative: unknown
  std::int64_t width = 0, height = 0;
  bool keep = false;       // stopped: what is finished is kept
  bool gives_way = false;  // stopped for another job: it goes on later
  int previews = 0;        // that were made
  std::string preview;     // the last one, a JPEG
  std::vector<std::string> messages;
  std::string error_kind, error;
  std::shared_ptr<CancelToken> cancel = std::make_shared<CancelToken>();
};

// What changed of a job, told by the engine.
struct JobEnd {
  JobState state = JobState::done;
  std::string error_kind, error;
};

// Any thread.
class Queue {
 public:
  // Jobs that the store holds from an earlier run wait again.
  Queue(Store& store, EventLog& events);

  // ---- For the page; each returns the job as JSON, nothing when there is no such job.
  // Errors of add(): BadJob when more than a thousand wait.
  std::string add(JobRequest request, double seconds, std::int64_t width, std::int64_t height);
  std::optional<std::string> find(const std::string& id) const;
  std::string list() const;
  std::optional<std::string> cancel(const std::string& id);
  std::optional<std::string> keep(const std::string& id);
  std::optional<std::string> pause(const std::string& id, bool paused);
  std::optional<std::string> move_before(const std::string& id, const std::string& other);
  void pause_all(bool paused);
  std::string preview(const std::string& id) const;  // JPEG; empty: none

  // ---- For the engine
  // The next job to work on, which is now running; waits for one. Nothing after close().
  std::optional<JobRequest> next(std::shared_ptr<CancelToken>& cancel);
  // A job of the class `look` that waits, to be done between two steps of the one at work; it is
  // now running. Nothing: none waits.
  std::optional<JobRequest> next_look(std::shared_ptr<CancelToken>& cancel);
  void progress(const std::string& id, const JobProgress& at);
  void message(const std::string& id, const std::string& line);
  void preview(const std::string& id, std::string jpeg, const JobProgress& at, std::int64_t width,
               std::int64_t height);
  bool is_kept(const std::string& id) const;
  // The job at work stops, and waits again.
  void give_way(const std::string& id);
  // True where the job was stopped for another one: it waits again.
  bool put_back(const std::string& id);
  void end(const std::string& id, const JobEnd& end);
  // Ends what is at work, so that the program can leave; waiting jobs stay in the store.
  void close();

 private:
  using Jobs = std::list<QueuedJob>;
  Jobs::iterator at(const std::string& id);
  Jobs::const_iterator at(const std::string& id) const;
  void publish(const QueuedJob& job);
  void make_way(const QueuedJob& job);
  void forget_old();

  Store& store_;
  EventLog& events_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Jobs jobs_;  // in the order in which they came or were put
  bool paused_ = false, closed_ = false;
};

const char* to_string(JobState state);
std::string job_json(const QueuedJob& job);

}  // namespace reverie::studio
