#include "reverie/video/sound/beats.h"

#include <algorithm>
#include <cmath>

namespace reverie {
namespace {

// The flux without its mean, in units of its deviation; empty where it does not change.
std::vector<double> standardized(const std::vector<float>& flux) {
  double mean = 0, square = 0;
  for (const float value : flux) mean += static_cast<double>(value);
  mean /= static_cast<double>(flux.size());
  for (const float value : flux) square += (value - mean) * (value - mean);
  const double deviation = std::sqrt(square / static_cast<double>(flux.size()));
  if (!(deviation > 1e-6)) return {};
  std::vector<double> result;
  result.reserve(flux.size());
  for (const float value : flux) result.push_back((value - mean) / deviation);
  return result;
}

// Frames from beat to beat; 0 where nothing repeats itself.
double beat_period(const std::vector<double>& flux) {
  constexpr std::size_t shortest = 25, longest = 150;  // frames: 240 and 40 beats a minute
  constexpr double usual = 50, octaves = 0.9;          // of the weight
  if (flux.size() < 2 * longest) return 0;
  std::vector<double> likely(longest + 2);
  for (std::size_t lag = shortest - 1; lag < likely.size(); ++lag) {
    double sum = 0;
    for (std::size_t i = lag; i < flux.size(); ++i) sum += flux[i] * flux[i - lag];
    const double away = std::log2(static_cast<double>(lag) / usual) / octaves;
    likely[lag] = sum / static_cast<double>(flux.size()) * std::exp(-0.5 * away * away);
  }
  const auto best = std::max_element(likely.begin() + shortest, likely.begin() + longest + 1);
  if (*best < 0.02) return 0;
  // The peak of a parabola through it and its neighbours
  const double before = *(best - 1), here = *best, after = *(best + 1);
  const double curve = before - 2 * here + after;
  const double shift = curve < 0 ? 0.5 * (before - after) / curve : 0;
  return static_cast<double>(best - likely.begin()) + std::clamp(shift, -0.5, 0.5);
}

// The frames of the best path: strong flux, and steps of about the period.
std::vector<std::size_t> best_path(const std::vector<double>& flux, double period) {
  constexpr double tightness = 100;
  std::vector<double> score(flux);
  std::vector<std::ptrdiff_t> from(flux.size(), -1);
  const auto nearest = static_cast<std::size_t>(std::lround(period / 2));
  const auto farthest = static_cast<std::size_t>(std::lround(2 * period));
  for (std::size_t i = nearest; i < flux.size(); ++i) {
    double best = 0;  // a path may begin anywhere
    for (std::size_t step = nearest; step <= std::min(i, farthest); ++step) {
      const double away = std::log(static_cast<double>(step) / period);
      const double reached = score[i - step] - tightness * away * away;
      if (reached <= best) continue;
      best = reached;
      from[i] = static_cast<std::ptrdiff_t>(i - step);
    }
    score[i] += best;
  }
  const auto last_part =
      score.end() - static_cast<std::ptrdiff_t>(std::min(score.size(), farthest));
  std::vector<std::size_t> path;
  for (auto at = std::max_element(last_part, score.end()) - score.begin(); at >= 0;
       at = from[static_cast<std::size_t>(at)])
    path.push_back(static_cast<std::size_t>(at));
  std::reverse(path.begin(), path.end());
  return path;
}

}  // namespace

std::vector<double> find_beats(const std::vector<float>& flux, const std::vector<Onset>& onsets) {
  constexpr double near = 0.04;  // s
  if (flux.empty()) return {};
  const std::vector<double> rises = standardized(flux);
  const double period = rises.empty() ? 0 : beat_period(rises);
  if (period == 0) return {};
  std::vector<double> beats;
  for (const std::size_t frame : best_path(rises, period)) {
    double time = static_cast<double>(frame) / SoundFeatures::frames_a_second;
    const auto after =
        std::lower_bound(onsets.begin(), onsets.end(), time - near,
                         [](const Onset& onset, double limit) { return onset.seconds < limit; });
    if (after != onsets.end() && after->seconds <= time + near) time = after->seconds;
    if (beats.empty() || time > beats.back()) beats.push_back(time);
  }
  return beats;
}

}  // namespace reverie
