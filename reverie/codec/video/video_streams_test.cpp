// Sound, subtitles, fonts and covers of one video in another: copied, converted, named.
#include "reverie/base/error.h"
#include "reverie/codec/image/image_fixture.h"
#include "reverie/codec/video/source_file_fixture.h"
#include "reverie/codec/video/video_read.h"
#include "reverie/codec/video/video_write.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;
using ffmpeg::find;
using ffmpeg::onset_of_sound;
using ffmpeg::SeenStream;
using ffmpeg::SourceFile;
using ffmpeg::streams_in;

class VideoStreamsTest : public ImageFileTest {
 protected:
  static constexpr double onset = 0.5;

  // Reads a video and writes it again, with its streams.
  std::string remake(const fs::path& from, const fs::path& to,
                     SoundHandling sound = SoundHandling::automatic) const {
    std::string said;
    const NoticeSink notices = [&](const std::string& line) { said += line + "\n"; };
    VideoReader reader(from, notices);
    VideoOptions options;
    options.fps = 25;
    options.unit = reader.info().unit;
    options.remux = {from, 0, sound};
    VideoWriter writer(to, reader.width(), reader.height(), options, notices);
    for (Image frame; reader.next(frame);) writer.add(frame, reader.time());
    writer.finish();
    return said;
  }

  // A video of a second in which sound begins after half of it.
  fs::path video_with_sound(const std::string& name, AVCodecID codec, int rate,
                            AVSampleFormat format = AV_SAMPLE_FMT_S16) const {
    SourceFile source(file(name));
    source.add_grey_pictures(AV_CODEC_ID_MPEG4, 25);
    source.add_sound(codec, rate, 1.1, onset, format);
    source.write();
    return file(name);
  }

  static double first_frame(const fs::path& video) {
    return find(streams_in(video), AVMEDIA_TYPE_VIDEO)->starts.at(0);
  }
};

TEST_F(VideoStreamsTest, SoundThatAContainerRefusesIsConverted) {
  struct Trial {
    const char* from;
    AVCodecID codec;
    int rate;
    AVSampleFormat format;
    const char* to;
    AVCodecID becomes;
  };
  const Trial trials[]{
      {"a.avi", AV_CODEC_ID_PCM_S16LE, 48000, AV_SAMPLE_FMT_S16, "a.mp4", AV_CODEC_ID_AAC},
      {"b.avi", AV_CODEC_ID_ADPCM_MS, 44100, AV_SAMPLE_FMT_S16, "b.mp4", AV_CODEC_ID_AAC},
      {"c.mkv", AV_CODEC_ID_FLAC, 44100, AV_SAMPLE_FMT_S16, "c.mp4", AV_CODEC_ID_AAC},
      {"d.mkv", AV_CODEC_ID_FLAC, 44100, AV_SAMPLE_FMT_S16, "d.mov", AV_CODEC_ID_AAC},
      {"e.mkv", AV_CODEC_ID_PCM_S16LE, 8000, AV_SAMPLE_FMT_S16, "e.mp4", AV_CODEC_ID_AAC},
      {"f.mkv", AV_CODEC_ID_FLAC, 44100, AV_SAMPLE_FMT_S16, "f.webm", AV_CODEC_ID_OPUS},
      {"g.mkv", AV_CODEC_ID_VORBIS, 44100, AV_SAMPLE_FMT_FLTP, "g.avi", AV_CODEC_ID_MP3}};
  for (const Trial& trial : trials) {
    SCOPED_TRACE(trial.to);
    const std::string said =
        remake(video_with_sound(trial.from, trial.codec, trial.rate, trial.format), file(trial.to));
    EXPECT_NE(said.find("sound is converted"), std::string::npos) << said;
    const std::vector<SeenStream> streams = streams_in(file(trial.to));
    const SeenStream* const sound = find(streams, AVMEDIA_TYPE_AUDIO);
    ASSERT_NE(sound, nullptr);
    EXPECT_EQ(sound->codec, trial.becomes);
    EXPECT_EQ(find(streams, AVMEDIA_TYPE_VIDEO)->starts.size(), 25u);
    EXPECT_NEAR(onset_of_sound(file(trial.to)) - first_frame(file(trial.to)), onset, 0.006);
    EXPECT_GT(sound->starts.back(), 0.85);
  }
}

// avformat_query_codec() says yes to these, and the muxer's header no
TEST_F(VideoStreamsTest, TheMuxerItselfIsAsked) {
  const fs::path opus = video_with_sound("a.mkv", AV_CODEC_ID_OPUS, 48000);
  const std::string said = remake(opus, file("a.mov"));
  EXPECT_NE(said.find("opus to aac"), std::string::npos) << said;
  EXPECT_NEAR(onset_of_sound(file("a.mov")) - first_frame(file("a.mov")),
              onset_of_sound(opus) - first_frame(opus), 0.006);
}

