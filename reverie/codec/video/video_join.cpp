#include "reverie/codec/video/video_join.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <span>
#include <string_view>

#include "reverie/base/error.h"
#include "reverie/base/file/atomic_file.h"
#include "reverie/base/file/checksum.h"
#include "reverie/codec/metadata/gif_comment.h"
#include "reverie/codec/video/ffmpeg_handles.h"
#include "reverie/codec/video/remuxed_streams.h"
#include "reverie/codec/video/video_formats.h"
#include "reverie/codec/video/video_open.h"
#include "reverie/codec/video/video_plugin.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;
using ffmpeg::Owner;

// The stored pictures of one video.
class StoredPictures {
 public:
  explicit StoredPictures(const fs::path& path)
      : name_(path.string()), video_(ffmpeg::open_video(path)) {
    // Some containers say what they hold only in its first pictures
    if (avformat_find_stream_info(video_.get(), nullptr) < 0)
      throw BadImage(fmt::format("'{}' is not a video, or it is damaged", name_));
    stream_ = ffmpeg::find_pictures(*video_);
    if (stream_ == nullptr) throw BadImage(fmt::format("'{}' holds no pictures", name_));
    for (unsigned i = 0; i < video_->nb_streams; ++i)
      if (video_->streams[i] != stream_) video_->streams[i]->discard = AVDISCARD_ALL;
  }

  const AVStream& stream() const { return *stream_; }

  // Calls use(packet, index) for those of a part. Errors: BadImage when there are fewer.
  void for_each(const VideoPart& part, const std::function<void(AVPacket&, std::int64_t)>& use) {
    std::int64_t index = 0;
    while (index < part.first + part.count && next()) {
      if (index >= part.first) use(*packet_, index - part.first);
      ++index;
    }
    if (index < part.first + part.count)
      throw BadImage(fmt::format("'{}' has {} pictures, expected {} or more", name_, index,
                                 part.first + part.count));
  }

  std::int64_t count() {
    std::int64_t found = 0;
    while (next()) ++found;
    return found;
  }

 private:
  bool next() {
    do {
      av_packet_unref(packet_.get());
      if (av_read_frame(video_.get(), packet_.get()) < 0) return false;
    } while (packet_->stream_index != stream_->index || packet_->size == 0);
    return true;
  }

  std::string name_;
  ffmpeg::InputOwner video_;
  AVStream* stream_ = nullptr;  // owned by video_
  Owner<AVPacket> packet_{av_packet_alloc()};
};

// A picture without what begins its GIF.
std::string_view bytes_of(const AVPacket& packet) {
  const std::string_view bytes(reinterpret_cast<const char*>(packet.data),
                               static_cast<std::size_t>(packet.size));
  return bytes.substr(gif_head(bytes));
}

// The same without how long it is shown, which follows from where it stands.
std::string timeless(std::string_view picture) {
  std::string bytes(picture);
  constexpr std::size_t delay = 4;  // bytes from the beginning of the picture's settings
  if (bytes.starts_with("\x21\xF9\x04") && bytes.size() > delay + 1)
    bytes[delay] = bytes[delay + 1] = '\0';
  return bytes;
}

// When each picture of a part is shown, as its place among them: encoders store some of them
// earlier.
std::vector<std::int64_t> places_of(const VideoPart& part) {
  std::vector<std::int64_t> times;
  StoredPictures(part.video).for_each(part, [&](const AVPacket& packet, std::int64_t index) {
    times.push_back(packet.pts != AV_NOPTS_VALUE ? packet.pts : index);
  });
  std::vector<std::int64_t> sorted = times;
  std::sort(sorted.begin(), sorted.end());
  for (std::int64_t& time : times)
    time = std::lower_bound(sorted.begin(), sorted.end(), time) - sorted.begin();
  return times;
}

class JoinedVideo {
 public:
  JoinedVideo(const fs::path& path, const std::vector<VideoPart>& parts,
              const VideoOptions& options, const NoticeSink& notices)
      : path_(options.shown_path.empty() ? path : options.shown_path),
        parts_(parts),
        options_(options),
        notices_(notices),
        format_(ffmpeg::video_format(path)),
        file_(path) {
    ffmpeg::hush();
    for (const VideoPart& part : parts_) places_.push_back(places_of(part));
    AVFormatContext* video = nullptr;
    check(avformat_alloc_output_context2(&video, nullptr, format_.name,
                                         file_.temporary_path().c_str()));
    video_.reset(video);
    video->flags |= AVFMT_FLAG_BITEXACT;
    open_file();
  }

  void write() {
    const std::int64_t delay = reordering();
    std::int64_t before = 0;
    for (std::size_t p = 0; p < parts_.size(); ++p) {
      StoredPictures pictures(parts_[p].video);
      check_alike(pictures.stream());
      pictures.for_each(parts_[p], [&](AVPacket& packet, std::int64_t index) {
        packet.pts = before + places_[p][static_cast<std::size_t>(index)];
        packet.dts = before + index - delay;
        packet.duration = 1;
        if (is_gif() && before > 0) leave_out_head(packet);
        write(packet);
      });
      before += parts_[p].count;
    }
    const double end = static_cast<double>(before) * av_q2d(unit_);
    for (auto& streams : remuxed_) check(streams.finish(end));
    check(av_write_trailer(video_.get()));
    check(avio_closep(&video_->pb));
    if (is_gif()) append_gif_comment(file_.temporary_path(), options_.recipe);
    file_.commit(options_.overwrite);
  }

