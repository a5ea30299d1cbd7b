// time_estimate.h: how long a picture's dream takes, from its first steps. Internal.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "reverie/base/notice.h"

namespace reverie {

// "15 s", "3 min", "1.5 h": no more exact than an estimate is.
std::string rough_duration(double seconds);

// Tells one line as soon as two steps are done: the first of them prepares the network, the second
// shows how fast this machine is now, whatever else it does.
class TimeEstimate {
 public:
  using Size = std::pair<std::int64_t, std::int64_t>;  // width and height, px

  // `subject` is the picture's name. Where it is dreamed at another size than its own, that is told
  // in any case; else only a long dream is.
  TimeEstimate(std::string subject, Size source, Size dreamed, NoticeSink tell);

  // After each step: the part of the dream that is done, and the seconds since it began.
  void step(double fraction, double seconds);
  // At the end. What there was no time for is told without a time.
  void finish();

 private:
  void tell(std::optional<double> seconds);

  const std::string subject_;
  const Size source_, dreamed_;
  const NoticeSink tell_;
  int steps_ = 0;
  double first_fraction_ = 0, first_seconds_ = 0;
  bool told_ = false;
};

}  // namespace reverie