TEST_F(VideoStreamsTest, SoundThatFitsIsCopiedUnlessToldOtherwise) {
  const fs::path source = video_with_sound("a.mkv", AV_CODEC_ID_AC3, 48000, AV_SAMPLE_FMT_FLTP);
  EXPECT_EQ(remake(source, file("a.mp4")), "");
  EXPECT_EQ(find(streams_in(file("a.mp4")), AVMEDIA_TYPE_AUDIO)->content,
            find(streams_in(source), AVMEDIA_TYPE_AUDIO)->content);
  EXPECT_NE(remake(source, file("b.mp4"), SoundHandling::convert).find("ac3 to aac"),
            std::string::npos);
  EXPECT_EQ(find(streams_in(file("b.mp4")), AVMEDIA_TYPE_AUDIO)->codec, AV_CODEC_ID_AAC);
  EXPECT_EQ(remake(source, file("c.mp4"), SoundHandling::none), "");
  EXPECT_EQ(find(streams_in(file("c.mp4")), AVMEDIA_TYPE_AUDIO), nullptr);

  const fs::path camera = video_with_sound("d.avi", AV_CODEC_ID_PCM_S16LE, 48000);
  const std::string said = remake(camera, file("d.webm"), SoundHandling::copy);
  EXPECT_NE(said.find("cannot hold sound (pcm_s16le)"), std::string::npos) << said;
  EXPECT_EQ(find(streams_in(file("d.webm")), AVMEDIA_TYPE_AUDIO), nullptr);
  EXPECT_NE(remake(camera, file("d.gif")).find("sound"), std::string::npos);
}

TEST_F(VideoStreamsTest, OpusKeepsItsPlaceInTime) {
  const fs::path source = video_with_sound("a.mkv", AV_CODEC_ID_OPUS, 48000);
  const double offset = onset_of_sound(source) - first_frame(source);
  for (const char* name : {"a.webm", "b.mkv", "c.mp4"}) {
    SCOPED_TRACE(name);
    EXPECT_EQ(remake(source, file(name)), "");
    EXPECT_NEAR(onset_of_sound(file(name)) - first_frame(file(name)), offset, 0.002);
  }
}

TEST_F(VideoStreamsTest, SubtitlesOfTextBecomeWhatTheContainerHolds) {
  SourceFile source(file("a.mkv"));
  source.add_grey_pictures(AV_CODEC_ID_MPEG4, 25);
  source.add_raw(AVMEDIA_TYPE_SUBTITLE, AV_CODEC_ID_SUBRIP, {100, 500}, "a word");
  source.write();
  struct Trial {
    const char* name;
    AVCodecID codec;
  };
  for (const auto& [name, codec] :
       {Trial{"a.mp4", AV_CODEC_ID_MOV_TEXT}, Trial{"a.mov", AV_CODEC_ID_MOV_TEXT},
        Trial{"a.webm", AV_CODEC_ID_WEBVTT}, Trial{"b.mkv", AV_CODEC_ID_SUBRIP}}) {
    SCOPED_TRACE(name);
    const std::string said = remake(file("a.mkv"), file(name));
    EXPECT_EQ(said.find("subtitles are converted") != std::string::npos,
              codec != AV_CODEC_ID_SUBRIP)
        << said;
    const std::vector<SeenStream> streams = streams_in(file(name));
    const SeenStream* const words = find(streams, AVMEDIA_TYPE_SUBTITLE);
    ASSERT_NE(words, nullptr);
    EXPECT_EQ(words->codec, codec);
    EXPECT_NE(words->content.find("a word"), std::string::npos);
    EXPECT_EQ(std::count_if(words->starts.begin(), words->starts.end(),
                            [](double t) { return std::fabs(t - 0.5) < 0.002; }),
              1);
  }
  EXPECT_NE(remake(file("a.mkv"), file("a.avi")).find("subtitles (subrip)"), std::string::npos);
  // And back
  remake(file("a.mp4"), file("c.mkv"));
  const std::vector<SeenStream> back = streams_in(file("c.mkv"));
  EXPECT_EQ(find(back, AVMEDIA_TYPE_SUBTITLE)->content, "a worda word");
}

