#include "reverie/codec/video/stream_plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

extern "C" {
#include <libavutil/timecode.h>
}

#include <cstring>

#include "reverie/base/error.h"

namespace reverie::ffmpeg {
namespace {

constexpr const char* second_pictures = "a second stream of pictures";
constexpr std::uint32_t time_code_tag = MKTAG('t', 'm', 'c', 'd');

bool is_cover(const AVStream& stream) {
  return (stream.disposition & AV_DISPOSITION_ATTACHED_PIC) != 0;
}

bool is_matroska(const AVFormatContext& video) {
  return video.oformat->name == std::string("matroska");
}

// AVI counts packets as equally long, which those of Vorbis are not.
bool loses_time(const AVOutputFormat& muxer, AVCodecID codec) {
  return muxer.name == std::string("avi") && codec == AV_CODEC_ID_VORBIS;
}

// MP4 holds samples as they are and FLAC since FFmpeg 6, but few players play them.
bool plays_badly(const AVOutputFormat& muxer, AVCodecID codec) {
  return muxer.name == std::string("mp4") &&
         (codec == AV_CODEC_ID_FLAC || av_get_exact_bits_per_sample(codec) > 0);
}

std::string tag_of(const AVStream& stream) {
  const std::string codec = avcodec_get_name(stream.codecpar->codec_id);
  if (stream.codecpar->codec_tag == 0) return codec;
  char text[AV_FOURCC_MAX_STRING_SIZE] = {};
  return av_fourcc_make_string(text, stream.codecpar->codec_tag);
}

bool has_tag(const AVStream& stream, const char* key) {
  return av_dict_get(stream.metadata, key, nullptr, 0) != nullptr;
}

// Matroska holds nothing without a name.
void name_attachment(AVStream& attachment, const char* name, const char* type) {
  if (!has_tag(attachment, "filename")) av_dict_set(&attachment.metadata, "filename", name, 0);
  if (!has_tag(attachment, "mimetype") && type != nullptr)
    av_dict_set(&attachment.metadata, "mimetype", type, 0);
}

// Whether MP4's muxer can write a stream of time codes for these pictures.
bool can_write_time_code(const AVStream& pictures, const char* text) {
  AVTimecode code{};
  return av_timecode_init_from_string(&code, pictures.avg_frame_rate, text, nullptr) >= 0;
}

}  // namespace

StreamPlanner::StreamPlanner(const AVFormatContext& from, AVFormatContext& to, SoundHandling sound,
                             const FirstPackets& packets, std::string form,
                             const NoticeSink& notices)
    : from_(from),
      to_(to),
      sound_(sound),
      packets_(packets),
      form_(std::move(form)),
      notices_(notices),
      scratch_(avformat_alloc_context()) {}

std::vector<PlannedStream> StreamPlanner::plan(const AVStream* pictures, bool is_whole) {
  std::vector<PlannedStream> planned;
  for (unsigned i = 0; i < from_.nb_streams; ++i)
    planned.push_back(from_.streams[i] == pictures ? PlannedStream()
                                                   : plan_stream(*from_.streams[i], is_whole));
  tell_of_conversions();
  tell_of_the_rest();
  return planned;
}

std::vector<PlannedStream> StreamPlanner::plan_best_sound() {
  std::vector<PlannedStream> planned(from_.nb_streams);
  const int best = av_find_best_stream(const_cast<AVFormatContext*>(&from_), AVMEDIA_TYPE_AUDIO, -1,
                                       -1, nullptr, 0);
  if (best >= 0) planned[static_cast<std::size_t>(best)] = plan_sound(*from_.streams[best]);
  tell_of_conversions();
  tell_of_the_rest();
  return planned;
}

PlannedStream StreamPlanner::plan_stream(const AVStream& stream, bool is_whole) {
  switch (stream.codecpar->codec_type) {
    case AVMEDIA_TYPE_AUDIO:
      return plan_sound(stream);
    case AVMEDIA_TYPE_SUBTITLE:
      return plan_subtitles(stream);
    case AVMEDIA_TYPE_ATTACHMENT:
      return plan_attachment(stream);
    case AVMEDIA_TYPE_VIDEO:
      if (is_cover(stream)) return plan_cover(stream);
      return left_out(second_pictures, tag_of(stream));
    default:
      return plan_data(stream, is_whole);
  }
}

// A stream as it would be in the new video. The old container's mark may mean another codec there.
AVStream* StreamPlanner::candidate(const AVStream& stream) {
  AVStream* const copy = avformat_new_stream(scratch_.get(), nullptr);
  if (copy == nullptr || avcodec_parameters_copy(copy->codecpar, stream.codecpar) < 0)
    throw OutOfMemory("out of memory for a stream of a video");
  copy->codecpar->codec_tag = 0;
  copy->time_base = stream.time_base;
  copy->disposition = stream.disposition;
  av_dict_copy(&copy->metadata, stream.metadata, 0);
  return copy;
}

// Adds the candidate, where the muxer takes it.
PlannedStream StreamPlanner::copied(const AVStream& stream, const AVStream& candidate) {
  static const std::vector<Owner<AVPacket>> none;
  const auto index = static_cast<std::size_t>(stream.index);
  const bool has_packets =
      index < packets_.size() && candidate.codecpar->codec_type != AVMEDIA_TYPE_ATTACHMENT;
  if (try_stream(to_, candidate, has_packets ? packets_[index] : none) < 0) return {};
  AVStream* const copy = avformat_new_stream(&to_, nullptr);
  if (copy == nullptr || avcodec_parameters_copy(copy->codecpar, candidate.codecpar) < 0)
    throw OutOfMemory("out of memory for a stream of a video");
  copy->time_base = candidate.time_base;
  copy->disposition = candidate.disposition;
  av_dict_copy(&copy->metadata, candidate.metadata, 0);
  return {copy, nullptr};
}

PlannedStream StreamPlanner::converted(const AVStream& stream,
                                       std::unique_ptr<StreamConversion> conversion) {
  if (!conversion) return {};
  AVStream& made = *candidate(stream);
  if (avcodec_parameters_from_context(made.codecpar, &conversion->encoder()) < 0)
    throw OutOfMemory("out of memory for a stream of a video");
  made.codecpar->codec_tag = 0;
  av_dict_set(&made.metadata, "encoder", nullptr, 0);  // the one before
  made.time_base = conversion->encoder().time_base;
  static const std::vector<Owner<AVPacket>> none;
  if (try_stream(to_, made, none) < 0) return {};
  AVStream* const copy = avformat_new_stream(&to_, nullptr);
  if (copy == nullptr || avcodec_parameters_copy(copy->codecpar, made.codecpar) < 0)
    throw OutOfMemory("out of memory for a stream of a video");
  copy->time_base = made.time_base;
  copy->disposition = made.disposition;
  av_dict_copy(&copy->metadata, made.metadata, 0);
  return {copy, std::move(conversion)};
}

PlannedStream StreamPlanner::left_out(const std::string& kind, const std::string& what) {
  left_out_[kind].insert(what);
  return {};
}

PlannedStream StreamPlanner::plan_sound(const AVStream& stream) {
  if (sound_ == SoundHandling::none) return {};
  const std::string codec = avcodec_get_name(stream.codecpar->codec_id);
  const AVOutputFormat& muxer = *to_.oformat;
  const AVCodecID id = stream.codecpar->codec_id;
  const bool is_copied = sound_ == SoundHandling::copy ||
                         (sound_ == SoundHandling::automatic && !plays_badly(muxer, id));
  if (is_copied && may_hold(muxer, id) && !loses_time(muxer, id))
    if (PlannedStream planned = copied(stream, *candidate(stream)); planned.copy) return planned;
  if (sound_ != SoundHandling::copy)
    if (PlannedStream planned = converted(stream, convert_sound(stream, *to_.oformat));
        planned.copy) {
      converted_["sound is"].insert(
          fmt::format("{} to {}", codec, avcodec_get_name(planned.copy->codecpar->codec_id)));
      return planned;
    }
  return left_out("sound", codec);
}

PlannedStream StreamPlanner::plan_subtitles(const AVStream& stream) {
  const std::string codec = avcodec_get_name(stream.codecpar->codec_id);
  if (may_hold(*to_.oformat, stream.codecpar->codec_id))
    if (PlannedStream planned = copied(stream, *candidate(stream)); planned.copy) return planned;
  if (PlannedStream planned = converted(stream, convert_subtitles(stream, *to_.oformat));
      planned.copy) {
    converted_["subtitles are"].insert(
        fmt::format("{} to {}", codec, avcodec_get_name(planned.copy->codecpar->codec_id)));
    return planned;
  }
  return left_out("subtitles", codec);
}

// Fonts. FFmpeg's table of codecs does not know them.
PlannedStream StreamPlanner::plan_attachment(const AVStream& stream) {
  if (is_matroska(to_)) {
    AVStream& attachment = *candidate(stream);
    name_attachment(attachment, fmt::format("attachment {}", stream.index).c_str(),
                    "application/octet-stream");
    if (PlannedStream planned = copied(stream, attachment); planned.copy) return planned;
  }
  return left_out("attachments", tag_of(stream));
}

// A cover is an attachment in Matroska, and a stream of one packet in MP4.
PlannedStream StreamPlanner::plan_cover(const AVStream& stream) {
  const AVPacket& picture = stream.attached_pic;
  AVStream& cover = *candidate(stream);
  if (is_matroska(to_) && picture.size > 0) {
    const bool is_png = stream.codecpar->codec_id == AV_CODEC_ID_PNG;
    cover.codecpar->codec_type = AVMEDIA_TYPE_ATTACHMENT;
    cover.disposition = 0;
    av_freep(&cover.codecpar->extradata);
    const auto size = static_cast<std::size_t>(picture.size);
    cover.codecpar->extradata =
        static_cast<std::uint8_t*>(av_mallocz(size + AV_INPUT_BUFFER_PADDING_SIZE));
    if (cover.codecpar->extradata == nullptr)
      throw OutOfMemory("out of memory for a cover of a video");
    std::memcpy(cover.codecpar->extradata, picture.data, size);
    cover.codecpar->extradata_size = picture.size;
    name_attachment(cover, is_png ? "cover.png" : "cover.jpg", is_png ? "image/png" : "image/jpeg");
    if (PlannedStream planned = copied(stream, cover); planned.copy) return planned;
  } else if (to_.oformat->name == std::string("mp4") && picture.size > 0) {
    if (PlannedStream planned = copied(stream, cover); planned.copy) return planned;
  }
  return left_out("a cover picture", avcodec_get_name(stream.codecpar->codec_id));
}

// Most data are what a camera notes. A time code is a property of the pictures in MP4 and MOV.
PlannedStream StreamPlanner::plan_data(const AVStream& stream, bool is_whole) {
  // The names of chapters in MP4, which FFmpeg has read as chapters
  if (stream.discard == AVDISCARD_ALL) return {};
  const AVDictionaryEntry* const code = av_dict_get(stream.metadata, "timecode", nullptr, 0);
  if (stream.codecpar->codec_tag == time_code_tag) {
    const bool holds =
        to_.oformat->name == std::string("mp4") || to_.oformat->name == std::string("mov");
    if (code == nullptr || !is_whole || !holds ||
        !can_write_time_code(*to_.streams[0], code->value))
      return left_out("a time code", code == nullptr ? "tmcd" : code->value);
    av_dict_set(&to_.streams[0]->metadata, "timecode", code->value, 0);
    return {};
  }
  if (stream.codecpar->codec_id != AV_CODEC_ID_NONE &&
      may_hold(*to_.oformat, stream.codecpar->codec_id)) {
    AVStream& data = *candidate(stream);
    data.codecpar->codec_tag = stream.codecpar->codec_tag;
    if (PlannedStream planned = copied(stream, data); planned.copy) return planned;
  }
  return left_out("data", tag_of(stream));
}

void StreamPlanner::tell_of_conversions() const {
  for (const auto& [kind, what] : converted_)
    notify(notices_, fmt::format("{}: {} converted, {}{}", form_, kind, fmt::join(what, ", "),
                                 is_matroska(to_) || sound_ == SoundHandling::convert
                                     ? ""
                                     : "; .mkv holds most without conversion"));
}

void StreamPlanner::tell_of_the_rest() const {
  for (const auto& [kind, what] : left_out_) {
    const std::string named = fmt::format("{} ({})", kind, fmt::join(what, ", "));
    const bool matroska_holds = kind != "data" && kind != "a time code" && !is_matroska(to_);
    if (kind == second_pictures)
      notify(notices_, fmt::format("{}: {} is left out", form_, named));
    else
      notify(notices_, fmt::format("{}: this format cannot hold {}, left out{}", form_, named,
                                   matroska_holds ? "; .mkv holds most" : ""));
  }
}

}  // namespace reverie::ffmpeg
