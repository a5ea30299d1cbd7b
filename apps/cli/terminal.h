// terminal.h: the program's output: results on standard output, everything else on standard
// error.
#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>

#include "reverie/base/notice.h"
#include "reverie/job/job.h"

namespace reverie::cli {

// Keeps the order of keys.
using Json = nlohmann::ordered_json;

// The progress of a download.
struct Transfer {
  std::string subject;                 // the file
  std::uintmax_t done = 0, total = 0;  // bytes; total 0: unknown
  double bytes_per_s = 0;              // 0 while unknown
};

class Terminal {
 public:
  bool quiet = false;
  bool verbose = false;
  bool json = false;

  Terminal();

  // A remark, unless quiet.
  void info(const std::string& line);
  // Only when verbose.
  void debug(const std::string& line);
  // Always.
  void error(const std::string& line);
  NoticeSink notices();

  // On a terminal a bar that is redrawn in place. Elsewhere a line for each octave of a picture,
  // and every half minute; for a video every ten seconds, and for the first and last frame.
  void progress(const JobProgress& at);
  // The same for a download; elsewhere a line every ten seconds.
  void progress(const Transfer& transfer);
  void end_progress();

  // Standard output. Errors: FileFailure when it cannot be written.
  void print(const std::string& text);
  void print(const Json& object);

  // Whether the user can be asked: on a terminal, without --quiet and --json.
  bool can_ask() const;
  // Asks and waits for the answer; only Enter and words that begin with y mean yes.
  bool ask(const std::string& question);

 private:
  void progress_of_octaves(const JobProgress& at);
  void progress_of_parts(const JobProgress& at);
  // Whether the time has come to draw again.
  bool is_time(double fraction);
  void draw(const std::string& subject, double fraction, const std::string& text);

  const bool is_terminal_;
  bool line_is_open_ = false;
  std::chrono::steady_clock::time_point drawn_{};
};

// "3 s", "2 min 5 s", "1 h 4 min".
std::string duration_text(double seconds);

}  // namespace reverie::cli
