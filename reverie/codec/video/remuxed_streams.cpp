#include "reverie/codec/video/remuxed_streams.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reverie/base/error.h"
#include "reverie/codec/video/video_formats.h"
#include "reverie/codec/video/video_open.h"

namespace reverie::ffmpeg {
namespace {

constexpr AVRational microseconds{1, AV_TIME_BASE};

const char* words_for(AVMediaType type) {
  switch (type) {
    case AVMEDIA_TYPE_AUDIO:
      return "sound";
    case AVMEDIA_TYPE_SUBTITLE:
      return "subtitles";
    case AVMEDIA_TYPE_ATTACHMENT:
      return "attachments";
    default:
      return nullptr;  // other pictures, time codes: the new video has its own
  }
}

}  // namespace

RemuxedStreams::RemuxedStreams(const RemuxSource& remux, AVFormatContext& to,
                               const std::string& name, const NoticeSink& notices)
    : video_(open_video(remux.video)), to_(to), is_cut_(remux.from > 0) {
  if (avformat_find_stream_info(video_.get(), nullptr) < 0)
    throw BadImage(fmt::format("'{}' is not a video, or it is damaged", remux.video.string()));
  offset_ = std::llround(remux.from * AV_TIME_BASE);
  if (video_->start_time != AV_NOPTS_VALUE) offset_ += video_->start_time;
  for (unsigned i = 0; i < video_->nb_streams; ++i) add_stream(*video_->streams[i], name, notices);
  copy_chapters();
  copy_metadata();
}

void RemuxedStreams::add_stream(AVStream& stream, const std::string& name,
                                const NoticeSink& notices) {
  copies_.push_back(nullptr);
  const AVCodecParameters& form = *stream.codecpar;
  const char* const words = words_for(form.codec_type);
  if (words == nullptr || !takes(*to_.oformat, form.codec_id)) {
    stream.discard = AVDISCARD_ALL;
    if (words != nullptr)
      notify(notices,
             fmt::format("{}: this format cannot hold {} ({}), which are left out; .mkv holds most",
                         name, words, avcodec_get_name(form.codec_id)));
    return;
  }
  AVStream* const copy = avformat_new_stream(&to_, nullptr);
  if (copy == nullptr || avcodec_parameters_copy(copy->codecpar, &form) < 0)
    throw OutOfMemory("out of memory for a stream of a video");
  // The old container's mark may mean another codec in the new one
  copy->codecpar->codec_tag = 0;
  copy->time_base = stream.time_base;
  copy->disposition = stream.disposition;
  av_dict_copy(&copy->metadata, stream.metadata, 0);
  copies_.back() = copy;
}

void RemuxedStreams::copy_chapters() const {
  for (unsigned i = 0; i < video_->nb_chapters; ++i) {
    const AVChapter& chapter = *video_->chapters[i];
    const std::int64_t offset = av_rescale_q(offset_, microseconds, chapter.time_base);
    if (chapter.end <= offset) continue;
    auto* const copy = static_cast<AVChapter*>(av_mallocz(sizeof(AVChapter)));
    if (copy == nullptr) throw OutOfMemory("out of memory for a chapter of a video");
    copy->id = chapter.id;
    copy->time_base = chapter.time_base;
    copy->start = std::max<std::int64_t>(chapter.start - offset, 0);
    copy->end = chapter.end - offset;
    av_dict_copy(&copy->metadata, chapter.metadata, 0);
    int count = static_cast<int>(to_.nb_chapters);
    av_dynarray_add(&to_.chapters, &count, copy);  // freed with the video
    to_.nb_chapters = static_cast<unsigned>(count);
  }
}

// All but what speaks of the old container. The comment is the recipe's place, so another one
// moves.
void RemuxedStreams::copy_metadata() const {
  const AVDictionaryEntry* entry = nullptr;
  while ((entry = av_dict_get(video_->metadata, "", entry, AV_DICT_IGNORE_SUFFIX)) != nullptr) {
    const std::string key = entry->key;
    if (key == "major_brand" || key == "minor_version" || key == "compatible_brands" ||
        key == "encoder" || key == "comment")
      continue;
    av_dict_set(&to_.metadata, entry->key, entry->value, 0);
  }
  const AVDictionaryEntry* const comment = av_dict_get(video_->metadata, "comment", nullptr, 0);
  if (comment != nullptr && comment->value[0] != '{')
    av_dict_set(&to_.metadata, "description", comment->value, AV_DICT_DONT_OVERWRITE);
}

bool RemuxedStreams::read_next() {
  while (av_read_frame(video_.get(), packet_.get()) >= 0) {
    const auto index = static_cast<std::size_t>(packet_->stream_index);
    const bool is_early = is_cut_ && start_of_packet() < 0;
    if (index < copies_.size() && copies_[index] != nullptr && !is_early) return true;
    av_packet_unref(packet_.get());
  }
  return false;
}

double RemuxedStreams::start_of_packet() const {
  const AVStream& stream = *video_->streams[packet_->stream_index];
  const std::int64_t time = packet_->pts != AV_NOPTS_VALUE ? packet_->pts : packet_->dts;
  if (time == AV_NOPTS_VALUE) return 0;
  return static_cast<double>(time) * av_q2d(stream.time_base) -
         static_cast<double>(offset_) / AV_TIME_BASE;
}

int RemuxedStreams::write_until(double seconds) {
  while (holds_packet_ || (holds_packet_ = read_next())) {
    if (start_of_packet() >= seconds) return 0;
    const AVStream& from = *video_->streams[packet_->stream_index];
    const AVStream& copy = *copies_[static_cast<std::size_t>(packet_->stream_index)];
    const std::int64_t offset = av_rescale_q(offset_, microseconds, from.time_base);
    if (packet_->pts != AV_NOPTS_VALUE) packet_->pts -= offset;
    if (packet_->dts != AV_NOPTS_VALUE) packet_->dts -= offset;
    av_packet_rescale_ts(packet_.get(), from.time_base, copy.time_base);
    packet_->stream_index = copy.index;
    packet_->pos = -1;
    holds_packet_ = false;
    if (const int code = av_interleaved_write_frame(&to_, packet_.get()); code < 0) return code;
  }
  return 0;
}

}  // namespace reverie::ffmpeg
