// video_fixture.h: videos that tests make for themselves, with sound.
#pragma once

#include <cmath>
#include <fstream>
#include <numbers>
#include <string>

#include "reverie/codec/video/video_read.h"
#include "reverie/codec/video/video_write.h"
#include "reverie/image/scene/cloudscape.h"
#include "tests/cli/program.h"

namespace reverie::test {

class VideoProgramTest : public ProgramTest {
 protected:
  // A tone of 440 Hz, mono, 16 bits, 8000 samples a second.
  void make_sound(const std::string& name, double seconds) const {
    const auto samples = static_cast<std::uint32_t>(seconds * 8000);
    std::string wav;
    const auto put = [&wav](std::uint32_t value, int bytes) {
      for (int i = 0; i < bytes; ++i) wav += static_cast<char>(value >> (8 * i));
    };
    wav += "RIFF", put(36 + 2 * samples, 4), wav += "WAVEfmt ", put(16, 4), put(1, 2), put(1, 2);
    put(8000, 4), put(16000, 4), put(2, 2), put(16, 2), wav += "data", put(2 * samples, 4);
    for (std::uint32_t i = 0; i < samples; ++i)
      put(static_cast<std::uint32_t>(
              std::lround(9000 * std::sin(2 * std::numbers::pi * 440 * i / 8000.0)) & 0xffff),
          2);
    std::ofstream(folder_ / name, std::ios::binary) << wav;
  }

  // A camera moves over clouds, and from frame `cut` on over other clouds. Frames come 40 ms after
  // each other, every fifth 80 ms after the last.
  void make_video(const std::string& name, int frames, int cut = 1000000, int width = 96,
                  int height = 64) const {
    const Image scenes[]{cloudscape(width + 64, height + 16, 5),
                         cloudscape(width + 64, height + 16, 9)};
    VideoOptions options;
    options.fps = 25;
    options.unit = {1, 1000};
    options.overwrite = true;
    make_sound("tone.wav", 0.045 * frames);
    if (std::filesystem::path(name).extension() == ".mkv")
      options.remux.video = folder_ / "tone.wav";
    VideoWriter writer(folder_ / name, width, height, options);
    Image frame;
    frame.color = Tensor({3, height, width});
    for (int k = 0; k < frames; ++k) {
      const Tensor& scene = scenes[k >= cut].color;
      for (std::int64_t c = 0; c < 3; ++c)
        for (std::int64_t y = 0; y < height; ++y)
          for (std::int64_t x = 0; x < width; ++x) {
            const float value = scene.view().at(c, y + k % 16, x + k % 64);
            frame.color.view().at(c, y, x) = k >= cut ? 255 - value : value;
          }
      writer.add(frame, {40 * k + 40 * (k / 5), 40});
    }
    writer.finish();
  }

  std::vector<double> times_of(const std::string& video) const {
    VideoReader reader(folder_ / video);
    std::vector<double> times;
    while (reader.skip()) times.push_back(reader.seconds());
    return times;
  }

  // A video's dream that takes a moment for each frame.
  static std::vector<std::string> short_video(const std::string& video, const std::string& output,
                                              const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{"video",
                                       video,
                                       "-o",
                                       output,
                                       "--octaves",
                                       "1",
                                       "--iterations",
                                       "2",
                                       "--carried-iterations",
                                       "1",
                                       "--layer",
                                       "3a/concat"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
};

}  // namespace reverie::test
