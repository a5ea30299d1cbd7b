// The halves of video_write.h, video_read.h and sound_read.h that need no FFmpeg.
#include <algorithm>
#include <array>

#include "reverie/base/file/atomic_file.h"
#include "reverie/base/plugin.h"
#include "reverie/codec/sequence/animated_webp.h"
#include "reverie/codec/sequence/picture_sequence.h"
#include "reverie/codec/sequence/sequence_reader.h"
#include "reverie/codec/video/video_names.h"
#include "reverie/codec/video/video_plugin.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;

const VideoPlugin& module() {
  return *plugin_function(reverie_video_module, "reverie_video_module")();
}

}  // namespace

void check_video_output(const fs::path& path, const VideoOptions& options) {
  module().check_encoder(path, options);
  check_output_file(path, options.overwrite);
}

bool can_hold_alpha(const fs::path& path, VideoCodec codec) {
  return module().can_hold_alpha(path, codec);
}

VideoWriter::VideoWriter(const fs::path& path, std::int64_t width, std::int64_t height,
                         const VideoOptions& options, const NoticeSink& notices) {
  check_video_output(path, options);
  video_ = module().write_video(path, width, height, options, notices);
}
VideoWriter::~VideoWriter() = default;
VideoWriter::VideoWriter(VideoWriter&&) noexcept = default;
VideoWriter& VideoWriter::operator=(VideoWriter&&) noexcept = default;

void VideoWriter::add(const Image& frame) { video_->add(frame); }
void VideoWriter::add(const Image& frame, FrameTime time) { video_->add(frame, time); }
void VideoWriter::finish(bool cut) { video_->finish(cut); }

VideoReader::VideoReader(const fs::path& path, const NoticeSink& notices,
                         const VideoReaderOptions& options)
    : video_(is_picture_sequence(path) ? read_sequence(path, notices, options)
             : is_webp(path)           ? read_webp(path, notices, options)
                                       : module().read_video(path, notices, options)) {}
VideoReader::~VideoReader() = default;
VideoReader::VideoReader(VideoReader&&) noexcept = default;
VideoReader& VideoReader::operator=(VideoReader&&) noexcept = default;

const VideoInfo& VideoReader::info() const { return video_->info(); }
bool VideoReader::next(Image& frame) { return video_->next(frame); }
bool VideoReader::skip() { return video_->skip(); }
void VideoReader::convert(Image& frame) { video_->convert(frame); }
FrameTime VideoReader::time() const { return video_->time(); }
double VideoReader::seconds() const { return info().unit.seconds(time().start); }
std::int64_t VideoReader::skipped_packets() const { return video_->skipped(); }

SoundLength read_sound(const fs::path& path, const SampleSink& take, const NoticeSink& notices) {
  return module().read_sound(path, take, notices);
}
double stated_sound_length(const fs::path& path) { return module().stated_sound_length(path); }

std::string read_video_recipe(const fs::path& path) { return module().read_recipe(path); }

std::int64_t count_pictures(const fs::path& video) { return module().count_pictures(video); }
std::string checksum_of(const VideoPart& part) { return module().checksum_of(part); }
void join_videos(const fs::path& path, const std::vector<VideoPart>& parts,
                 const VideoOptions& options, const NoticeSink& notices) {
  check_video_output(path, options);
  module().join_videos(path, parts, options, notices);
}

bool is_named_as_video(const fs::path& path) {
  constexpr std::array known{"mp4", "m4v",  "mov", "mkv", "webm", "avi", "gif", "mpg", "mpeg", "ts",
                             "mts", "m2ts", "wmv", "flv", "ogv",  "3gp", "vob", "mxf", "dv"};
  return std::find(known.begin(), known.end(), video_extension(path)) != known.end();
}

const std::vector<std::string>& video_extensions() {
  static const std::vector<std::string> extensions{"mp4", "webm", "mkv", "mov", "avi", "gif"};
  return extensions;
}

std::string video_extension(const fs::path& path) {
  std::string extension = path.extension().string();
  if (!extension.empty()) extension.erase(0, 1);
  for (char& c : extension)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return extension;
}

bool is_video_name(const fs::path& path) {
  const std::string extension = video_extension(path);
  for (const std::string& known : video_extensions())
    if (extension == known) return true;
  return false;
}

}  // namespace reverie
