#include "reverie/codec/video/sound_read.h"

#include <cmath>
#include <cstring>
#include <fstream>
#include <numbers>

#include "reverie/base/error.h"
#include "reverie/base/random.h"
#include "reverie/codec/image/image_fixture.h"
#include "reverie/codec/video/source_file_fixture.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;
using ffmpeg::SourceFile;

// The bytes of a WAVE file of 16 bits.
std::string wave_file(int rate, int channels, const std::vector<float>& samples) {
  std::string data;
  for (const float sample : samples)
    for (int channel = 0; channel < channels; ++channel) {
      const auto value = static_cast<std::int16_t>(std::lround(32000 * sample));
      data.append({static_cast<char>(value & 255), static_cast<char>(value >> 8)});
    }
  const auto number = [](std::uint32_t value, int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 255);
    return text;
  };
  const auto size = static_cast<std::uint32_t>(data.size());
  const auto all = static_cast<std::uint32_t>(rate * channels * 2);
  return "RIFF" + number(36 + size, 4) + "WAVEfmt " + number(16, 4) + number(1, 2) +
         number(static_cast<std::uint32_t>(channels), 2) +
         number(static_cast<std::uint32_t>(rate), 4) + number(all, 4) +
         number(static_cast<std::uint32_t>(channels * 2), 2) + number(16, 2) + "data" +
         number(size, 4) + data;
}

// A tone of 1 kHz that begins at `onset`.
std::vector<float> late_tone(int rate, double seconds, double onset) {
  std::vector<float> samples;
  for (int i = 0; i < static_cast<int>(seconds * rate); ++i) {
    const double time = static_cast<double>(i) / rate;
    samples.push_back(static_cast<float>(
        time < onset ? 0 : 0.8 * std::sin(2000 * std::numbers::pi * (time - onset))));
  }
  return samples;
}

class SoundReadTest : public ImageFileTest {
 protected:
  void write(const std::string& name, const std::string& bytes) const {
    std::ofstream(file(name), std::ios::binary) << bytes;
  }

  std::vector<float> read(const std::string& name, SoundLength* length = nullptr) const {
    std::vector<float> all;
    const SoundLength found = read_sound(file(name), [&](std::span<const float> samples) {
      all.insert(all.end(), samples.begin(), samples.end());
    });
    EXPECT_NEAR(found.seconds, static_cast<double>(all.size()) / sound_rate, 1e-9);
    if (length != nullptr) *length = found;
    return all;
  }

  static double onset_of(const std::vector<float>& samples) {
    for (std::size_t i = 0; i < samples.size(); ++i)
      if (std::fabs(samples[i]) > 0.2f) return static_cast<double>(i) / sound_rate;
    return -1;
  }

  std::string complaint(const std::string& name) const {
    try {
      read(name);
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
      return error.what();
    }
    return "";
  }
};

TEST_F(SoundReadTest, ReadsAnyRateAndAnyChannelsAsOne) {
  for (const int rate : {8000, 11025, 22050, 44100, 48000, 96000, 192000})
    for (const int channels : {1, 2, 6}) {
      write("tone.wav", wave_file(rate, channels, late_tone(rate, 1.5, 0.75)));
      const std::vector<float> samples = read("tone.wav");
      const std::string what = std::to_string(rate) + " x " + std::to_string(channels);
      EXPECT_NEAR(static_cast<double>(samples.size()) / sound_rate, 1.5, 0.002) << what;
      EXPECT_NEAR(onset_of(samples), 0.75, 0.002) << what;
      const float loudest = *std::max_element(samples.begin(), samples.end());
      EXPECT_GT(loudest, 0.4f) << what;
      EXPECT_LT(loudest, 1.f) << what;
      EXPECT_NEAR(stated_sound_length(file("tone.wav")), 1.5, 0.002) << what;
    }
}

// Times are those of a file's pictures, whatever its own clock begins with.
TEST_F(SoundReadTest, CountsFromTheBeginningOfTheFile) {
  for (const double later : {0.0, 3.0}) {
    SourceFile source(file("film.mkv"));
    source.add_grey_pictures(AV_CODEC_ID_MPEG4, 25);
    source.add_sound(AV_CODEC_ID_AAC, 44100, 1.1, 0.5, AV_SAMPLE_FMT_FLTP);
    source.write(later);
    EXPECT_NEAR(onset_of(read("film.mkv")), 0.5, 0.03) << later;
  }
}

