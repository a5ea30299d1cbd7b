// Frames that are interlaced, telecined, turned, mirrored or transparent.
#include <array>

#include "reverie/base/error.h"
#include "reverie/codec/image/image_fixture.h"
#include "reverie/codec/metadata/gif_comment.h"
#include "reverie/codec/video/source_file_fixture.h"
#include "reverie/codec/video/video_read.h"
#include "reverie/codec/video/video_write.h"
#include "reverie/image/scene/cloudscape.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;
using ffmpeg::SourceFile;

class VideoFramesTest : public ImageFileTest {
 protected:
  static constexpr int width = 96, height = 64;
  using Moment = std::function<double(int frame, int row)>;

  // Waves that pass; each row of a frame shows its own moment.
  static void paint(AVFrame& frame, int number, const Moment& moment) {
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x)
        frame.data[0][y * frame.linesize[0] + x] = static_cast<std::uint8_t>(
            std::lround(125 + 90 * std::sin(0.3 * x + 0.05 * y - 0.9 * moment(number, y))));
    for (int plane = 1; plane < 3; ++plane)
      for (int y = 0; y < height / 2; ++y)
        std::memset(frame.data[plane] + static_cast<std::ptrdiff_t>(y) * frame.linesize[plane], 128,
                    width / 2);
  }

  fs::path film(const std::string& name, AVCodecID codec, int frames, const Moment& moment,
                bool marked, AVRational rate = {25, 1}) const {
    SourceFile source(file(name));
    source.add_pictures(
        codec, width, height, frames,
        [&](int number, AVFrame& frame) { paint(frame, number, moment); }, rate, AV_PIX_FMT_YUV420P,
        marked);
    source.write();
    return file(name);
  }

  std::vector<Image> frames_of(const fs::path& video, const VideoReaderOptions& options = {}) {
    said_.clear();
    VideoReader reader(
        video, [&](const std::string& line) { said_ += line + "\n"; }, options);
    std::vector<Image> frames;
    times_.clear();
    for (Image frame; reader.next(frame);) {
      frames.push_back(frame.clone());
      times_.push_back(reader.seconds());
    }
    return frames;
  }

  static double difference(const Tensor& a, const Tensor& b) {
    double sum = 0;
    for (std::int64_t i = 0; i < a.size(); ++i) sum += std::fabs(a[i] - b[i]);
    return sum / static_cast<double>(a.size());
  }

  // Without the first and the last, of which the filters know one side only.
  static double mean_difference(const std::vector<Image>& a, const std::vector<Image>& b) {
    EXPECT_EQ(a.size(), b.size());
    double sum = 0;
    const std::size_t end = std::min(a.size(), b.size()) - 1;
    for (std::size_t i = 1; i < end; ++i) sum += difference(a[i].color, b[i].color);
    return sum / static_cast<double>(end - 1);
  }

  std::string said_;
  std::vector<double> times_;
};

constexpr VideoReaderOptions automatic{Deinterlacing::automatic, false, {}};

TEST_F(VideoFramesTest, InterlacedFramesBecomeProgressive) {
  const Moment fields = [](int frame, int row) { return frame + 0.5 * (row % 2); };
  const std::vector<Image> truth = frames_of(film(
      "truth.mkv", AV_CODEC_ID_FFV1, 24, [](int frame, int) { return frame; }, false));
  for (const bool marked : {true, false}) {
    SCOPED_TRACE(marked);
    const fs::path video =
        film(marked ? "a.mkv" : "b.mkv", marked ? AV_CODEC_ID_MPEG2VIDEO : AV_CODEC_ID_FFV1, 24,
             fields, marked);
    const double combed = mean_difference(frames_of(video), truth);
    EXPECT_EQ(said_, "");
    const std::vector<double> times = times_;
    const double clean = mean_difference(frames_of(video, automatic), truth);
    EXPECT_LT(clean, combed / 4) << combed;
    EXPECT_NE(said_.find("is interlaced"), std::string::npos) << said_;
    EXPECT_EQ(times_, times);
  }
}

// Where only a part moves, as in most videos, and nothing is marked
TEST_F(VideoFramesTest, CombsInAPartOfTheFrameAreFound) {
  const Image scene = cloudscape(width, height, 5);
  SourceFile source(file("a.mkv"));
  source.add_pictures(AV_CODEC_ID_FFV1, width, height, 40, [&](int number, AVFrame& frame) {
    paint(frame, number, [](int k, int row) { return k + 0.5 * (row % 2); });
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x)
        if (x > width / 5)
          frame.data[0][y * frame.linesize[0] + x] =
              static_cast<std::uint8_t>(scene.color.view().at(0, y, x));
  });
  source.write();
  frames_of(file("a.mkv"), automatic);
  EXPECT_NE(said_.find("is interlaced"), std::string::npos) << said_;
}

