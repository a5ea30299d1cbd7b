// Videos that are put together out of the encoded pictures of others.
#include "reverie/codec/video/video_join.h"

#include "reverie/base/error.h"
#include "reverie/codec/image/image_fixture.h"
#include "reverie/codec/video/video_read.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;

class VideoJoinTest : public ImageFileTest {
 protected:
  // A video whose pictures move, `count` of them from number `first` on.
  VideoPart make_part(const std::string& name, const VideoOptions& options, int first,
                      int count) const {
    const fs::path path = file(name);
    const Image still = picture(48, 64);
    VideoWriter writer(path, 64, 48, options);
    for (int k = first; k < first + count; ++k) {
      Image frame = still.clone();
      for (std::int64_t i = 0; i < frame.color.size(); ++i)
        frame.color[i] = still.color[(i + 3 * k) % still.color.size()];
      writer.add(frame);
    }
    writer.finish();
    return {path, 0, count};
  }

  static std::vector<Image> frames_of(const fs::path& path) {
    VideoReader reader(path);
    std::vector<Image> frames;
    Image frame;
    for (int k = 0; reader.next(frame); ++k) {
      EXPECT_NEAR(reader.seconds(), k / 25.0, 0.011) << path;
      frames.push_back(frame.clone());
    }
    return frames;
  }

  static void expect_same(const std::vector<Image>& joined, std::size_t from,
                          const std::vector<Image>& part) {
    ASSERT_LE(from + part.size(), joined.size());
    for (std::size_t k = 0; k < part.size(); ++k)
      for (std::int64_t i = 0; i < part[k].color.size(); ++i)
        ASSERT_EQ(joined[from + k].color[i], part[k].color[i]) << "frame " << from + k;
  }
};

TEST_F(VideoJoinTest, EveryFormatKeepsItsPicturesToTheBit) {
  for (const std::string& extension : video_extensions()) {
    SCOPED_TRACE(extension);
    VideoOptions options;
    options.fps = 25;
    const VideoPart a = make_part("a." + extension, options, 0, 15);
    const VideoPart b = make_part("b." + extension, options, 15, 1);
    const VideoPart c = make_part("c." + extension, options, 16, 9);
    const std::vector<Image> first = frames_of(a.video), last = frames_of(c.video);
    const fs::path path = file("joined." + extension);
    options.recipe = R"({"recipe": {}})";
    join_videos(path, {a, b, c}, options);

    EXPECT_EQ(count_pictures(path), 25);
    EXPECT_EQ(read_video_recipe(path), options.recipe);
    EXPECT_NEAR(VideoReader(path).fps(), 25, 0.1);
    const std::vector<Image> joined = frames_of(path);
    ASSERT_EQ(joined.size(), 25u);
    expect_same(joined, 0, first);
    expect_same(joined, 16, last);

    // Parts of what was joined can be joined again, and are known by their bytes
    EXPECT_EQ(checksum_of({path, 0, 15}), checksum_of(a));
    EXPECT_EQ(checksum_of({path, 16, 9}), checksum_of(c));
    EXPECT_NE(checksum_of(a), checksum_of({path, 1, 15}));
    const fs::path again = file("again." + extension);
    join_videos(again, {{path, 0, 15}, {path, 16, 9}}, options);
    const std::vector<Image> shorter = frames_of(again);
    ASSERT_EQ(shorter.size(), 24u);
    expect_same(shorter, 0, first);
    expect_same(shorter, 15, last);
  }
}

TEST_F(VideoJoinTest, EveryCodecKeepsItsPicturesToTheBit) {
  for (const auto& [name, codec] : video_codec_names) {
    if (codec == VideoCodec::automatic) continue;
    SCOPED_TRACE(name);
    for (const char* extension : {"mp4", "mkv"}) {
      VideoOptions options;
      options.fps = 25;
      options.codec = codec;
      options.overwrite = true;
      try {
        check_video_output(file("a." + std::string(extension)), options);
      } catch (const CodecFailure&) {
        continue;  // an encoder that this system has not, or a form that cannot hold it
      }
      const VideoPart a = make_part("a." + std::string(extension), options, 0, 11);
      const VideoPart b = make_part("b." + std::string(extension), options, 11, 7);
      const fs::path path = file(std::string("joined.") + extension);
      join_videos(path, {a, b}, options);
      const std::vector<Image> joined = frames_of(path);
      ASSERT_EQ(joined.size(), 18u);
      expect_same(joined, 0, frames_of(a.video));
      expect_same(joined, 11, frames_of(b.video));
    }
  }
}

TEST_F(VideoJoinTest, RefusesWhatOneHeaderCannotDescribe) {
  VideoOptions options;
  options.fps = 25;
  const VideoPart a = make_part("a.mkv", options, 0, 3);
  VideoOptions other = options;
  other.codec = VideoCodec::vp9;
  const VideoPart b = make_part("b.mkv", other, 0, 3);
  EXPECT_THROW(join_videos(file("joined.mkv"), {a, b}, options), CodecFailure);
  EXPECT_THROW(join_videos(file("joined.mkv"), {{a.video, 0, 4}}, options), BadImage);
  EXPECT_THROW(checksum_of({a.video, 2, 2}), BadImage);
  EXPECT_THROW(join_videos(a.video, {b}, options), FileFailure);
  EXPECT_FALSE(fs::exists(file("joined.mkv")));
  EXPECT_EQ(names().size(), 2u);
}

}  // namespace
}  // namespace reverie
