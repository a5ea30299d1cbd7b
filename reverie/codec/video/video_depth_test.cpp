// Videos of more than 8 bits, and those that lose nothing.
#include <algorithm>
#include <cmath>
#include <set>

#include "reverie/base/error.h"
#include "reverie/codec/image/image_fixture.h"
#include "reverie/codec/video/video_read.h"
#include "reverie/codec/video/video_write.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;

class VideoDepthTest : public ImageFileTest {
 protected:
  // A grey that rises by four levels over the width: what 8 bits make bands of.
  static Image ramp() {
    Image frame;
    frame.color = Tensor({3, 64, 128});
    for (std::int64_t i = 0; i < frame.color.size(); ++i)
      frame.color[i] = 100 + 4 * static_cast<float>(i % 128) / 127;
    return frame;
  }

  // Written and read back; an empty picture where this FFmpeg lacks the encoder.
  Image written(const std::string& name, VideoCodec codec, int bits, const Image& frame) const {
    VideoOptions options;
    options.codec = codec;
    options.bits = bits;
    options.quality = 100;
    options.alpha = !frame.alpha.empty();
    try {
      VideoWriter writer(file(name), frame.width(), frame.height(), options);
      for (int k = 0; k < 3; ++k) writer.add(frame);
      writer.finish();
    } catch (const CodecFailure& error) {
      EXPECT_NE(std::string(error.what()).find("no encoder"), std::string::npos) << error.what();
      return {};
    }
    VideoReaderOptions reading;
    reading.keep_alpha = options.alpha;
    VideoReader reader(file(name), {}, reading);
    Image back;
    EXPECT_TRUE(reader.next(back));
    return back;
  }

  // How many levels a row has, apart from noise below a thousandth of the range.
  static std::size_t levels(const Image& frame) {
    std::set<long> found;
    for (std::int64_t x = 0; x < 128; ++x)
      found.insert(std::lrint(frame.color.view().at(1, 32, x) * 8));
    return found.size();
  }

  // What is fully transparent has no colour.
  static Image seen(Image frame) {
    for (std::int64_t i = 0; !frame.alpha.empty() && i < frame.color.size(); ++i)
      if (frame.alpha[i % frame.alpha.size()] == 0) frame.color[i] = 0;
    return frame;
  }

  static double mean_difference(const Tensor& a, const Tensor& b) {
    double sum = 0;
    for (std::int64_t i = 0; i < a.size(); ++i) sum += std::fabs(static_cast<double>(a[i]) - b[i]);
    return sum / static_cast<double>(a.size());
  }

  static double largest_difference(const Tensor& a, const Tensor& b) {
    double largest = 0;
    for (std::int64_t i = 0; i < a.size(); ++i)
      largest = std::max(largest, std::fabs(static_cast<double>(a[i]) - b[i]));
    return largest;
  }
};

TEST_F(VideoDepthTest, TenBitsAreThoseOfTheFrames) {
  EXPECT_LE(levels(written("plain.mkv", VideoCodec::automatic, 8, ramp())), 6u);
  int made = 0;
  for (const auto& [name, codec] : video_codec_names) {
    SCOPED_TRACE(name);
    if (codec == VideoCodec::automatic) continue;
    const Image back = written(std::string(name) + ".mkv", codec, 10, ramp());
    if (back.color.empty()) continue;
    ++made;
    EXPECT_GE(levels(back), 11u);
    EXPECT_LT(largest_difference(back.color, ramp().color), 0.8);
    // Colours, too, have their meaning
    const Image colors = picture(64, 128);
    EXPECT_LT(mean_difference(colors.color,
                              written(std::string(name) + "_colors.mkv", codec, 10, colors).color),
              2);
  }
  EXPECT_GE(made, 1);
}

TEST_F(VideoDepthTest, Ffv1LosesNothing) {
  for (const bool alpha : {false, true}) {
    const Image frame = picture(63, 97, alpha);  // an odd size stays odd
    for (const int bits : {8, 10, 16}) {
      SCOPED_TRACE(bits);
      const Image back = written("exact" + std::to_string(bits) + (alpha ? "a.mkv" : ".mkv"),
                                 VideoCodec::ffv1, bits, frame);
      ASSERT_FALSE(back.color.empty());
      ASSERT_EQ(back.color.shape(), frame.color.shape());
      // Rounded once; libswscale repeats the upper bits of 10 to make 16 of them
      const double step = 255.0 / ((1 << bits) - 1);
      EXPECT_LT(largest_difference(back.color, seen(frame.clone()).color), 0.52 * step + 1e-4);
      if (alpha) {
        EXPECT_LT(largest_difference(back.alpha, frame.alpha), 0.52 * step + 1e-4);
      }
    }
  }
}

TEST_F(VideoDepthTest, ProResKeepsTransparency) {
  const Image back = written("a.mov", VideoCodec::prores, 10, picture(64, 96, true));
  ASSERT_FALSE(back.alpha.empty());
  EXPECT_LT(largest_difference(back.alpha, picture(64, 96, true).alpha), 3);
}

TEST_F(VideoDepthTest, WhatCannotHaveItSaysSo) {
  const auto error_of = [&](const std::string& name, VideoCodec codec, int bits) {
    VideoOptions options;
    options.codec = codec;
    options.bits = bits;
    try {
      check_video_output(file(name), options);
      return std::string();
    } catch (const CodecFailure& error) {
      return std::string(error.what());
    }
  };
  const auto has = [](const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  };
  EXPECT_TRUE(has(error_of("a.gif", VideoCodec::automatic, 10), "no frames of 10 bits"));
  EXPECT_TRUE(has(error_of("a.avi", VideoCodec::automatic, 10), "no frames of 10 bits"));
  EXPECT_TRUE(has(error_of("a.mkv", VideoCodec::h265, 16), "FFV1 has 8, 10 and 16"));
  EXPECT_TRUE(has(error_of("a.mp4", VideoCodec::ffv1, 8), ".mp4 cannot hold FFV1; .mkv can"));
  EXPECT_TRUE(has(error_of("a.mp4", VideoCodec::prores, 10), ".mp4 cannot hold ProRes; .mov can"));
}

}  // namespace
}  // namespace reverie