TEST_F(VideoFramesTest, ProgressiveFramesStayAsTheyAre) {
  const Moment whole = [](int frame, int) { return frame; };
  for (const bool marked : {true, false}) {
    const fs::path video =
        film(marked ? "a.mkv" : "b.mkv", AV_CODEC_ID_MPEG2VIDEO, 30, whole, marked);
    const std::vector<Image> plain = frames_of(video);
    EXPECT_EQ(mean_difference(frames_of(video, automatic), plain), 0) << marked;
    EXPECT_EQ(said_, "");
    // Unless all are to be
    EXPECT_GT(mean_difference(frames_of(video, {Deinterlacing::yes, false, {}}), plain), 0);
  }
}

// From frame to frame a row that moves down by one is a field of the frame before
TEST_F(VideoFramesTest, WhatMovesUpIsNotInterlaced) {
  SourceFile source(file("a.mkv"));
  const Image scene = cloudscape(width + 64, height + 16, 5);
  source.add_pictures(AV_CODEC_ID_FFV1, width, height, 40, [&](int number, AVFrame& frame) {
    paint(frame, 0, [](int, int) { return 0.0; });
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x)
        frame.data[0][y * frame.linesize[0] + x] =
            static_cast<std::uint8_t>(scene.color.view().at(0, y + number % 16, x + number % 64));
  });
  source.write();
  const std::vector<Image> plain = frames_of(file("a.mkv"));
  EXPECT_EQ(mean_difference(frames_of(file("a.mkv"), automatic), plain), 0);
  EXPECT_EQ(said_, "");
}

// 3:2 pulldown: of four frames A B C D come AA AB BC CD DD, of which the second halves are fields
TEST_F(VideoFramesTest, TelecinedFilmsGetTheirOwnFramesBack) {
  constexpr std::array<std::array<int, 2>, 5> pulldown{{{0, 0}, {0, 1}, {1, 2}, {2, 3}, {3, 3}}};
  const Moment fields = [&](int frame, int row) {
    return 4 * (frame / 5) +
           pulldown[static_cast<std::size_t>(frame % 5)][static_cast<std::size_t>(row % 2)];
  };
  const std::vector<Image> truth = frames_of(film(
      "truth.mkv", AV_CODEC_ID_FFV1, 48, [](int frame, int) { return frame; }, false));
  const fs::path video = film("a.mkv", AV_CODEC_ID_MPEG2VIDEO, 60, fields, true, {30000, 1001});
  const std::vector<Image> found = frames_of(video, automatic);
  EXPECT_NE(said_.find("telecined"), std::string::npos) << said_;
  EXPECT_LT(mean_difference(found, truth), 6);
  for (std::size_t i = 0; i < times_.size(); ++i)
    EXPECT_NEAR(times_[i], static_cast<double>(i) * 1001 / 24000, 0.03) << i;
  VideoReader reader(video, {}, automatic);
  EXPECT_NEAR(reader.fps(), 24000 / 1001.0, 1e-6);
}

// The matrix of a track header, as cameras and editors write it
TEST_F(VideoFramesTest, TheEightDisplayMatricesAreFollowed) {
  VideoOptions options;
  options.codec = VideoCodec::automatic;
  {
    VideoWriter writer(file("a.mp4"), width, height, options);
    for (int k = 0; k < 2; ++k) {
      Image frame = picture(height, width);
      // A bright corner tells up from down and left from right
      for (std::int64_t y = 0; y < 20; ++y)
        for (std::int64_t x = 0; x < 30; ++x) frame.color.view().at(1, y, x) = 250;
      writer.add(frame);
    }
    writer.finish();
  }
  const std::string bytes = bytes_of(file("a.mp4"));
  const Image upright = frames_of(file("a.mp4")).at(0).clone();
  const std::size_t matrix = bytes.find("tkhd") + 4 + 4 + 20 + 16;
  struct Trial {
    int a, b, c, d;
  };
  for (const auto& [a, b, c, d] :
       {Trial{1, 0, 0, 1}, Trial{-1, 0, 0, 1}, Trial{1, 0, 0, -1}, Trial{-1, 0, 0, -1},
        Trial{0, 1, 1, 0}, Trial{0, 1, -1, 0}, Trial{0, -1, 1, 0}, Trial{0, -1, -1, 0}}) {
    SCOPED_TRACE(std::to_string(a) + std::to_string(b) + std::to_string(c) + std::to_string(d));
    std::string turned = bytes;
    const std::array<int, 9> values{a * 65536, b * 65536, 0, c * 65536, d * 65536,
                                    0,         0,         0, 1 << 30};
    for (std::size_t i = 0; i < 36; ++i)
      turned[matrix + i] =
          static_cast<char>(static_cast<std::uint32_t>(values[i / 4]) >> (24 - 8 * (i % 4)) & 255);
    std::ofstream(file("b.mp4"), std::ios::binary) << turned;
    VideoReader reader(file("b.mp4"));
    Image shown;
    ASSERT_TRUE(reader.next(shown));
    EXPECT_EQ(shown.width(), a != 0 ? width : height);
    EXPECT_EQ(reader.width(), shown.width());
    // Where each pixel goes, moved so that none is negative
    double worst = 0;
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x) {
        const int to_x = a * x + c * y + (a < 0 ? width - 1 : 0) + (c < 0 ? height - 1 : 0);
        const int to_y = b * x + d * y + (b < 0 ? width - 1 : 0) + (d < 0 ? height - 1 : 0);
        worst = std::max(worst, std::fabs(static_cast<double>(shown.color.view().at(1, to_y, to_x) -
                                                              upright.color.view().at(1, y, x))));
      }
    EXPECT_EQ(worst, 0);
  }
}