TEST_F(VideoStreamsTest, FontsAndCoversStayInMatroska) {
  write_image(file("cover.jpg"), picture(48, 64), {});
  SourceFile source(file("a.mkv"));
  source.add_grey_pictures(AV_CODEC_ID_MPEG4, 5);
  source.add_attachment(AV_CODEC_ID_TTF, "letters.ttf", "application/x-truetype-font", "a font");
  source.add_attachment(AV_CODEC_ID_MJPEG, "cover.jpg", "image/jpeg", bytes_of(file("cover.jpg")));
  source.write();
  EXPECT_EQ(remake(file("a.mkv"), file("b.mkv")), "");
  const std::vector<SeenStream> kept = streams_in(file("b.mkv"));
  ASSERT_NE(find(kept, AVMEDIA_TYPE_ATTACHMENT), nullptr);
  EXPECT_EQ(find(kept, AVMEDIA_TYPE_ATTACHMENT)->name, "letters.ttf");
  ASSERT_NE(find(kept, AVMEDIA_TYPE_VIDEO, 1), nullptr);
  EXPECT_TRUE(find(kept, AVMEDIA_TYPE_VIDEO, 1)->cover);

  // MP4 has a place for a cover, and none for fonts; a cover goes back to Matroska
  std::string said = remake(file("a.mkv"), file("c.mp4"));
  EXPECT_NE(said.find("attachments (ttf)"), std::string::npos) << said;
  EXPECT_EQ(said.find("cover"), std::string::npos) << said;
  const std::vector<SeenStream> in_mp4 = streams_in(file("c.mp4"));
  ASSERT_NE(find(in_mp4, AVMEDIA_TYPE_VIDEO, 1), nullptr);
  EXPECT_EQ(find(in_mp4, AVMEDIA_TYPE_VIDEO, 1)->content, bytes_of(file("cover.jpg")));
  EXPECT_EQ(remake(file("c.mp4"), file("d.mkv")), "");
  EXPECT_EQ(find(streams_in(file("d.mkv")), AVMEDIA_TYPE_VIDEO, 1)->content,
            bytes_of(file("cover.jpg")));

  said = remake(file("a.mkv"), file("e.mov"));
  EXPECT_NE(said.find("cover picture (mjpeg)"), std::string::npos) << said;
}

TEST_F(VideoStreamsTest, DataAndFurtherPicturesAreNamed) {
  SourceFile source(file("a.mp4"));
  source.add_grey_pictures(AV_CODEC_ID_MPEG4, 25);
  source.add_raw(AVMEDIA_TYPE_DATA, AV_CODEC_ID_BIN_DATA, {0, 400}, "here",
                 MKTAG('g', 'p', 'm', 'd'));
  source.write();
  EXPECT_EQ(remake(file("a.mp4"), file("b.mp4")), "");
  ASSERT_NE(find(streams_in(file("b.mp4")), AVMEDIA_TYPE_DATA), nullptr);
  EXPECT_EQ(find(streams_in(file("b.mp4")), AVMEDIA_TYPE_DATA)->content, "herehere");
  EXPECT_NE(remake(file("a.mp4"), file("c.mkv")).find("data (gpmd)"), std::string::npos);

  SourceFile two(file("d.mkv"));
  two.add_grey_pictures(AV_CODEC_ID_MPEG4, 25);
  two.add_grey_pictures(AV_CODEC_ID_MPEG4, 25);
  two.write();
  EXPECT_NE(remake(file("d.mkv"), file("e.mkv")).find("second stream of pictures"),
            std::string::npos);
}

// MP4 keeps the names of chapters in a stream of their own, which is no loss
TEST_F(VideoStreamsTest, ChaptersAreNoData) {
  SourceFile source(file("a.mp4"));
  source.add_grey_pictures(AV_CODEC_ID_MPEG4, 25);
  auto* const chapter = static_cast<AVChapter*>(av_mallocz(sizeof(AVChapter)));
  *chapter = {};
  chapter->time_base = {1, 1000};
  chapter->end = 500;
  av_dict_set(&chapter->metadata, "title", "One", 0);
  int count = 0;
  av_dynarray_add(&source.file().chapters, &count, chapter);
  source.file().nb_chapters = 1;
  source.write();
  for (const char* name : {"b.mp4", "c.mkv"}) EXPECT_EQ(remake(file("a.mp4"), file(name)), "");
}

