#include "reverie/job/time_estimate.h"

#include <fmt/format.h>

#include <cmath>

namespace reverie {
namespace {

constexpr double long_dream_s = 30;

std::string to_string(TimeEstimate::Size size) {
  return fmt::format("{}x{}", size.first, size.second);
}

double pixels(TimeEstimate::Size size) {
  return static_cast<double>(size.first) * static_cast<double>(size.second);
}

}  // namespace

std::string rough_duration(double seconds) {
  constexpr double minute = 60, hour = 3600;
  if (seconds < 10) return fmt::format("{:.0f} s", std::max(1.0, std::round(seconds)));
  if (seconds < 1.5 * minute) return fmt::format("{:.0f} s", 5 * std::round(seconds / 5));
  if (seconds < 1.5 * hour) return fmt::format("{:.0f} min", std::round(seconds / minute));
  return fmt::format("{:.1f} h", seconds / hour);
}

TimeEstimate::TimeEstimate(std::string subject, Size source, Size dreamed, NoticeSink tell)
    : subject_(std::move(subject)), source_(source), dreamed_(dreamed), tell_(std::move(tell)) {}

void TimeEstimate::step(double fraction, double seconds) {
  if (++steps_ == 1) {
    first_fraction_ = fraction;
    first_seconds_ = seconds;
  } else if (!told_ && fraction > first_fraction_) {
    const double rate = (seconds - first_seconds_) / (fraction - first_fraction_);
    tell(seconds + rate * (1 - fraction));
  }
}

void TimeEstimate::finish() {
  if (!told_) tell({});
}

void TimeEstimate::tell(std::optional<double> seconds) {
  told_ = true;
  if (source_ == dreamed_) {
    if (seconds && *seconds >= long_dream_s)
      notify(tell_, fmt::format("{}: {}, about {}", subject_, to_string(dreamed_),
                                rough_duration(*seconds)));
    return;
  }
  std::string line =
      fmt::format("{}: {} is reduced to {}", subject_, to_string(source_), to_string(dreamed_));
  if (seconds) line += fmt::format(", about {}", rough_duration(*seconds));
  line += "; --size full dreams all of it";
  if (seconds)
    line +=
        fmt::format(", in about {}", rough_duration(*seconds * pixels(source_) / pixels(dreamed_)));
  notify(tell_, line);
}

}  // namespace reverie