// Transparent up to a column, colors on both sides.
Image transparent_at_left(Image frame, std::int64_t columns) {
  frame.alpha = Tensor({1, frame.height(), frame.width()});
  for (std::int64_t y = 0; y < frame.height(); ++y)
    for (std::int64_t x = 0; x < frame.width(); ++x)
      frame.alpha.view().at(0, y, x) = x < columns ? 0 : 255;
  return frame;
}

TEST_F(VideoFramesTest, TransparencyIsKeptOrComposed) {
  // The edge moves to the left and back, so that what was transparent is seen and hidden again
  std::vector<Image> frames;
  for (const std::int64_t columns : {50, 30, 20, 48})
    frames.push_back(transparent_at_left(picture(height, width), columns));
  for (const char* name : {"a.webm", "a.gif", "a.mov"}) {
    SCOPED_TRACE(name);
    ASSERT_TRUE(can_hold_alpha(file(name), VideoCodec::automatic));
    VideoOptions options;
    options.alpha = true;
    VideoWriter writer(file(name), width, height, options);
    for (const Image& frame : frames) writer.add(frame);
    writer.finish();
    const std::vector<Image> kept = frames_of(file(name), {Deinterlacing::no, true, {}});
    EXPECT_EQ(said_, "");
    ASSERT_EQ(kept.size(), 4u);
    for (std::size_t k = 0; k < 4; ++k) {
      ASSERT_FALSE(kept[k].alpha.empty());
      EXPECT_LT(difference(kept[k].alpha, frames[k].alpha), 1.5) << k;
    }
    double seen = 0;
    for (std::int64_t y = 0; y < height; ++y)
      for (std::int64_t x = 3 * width / 4; x < width; ++x)
        seen += std::fabs(kept[3].color.view().at(0, y, x) - frames[3].color.view().at(0, y, x));
    EXPECT_LT(seen / (height * width / 4), 8);

    const std::vector<Image> composed =
        frames_of(file(name), {Deinterlacing::no, false, {200, 10, 30}});
    EXPECT_NE(said_.find("--background"), std::string::npos) << said_;
    EXPECT_TRUE(composed[3].alpha.empty());
    EXPECT_NEAR(composed[3].color.view().at(0, 30, 10), 200, 3);
    EXPECT_NEAR(composed[3].color.view().at(1, 30, 10), 10, 3);
  }
  EXPECT_FALSE(can_hold_alpha(file("a.mp4"), VideoCodec::automatic));
  EXPECT_FALSE(can_hold_alpha(file("a.mkv"), VideoCodec::automatic));
  EXPECT_FALSE(can_hold_alpha(file("a.mov"), VideoCodec::h264));
  EXPECT_TRUE(can_hold_alpha(file("a.mkv"), VideoCodec::vp9));
}

TEST_F(VideoFramesTest, GifsKeepTheirLoops) {
  {
    VideoWriter writer(file("a.gif"), width, height, {});
    for (int k = 0; k < 3; ++k) writer.add(picture(height, width));
    writer.finish();
  }
  std::string bytes = bytes_of(file("a.gif"));
  EXPECT_EQ(gif_loops(bytes), 0);
  const std::size_t loops = bytes.find("NETSCAPE2.0") + 13;
  for (const int count : {7, 258, -1}) {
    std::string other = bytes;
    if (count >= 0) {
      other[loops] = static_cast<char>(count & 255);
      other[loops + 1] = static_cast<char>(count >> 8);
    } else {
      other.erase(loops - 16, 19);
    }
    ASSERT_EQ(gif_loops(other), count);
    std::ofstream(file("b.gif"), std::ios::binary) << other;
    fs::remove(file("c.gif"));
    VideoOptions options;
    options.remux.video = file("b.gif");
    VideoWriter writer(file("c.gif"), width, height, options);
    for (int k = 0; k < 3; ++k) writer.add(picture(height, width));
    writer.finish();
    EXPECT_EQ(gif_loops(bytes_of(file("c.gif"))), count);
  }
  for (std::size_t length = 0; length < bytes.size(); ++length)
    EXPECT_LE(gif_loops(std::string_view(bytes).substr(0, length)), 0);
  EXPECT_EQ(gif_loops("no GIF"), -1);
}

}  // namespace
}  // namespace reverie