// As cameras join them: the bytes of one file after those of another
TEST_F(VideoStreamsTest, JoinedClipsFollowEachOther) {
  // The second begins again, or goes on an hour later
  for (const double later : {0.0, 3600.0}) {
    SCOPED_TRACE(later);
    std::string bytes;
    for (const double begin : {0.0, later}) {
      SourceFile clip(file("clip.ts"));
      clip.add_grey_pictures(AV_CODEC_ID_MPEG2VIDEO, 50);
      clip.add_sound(AV_CODEC_ID_AC3, 48000, 2.05, begin == 0 ? 0.5 : 0, AV_SAMPLE_FMT_FLTP);
      clip.write(begin);
      bytes += bytes_of(file("clip.ts"));
    }
    std::ofstream(file("joined.ts"), std::ios::binary) << bytes;
    const fs::path made = file(later == 0 ? "a.mp4" : "b.mp4");
    const std::string said = remake(file("joined.ts"), made);
    EXPECT_NE(said.find("time stamps jump"), std::string::npos) << said;
    const std::vector<SeenStream> streams = streams_in(made);
    for (const AVMediaType type : {AVMEDIA_TYPE_VIDEO, AVMEDIA_TYPE_AUDIO}) {
      std::vector<double> starts = find(streams, type)->starts;
      std::sort(starts.begin(), starts.end());
      for (std::size_t i = 1; i < starts.size(); ++i) {
        EXPECT_GT(starts[i], starts[i - 1]);
        EXPECT_LT(starts[i] - starts[i - 1], 0.15);
      }
      EXPECT_NEAR(starts.back() - starts.front(), 4.04, 0.1);
    }
    EXPECT_GE(find(streams, AVMEDIA_TYPE_VIDEO)->starts.size(), 98u);
  }
}

// Less than a clip's length, in a format that has no gaps: FLV, whose tags have their time in the
// fifth to the seventh byte
TEST_F(VideoStreamsTest, TimeStampsThatStepBackArePutInOrder) {
  SourceFile source(file("a.flv"));
  source.add_grey_pictures(AV_CODEC_ID_FLV1, 50);
  source.add_sound(AV_CODEC_ID_PCM_S16LE, 44100, 2, 0.5);
  source.write();
  std::string bytes = bytes_of(file("a.flv"));
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(bytes[at]); };
  for (std::size_t at = 13; at + 11 < bytes.size();) {
    const std::size_t size = byte(at + 1) << 16 | byte(at + 2) << 8 | byte(at + 3);
    const int time = byte(at + 4) << 16 | byte(at + 5) << 8 | byte(at + 6);
    if (time > 1000 && byte(at) != 18) {
      bytes[at + 5] = static_cast<char>((time - 400) >> 8);
      bytes[at + 6] = static_cast<char>((time - 400) & 255);
    }
    at += 11 + size + 4;
  }
  std::ofstream(file("b.flv"), std::ios::binary) << bytes;
  for (const char* name : {"b.mkv", "b.mp4"}) {
    const std::string said = remake(file("b.flv"), file(name));
    EXPECT_NE(said.find("pictures step back by 0.3"), std::string::npos) << said;
    EXPECT_EQ(said.find("could not be written"), std::string::npos) << said;
    const std::vector<SeenStream> streams = streams_in(file(name));
    EXPECT_EQ(find(streams, AVMEDIA_TYPE_VIDEO)->starts.size(), 50u);
    EXPECT_GT(find(streams, AVMEDIA_TYPE_AUDIO)->starts.size(), 60u);
  }
}

TEST_F(VideoStreamsTest, TheSameSourceGivesTheSameBytes) {
  const fs::path source = video_with_sound("a.mkv", AV_CODEC_ID_FLAC, 44100);
  for (const std::string extension : {".mp4", ".webm", ".mkv", ".avi"}) {
    remake(source, file("one" + extension), SoundHandling::convert);
    const std::string bytes = bytes_of(file("one" + extension));
    for (int again = 0; again < 4; ++again) {
      fs::remove(file("one" + extension));
      remake(source, file("one" + extension), SoundHandling::convert);
      EXPECT_TRUE(bytes_of(file("one" + extension)) == bytes) << extension;
    }
  }
}

// Sound that pauses while the pictures go on is no new clip
TEST_F(VideoStreamsTest, APauseOfTheSoundStaysWhereItIs) {
  SourceFile source(file("a.ts"));
  source.add_grey_pictures(AV_CODEC_ID_MPEG2VIDEO, 400);
  const std::string frame = [this] {
    SourceFile sound(file("sound.mkv"));
    sound.add_sound(AV_CODEC_ID_AC3, 48000, 0.5, 0, AV_SAMPLE_FMT_FLTP);
    sound.write();
    const std::string all = find(streams_in(file("sound.mkv")), AVMEDIA_TYPE_AUDIO)->content;
    return all.substr(0, all.find(all.substr(0, 2), 2));
  }();
  source.add_raw(AVMEDIA_TYPE_AUDIO, AV_CODEC_ID_AC3, {0, 32, 64, 15000, 15032, 15064}, frame);
  source.write();
  const std::string said = remake(file("a.ts"), file("a.mp4"));
  EXPECT_EQ(said.find("jump"), std::string::npos) << said;
  const std::vector<SeenStream> streams = streams_in(file("a.mp4"));
  EXPECT_EQ(find(streams, AVMEDIA_TYPE_VIDEO)->starts.size(), 400u);
  EXPECT_NEAR(find(streams, AVMEDIA_TYPE_AUDIO)->starts.back(), 15.064, 0.1);
}

}  // namespace
}  // namespace reverie
