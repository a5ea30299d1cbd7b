#include "reverie/video/sound/sound_analysis.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "reverie/base/random.h"
#include "reverie/codec/video/sound_read.h"
#include "reverie/video/sound/beat_curve.h"
#include "reverie/video/sound/sound_features.h"

namespace reverie {
namespace {

constexpr double pi = std::numbers::pi;
using Samples = std::vector<float>;

Samples silence(double seconds) { return Samples(static_cast<std::size_t>(seconds * sound_rate)); }

// Adds wave(t) from a time on, for a while.
template <class Wave>
void add(Samples& samples, double from, double seconds, Wave wave) {
  const auto first = static_cast<std::size_t>(std::lround(from * sound_rate));
  const auto count = static_cast<std::size_t>(seconds * sound_rate);
  for (std::size_t i = 0; i < count && first + i < samples.size(); ++i)
    samples[first + i] += static_cast<float>(wave(static_cast<double>(i) / sound_rate));
}

void add_tone(Samples& samples, double hz, double loud, double from = 0, double seconds = 1e6) {
  add(samples, from, std::min(seconds, static_cast<double>(samples.size()) / sound_rate),
      [&](double t) { return loud * std::sin(2 * pi * hz * t); });
}

void add_noise(Samples& samples, float loud) {
  RandomStream stream = Random(3).at(RandomUse::noise, 0, 0, 0);
  for (float& sample : samples) sample += loud * (2 * stream.uniform() - 1);
}

enum class Stroke { click, beep, drum };

void add_stroke(Samples& samples, double at, Stroke stroke) {
  add(samples, at, 0.5, [&](double t) {
    switch (stroke) {
      case Stroke::click:  // noise that dies in 4 ms
        return 0.8 * std::exp(-t / 0.004) * std::sin(2 * pi * (3000 + 4e5 * t) * t);
      case Stroke::beep:
        return 0.8 * std::exp(-t / 0.01) * std::sin(2 * pi * 1000 * t);
      case Stroke::drum:  // falls from 150 to 50 Hz
        break;
    }
    return 0.8 * std::exp(-t / 0.06) * std::sin(2 * pi * (50 * t + 2 * (1 - std::exp(-t / 0.02))));
  });
}

std::vector<double> times_at(double tempo, double from, double to) {
  std::vector<double> times;
  for (double t = from; t < to; t += 60 / tempo) times.push_back(t);
  return times;
}

// Every time is found once within 20 ms, and nothing else is.
void expect_onsets(const SoundAnalysis& sound, const std::vector<double>& times,
                   const std::string& what) {
  constexpr double tolerance = 0.02;
  const std::vector<Onset>& found = sound.onsets();
  EXPECT_EQ(found.size(), times.size()) << what;
  for (const double time : times) {
    double nearest = 1e9;
    for (const Onset& onset : found) nearest = std::min(nearest, std::fabs(onset.seconds - time));
    EXPECT_LE(nearest, tolerance) << what << ": " << time << " s";
  }
}

TEST(SoundAnalysis, FindsClicksAtAnyTempo) {
  for (const double tempo : {60, 97, 128, 174, 240})
    for (const Stroke stroke : {Stroke::click, Stroke::beep, Stroke::drum}) {
      const std::vector<double> times = times_at(tempo, 0.5, 9.5);
      Samples samples = silence(10);
      for (const double time : times) add_stroke(samples, time, stroke);
      expect_onsets(SoundAnalysis(samples), times,
                    std::to_string(tempo) + " " + std::to_string(static_cast<int>(stroke)));
    }
}

TEST(SoundAnalysis, FindsClicksOverNoiseAndOverTones) {
  for (const double tempo : {60, 128, 174})
    for (const int background : {0, 1, 2}) {
      const std::vector<double> times = times_at(tempo, 0.5, 9.5);
      Samples samples = silence(10);
      for (const double time : times) add_stroke(samples, time, Stroke::click);
      if (background == 0) add_noise(samples, 0.05f);
      if (background == 1) add_tone(samples, 220, 0.3);
      if (background == 2)
        for (const double hz : {220., 277.2, 329.6, 1046.}) add_tone(samples, hz, 0.1);
      expect_onsets(SoundAnalysis(samples), times,
                    std::to_string(tempo) + " over " + std::to_string(background));
    }
}

TEST(SoundAnalysis, FindsAClickAtTheVeryBeginning) {
  Samples samples = silence(3);
  add_stroke(samples, 0, Stroke::click);
  add_stroke(samples, 1, Stroke::click);
  expect_onsets(SoundAnalysis(samples), {0, 1}, "at 0");
}

TEST(SoundAnalysis, HearsNothingInSilenceNoiseAndHeldTones) {
  EXPECT_TRUE(SoundAnalysis(silence(0)).onsets().empty());
  EXPECT_TRUE(SoundAnalysis(silence(0.01)).onsets().empty());
  EXPECT_TRUE(SoundAnalysis(silence(5)).onsets().empty());
  EXPECT_TRUE(SoundAnalysis(silence(5)).beats().empty());
  Samples noise = silence(20), tone = silence(10);
  add_noise(noise, 0.2f);
  add_tone(tone, 440, 0.5);
  EXPECT_TRUE(SoundAnalysis(noise).onsets().empty());
  EXPECT_TRUE(SoundAnalysis(tone).onsets().empty());
  const SoundAnalysis nothing(silence(5));
  for (const float level : nothing.loudness(BeatSource::mid)) EXPECT_EQ(level, 0);
}

TEST(SoundAnalysis, HearsClippedQuietAndBrokenSamples) {
  const std::vector<double> times = times_at(120, 0.5, 7.5);
  Samples samples = silence(8);
  for (const double time : times) add_stroke(samples, time, Stroke::drum);
  Samples clipped = samples, quiet = samples;
  for (float& sample : clipped) sample = std::clamp(20 * sample, -1.f, 1.f);
  for (float& sample : quiet) sample *= 0.01f;
  expect_onsets(SoundAnalysis(clipped), times, "clipped");
  expect_onsets(SoundAnalysis(quiet), times, "quiet");
  samples[1000] = std::nanf("");
  samples[2000] = INFINITY;
  expect_onsets(SoundAnalysis(samples), times, "not finite");
}

TEST(SoundAnalysis, TellsBandsApart) {
  const std::pair<double, BeatSource> tones[] = {
      {80, BeatSource::bass}, {1000, BeatSource::mid}, {8000, BeatSource::treble}};
  for (const auto& [hz, own] : tones) {
    Samples samples = silence(4);
    add_tone(samples, hz, 0.5);
    const SoundAnalysis sound(samples);
    for (const BeatSource band : {BeatSource::bass, BeatSource::mid, BeatSource::treble}) {
      const float level = sound.loudness(band).at(200);
      if (band == own)
        EXPECT_GT(level, 0.95f) << hz;
      else
        EXPECT_LT(level, 0.05f) << hz << " in " << static_cast<int>(band);
    }
  }
}

TEST(SoundAnalysis, HowItIsDividedDoesNotMatter) {
  Samples samples = silence(3);
  add_noise(samples, 0.1f);
  add_stroke(samples, 1, Stroke::drum);
  FeatureExtractor whole, parts;
  whole.add(samples);
  std::span<const float> rest(samples);
  for (std::size_t step = 1; !rest.empty(); step = step * 3 % 7001) {
    const std::size_t count = std::min(step, rest.size());
    parts.add(rest.first(count));
    rest = rest.subspan(count);
  }
  const SoundFeatures a = whole.finish(), b = parts.finish();
  EXPECT_EQ(a.bands, b.bands);
  EXPECT_EQ(a.blocks, b.blocks);
  EXPECT_EQ(a.frames(), 298u);  // whole windows of 43 ms, 10 ms apart, the first half before 0
}

TEST(SoundAnalysis, FindsTheBeat) {
  for (const double tempo : {70., 97., 120., 150.}) {
    const std::vector<double> times = times_at(tempo, 1, 20);
    Samples samples = silence(20.5);
    for (std::size_t i = 0; i < times.size(); ++i) {
      add_stroke(samples, times[i], Stroke::drum);
      // Weaker strokes between the beats
      if (i % 2 == 1)
        add(samples, times[i] + 30 / tempo, 0.1,
            [](double t) { return 0.05 * std::exp(-t / 0.01) * std::sin(2 * pi * 6000 * t); });
    }
    const SoundAnalysis sound(samples);
    ASSERT_GE(sound.beats().size(), times.size() - 2) << tempo;
    for (std::size_t i = 0; i + 1 < sound.beats().size(); ++i)
      EXPECT_NEAR(sound.beats()[i + 1] - sound.beats()[i], 60 / tempo, 0.03) << tempo;
    const double first = sound.beats()[0];
    EXPECT_NEAR(sound.time_of_beat(0), first, 1e-9);
    EXPECT_NEAR(sound.time_of_beat(2.5), first + 2.5 * 60 / tempo, 0.03);
    EXPECT_NEAR(sound.time_of_beat(60), first + 60 * 60 / tempo, 0.2);
  }
}

TEST(BeatCurve, JumpsAtOnsetsAndFalls) {
  Samples samples = silence(4);
  add_stroke(samples, 1, Stroke::click);
  add_stroke(samples, 3, Stroke::click);
  const SoundAnalysis sound(samples);
  const BeatCurve curve(parse_beat_spec("strength=onsets:0..1@decay=0.5"), 0, &sound);
  EXPECT_EQ(curve.level(0.9, 0.93), 0);
  EXPECT_GT(curve.level(0.98, 1.02), 0.9);  // wherever in the frame the onset is
  EXPECT_NEAR(curve.level(1.5, 1.53) / curve.level(1.0, 1.03), std::exp(-1), 0.02);
  EXPECT_GT(curve.level(3, 3.03), 0.9);
  EXPECT_LT(curve.level(9, 9.03), 1e-3);
}

TEST(BeatCurve, BeatsOfAStatedTempoNeedNoSound) {
  const BeatCurve curve(parse_beat_spec("strength=beats:0..1@decay=0.1"), 120, nullptr);
  EXPECT_EQ(curve.level(-0.01, 0.01), 1);
  EXPECT_NEAR(curve.level(0.1, 0.12), std::exp(-1), 1e-9);
  EXPECT_EQ(curve.level(0.49, 0.51), 1);
  EXPECT_NEAR(curve.level(600.1, 600.12), std::exp(-1), 1e-6);
  const BeatCurve at_once(parse_beat_spec("strength=beats:0..1@decay=0"), 120, nullptr);
  EXPECT_EQ(at_once.level(0.1, 0.12), 0);
}

TEST(BeatCurve, FollowsLoudnessWithoutFlicker) {
  Samples samples = silence(4);
  add_tone(samples, 80, 0.5, 1, 1);
  const SoundAnalysis sound(samples);
  const BeatCurve curve(parse_beat_spec("strength=bass:0..1@attack=0.1@decay=0.5"), 0, &sound);
  EXPECT_LT(curve.level(0.9, 0.91), 0.01);
  EXPECT_NEAR(curve.level(1.1, 1.11), 1 - std::exp(-1), 0.1);
  EXPECT_GT(curve.level(1.8, 1.81), 0.99);
  EXPECT_NEAR(curve.level(2.5, 2.51), std::exp(-1), 0.08);
  double last = curve.level(1.5, 1.51);
  for (double t = 1.51; t < 3; t += 0.01) {
    const double level = curve.level(t, t + 0.01);
    EXPECT_LT(std::fabs(level - last), 0.03) << t;
    last = level;
  }
  EXPECT_EQ(curve.level(10, 10.1), 0);
}

}  // namespace
}  // namespace reverie
