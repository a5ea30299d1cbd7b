// context.h: state that the parts of a running job share. Internal.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

#include "reverie/dream/dreamer.h"
#include "reverie/job/job.h"
#include "reverie/job/job_files.h"
#include "reverie/model/network.h"

namespace reverie {

class JobContext {
 public:
  JobContext(const JobSpec& job, Events& sink, const CancelToken& token,
             std::shared_ptr<const RecipeFiles> recipe_files)
      : spec(job),
        files(std::make_shared<JobFiles>(std::move(recipe_files))),
        events(sink),
        cancel(token) {}
  JobContext(const JobContext&) = delete;
  JobContext& operator=(const JobContext&) = delete;

  // Any thread.
  void message(const std::string& line);
  void debug(const std::string& line);
  // A sink for message(); must not outlive this.
  NoticeSink notices();

  // Downloads a known network that is missing, if the user allows it. False when the download was
  // cancelled. Errors: FileFailure when it is not allowed; as fetch_network.
  bool ensure_network(const std::string& model);
  // The recipe's network with the input transform that it states. Errors: as open_network.
  Network open_network(const Recipe& recipe);

  // Cancellation and messages; no progress.
  DreamControl dream_control();

  const JobSpec& spec;
  const std::shared_ptr<const JobFiles> files;
  Events& events;
  const CancelToken& cancel;

 private:
  std::mutex speech_;
};

// The progress of one picture's dream, without the subject.
JobProgress to_progress(const DreamProgress& at);

double seconds_since(std::chrono::steady_clock::time_point begin);

}  // namespace reverie