// Sound that begins after the pictures, and pauses.
TEST_F(SoundReadTest, FillsGapsWithSilence) {
  std::string packet;
  for (int i = 0; i < 9600; ++i)
    packet += i / 24 % 2 == 0 ? std::string("\0\x40", 2) : std::string("\0\xc0", 2);
  SourceFile source(file("film.mkv"));
  source.add_grey_pictures(AV_CODEC_ID_MPEG4, 50);
  source.add_raw(AVMEDIA_TYPE_AUDIO, AV_CODEC_ID_PCM_S16LE, {400, 600, 1500}, packet);
  source.write();
  const std::vector<float> samples = read("film.mkv");
  EXPECT_NEAR(onset_of(samples), 0.4, 0.01);
  const auto is_loud = [&](double time) {
    return std::fabs(samples.at(static_cast<std::size_t>(time * sound_rate))) > 0.2f ||
           std::fabs(samples.at(static_cast<std::size_t>(time * sound_rate) + 7)) > 0.2f;
  };
  for (const double time : {0.45, 0.7, 1.55}) EXPECT_TRUE(is_loud(time)) << time;
  for (const double time : {0.1, 0.9, 1.4}) EXPECT_FALSE(is_loud(time)) << time;
  EXPECT_NEAR(static_cast<double>(samples.size()) / sound_rate, 1.7, 0.01);
}

TEST_F(SoundReadTest, SaysWhatIsNoSound) {
  write("notes.txt", "not a sound, whatever its name says");
  EXPECT_NE(complaint("notes.txt").find("holds no sound"), std::string::npos)
      << complaint("notes.txt");
  write("notes.mp3", "not a sound");
  EXPECT_NE(complaint("notes.mp3").find("holds no sound"), std::string::npos)
      << complaint("notes.mp3");
  SourceFile mute(file("mute.mkv"));
  mute.add_grey_pictures(AV_CODEC_ID_MPEG4, 5);
  mute.write();
  EXPECT_NE(complaint("mute.mkv").find("has no sound"), std::string::npos) << complaint("mute.mkv");
  EXPECT_NE(complaint("missing.wav").find("cannot open"), std::string::npos);
}

// A file cut anywhere, or with broken bytes, is read as far as it goes, or is an error of a line.
TEST_F(SoundReadTest, ReadsWhatIsLeftOfADamagedFile) {
  const std::string whole = wave_file(8000, 1, late_tone(8000, 0.5, 0.1));
  for (std::size_t size = 0; size < whole.size(); size += size < 60 ? 1 : 997) {
    write("cut.wav", whole.substr(0, size));
    complaint("cut.wav");
  }
  SourceFile source(file("film.mkv"));
  source.add_sound(AV_CODEC_ID_AAC, 44100, 1.1, 0.2, AV_SAMPLE_FMT_FLTP);
  source.write();
  std::ifstream stream(file("film.mkv"), std::ios::binary);
  const std::string film{std::istreambuf_iterator<char>(stream), {}};
  RandomStream random = Random(5).at(RandomUse::noise, 0, 0, 0);
  for (int trial = 0; trial < 60; ++trial) {
    std::string broken = film;
    for (int i = 0; i < 20; ++i)
      broken[static_cast<std::size_t>(random.uniform_int(0, static_cast<int>(film.size()) - 1))] =
          static_cast<char>(random.uniform_int(0, 255));
    write("broken.mkv", broken);
    complaint("broken.mkv");
  }
}

// A time stamp that is days away makes no days of silence.
TEST_F(SoundReadTest, RefusesMoreThanADay) {
  SourceFile source(file("film.mkv"));
  source.add_raw(AVMEDIA_TYPE_AUDIO, AV_CODEC_ID_PCM_S16LE, {0, 200'000'000},
                 std::string(19200, '\1'));
  source.write();
  EXPECT_NE(complaint("film.mkv").find("more than a day"), std::string::npos)
      << complaint("film.mkv");
}

}  // namespace
}  // namespace reverie