 private:
  void check(int code) const {
    if (code < 0)
      throw FileFailure(
          fmt::format("{}: cannot be written ({})", path_.string(), ffmpeg::error_text(code)));
  }

  bool is_gif() const { return format_.name == std::string("gif"); }

  static void leave_out_head(AVPacket& packet) {
    const int head = packet.size - static_cast<int>(bytes_of(packet).size());
    packet.data += head;
    packet.size -= head;
  }

  // By how many pictures at most one is stored before it is shown.
  std::int64_t reordering() const {
    std::int64_t most = 0;
    for (const std::vector<std::int64_t>& places : places_)
      for (std::size_t i = 0; i < places.size(); ++i)
        most = std::max(most, static_cast<std::int64_t>(i) - places[i]);
    return most;
  }

  void open_file() {
    AVFormatContext* const video = video_.get();
    const StoredPictures first(parts_.at(0).video);
    stream_ = avformat_new_stream(video, nullptr);
    check(avcodec_parameters_copy(stream_->codecpar, first.stream().codecpar));
    const AVCodec* const codec = avcodec_find_decoder(stream_->codecpar->codec_id);
    unit_ = av_inv_q(av_d2q(options_.fps, 65535));
    if (codec != nullptr) unit_ = ffmpeg::encoder_unit(format_, *codec, {}, options_.fps);
    stream_->time_base = unit_;
    stream_->avg_frame_rate = av_inv_q(unit_);
    stream_->sample_aspect_ratio = first.stream().sample_aspect_ratio;
    for (const RemuxSource* source : {&options_.remux, &options_.music})
      if (!source->video.empty())
        remuxed_.emplace_back(*source, *video, std::string(".") + format_.extension, notices_);
    check(avio_open(&video->pb, file_.temporary_path().c_str(), AVIO_FLAG_WRITE));
    check(ffmpeg::write_header(*video, format_, options_.recipe, 0));
    for (auto& streams : remuxed_) check(streams.begin());
  }

  // One header describes all pictures. Errors: CodecFailure.
  void check_alike(const AVStream& stream) const {
    const AVCodecParameters &mine = *stream_->codecpar, &other = *stream.codecpar;
    const auto header = [](const AVCodecParameters& form) {
      return std::span(form.extradata, static_cast<std::size_t>(form.extradata_size));
    };
    const auto here = header(mine), there = header(other);
    if (mine.codec_id != other.codec_id || mine.width != other.width ||
        mine.height != other.height ||
        !std::equal(here.begin(), here.end(), there.begin(), there.end()))
      throw CodecFailure(
          fmt::format("{}: its encoder now writes another form ({} of {}x{}) than the video that "
                      "is there ({} of {}x{}), so that one cannot go on; choose another output",
                      path_.string(), avcodec_get_name(other.codec_id), other.width, other.height,
                      avcodec_get_name(mine.codec_id), mine.width, mine.height));
  }

  void write(AVPacket& packet) {
    const double until = static_cast<double>(packet.pts) * av_q2d(unit_);
    for (auto& streams : remuxed_) check(streams.write_until(until));
    av_packet_rescale_ts(&packet, unit_, stream_->time_base);
    packet.stream_index = stream_->index;
    packet.pos = -1;
    check(av_interleaved_write_frame(video_.get(), &packet));
    check(video_->pb->error);
  }

  const fs::path path_;  // for messages
  const std::vector<VideoPart>& parts_;
  const VideoOptions options_;
  const NoticeSink notices_;
  const ffmpeg::VideoFormat& format_;
  std::vector<std::vector<std::int64_t>> places_;  // of each part
  AtomicFile file_;
  ffmpeg::OutputOwner video_;
  AVStream* stream_ = nullptr;  // owned by video_
  AVRational unit_{};           // how long a picture is shown
  std::deque<ffmpeg::RemuxedStreams> remuxed_;
};

}  // namespace

std::int64_t ffmpeg::count_pictures(const fs::path& video) { return StoredPictures(video).count(); }

std::string ffmpeg::checksum_of(const VideoPart& part) {
  std::string checksums;
  StoredPictures pictures(part.video);
  const bool is_gif = pictures.stream().codecpar->codec_id == AV_CODEC_ID_GIF;
  pictures.for_each(part, [&](const AVPacket& packet, std::int64_t) {
    const std::string bytes = is_gif ? timeless(bytes_of(packet)) : std::string(bytes_of(packet));
    checksums += sha256(std::as_bytes(std::span(bytes)));
  });
  return sha256(std::as_bytes(std::span(checksums)));
}

void ffmpeg::join_videos(const fs::path& path, const std::vector<VideoPart>& parts,
                         const VideoOptions& options, const NoticeSink& notices) {
  JoinedVideo(path, parts, options, notices).write();
}

}  // namespace reverie
