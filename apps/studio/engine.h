// engine.h: the one thread that dreams: it takes jobs from the queue and runs them through the
// library.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "apps/studio/queue.h"
#include "apps/studio/store.h"
#include "reverie/plan/plan.h"

namespace reverie::studio {

struct EngineOptions {
  int threads = 0;         // 0: as many as the machine has
  std::size_t memory = 0;  // of one plan, bytes; 0: the library's default
  bool may_fetch = true;
};

// How long this machine takes for a million pixels and steps, by network and layers.
class Speed {
 public:
  explicit Speed(Store& store);

  // Seconds; negative: nothing of that kind was dreamed yet.
  double expected(const Recipe& recipe, std::int64_t width, std::int64_t height) const;
  // A dream took `seconds`.
  void learn(const Recipe& recipe, std::int64_t width, std::int64_t height, double seconds);

 private:
  Store& store_;
  mutable std::mutex mutex_;
  std::map<std::string, double> seconds_per_cost_;
};

// Encodes the canvases of dreams at work, the last one only: who is slow skips some. Its own
// thread.
class Previews {
 public:
  explicit Previews(Queue& queue);
  ~Previews();
  void show(const std::string& job, const JobProgress& at, ConstView canvas);

 private:
  struct Shown {
    std::string job;
    JobProgress at;
    Tensor canvas;
  };
  void work();

  Queue& queue_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Shown> next_;
  bool closed_ = false;
  std::thread thread_;
};

class Engine {
 public:
  Engine(const EngineOptions& options, Store& store, Queue& queue, EventLog& events, Speed& speed);
  // Ends the job at work, which is begun again or goes on next time.
  ~Engine();

 private:
  void work();
  JobEnd end_of(const JobRequest& request, const CancelToken& cancel);
  // Answers the looks that wait, between two steps of a dream.
  void do_looks();
  JobEnd do_job(const JobRequest& request, const CancelToken& cancel);
  JobEnd fetch(const JobRequest& request, const CancelToken& cancel);
  void keep_dream(const JobRequest& request, const JobResult& result,
                  const std::filesystem::path& output, double seconds);
  void keep_look(const JobRequest& request, const std::filesystem::path& output);
  std::filesystem::path output_of(const JobRequest& request) const;

  const EngineOptions options_;
  Store& store_;
  Queue& queue_;
  EventLog& events_;
  Speed& speed_;
  Previews previews_;
  std::thread thread_;
};

}  // namespace reverie::studio
