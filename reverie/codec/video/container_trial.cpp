#include "reverie/codec/video/container_trial.h"

#include <algorithm>
#include <string>

#include "reverie/base/error.h"
#include "reverie/codec/video/video_open.h"

namespace reverie::ffmpeg {
namespace {

constexpr std::size_t packets_a_stream = 4;
constexpr int packets_in_all = 4000;
constexpr std::int64_t bytes_in_all = std::int64_t{64} << 20;

struct CloseMemory {
  void operator()(AVFormatContext* video) const {
    if (video->pb != nullptr) {
      std::uint8_t* bytes = nullptr;
      avio_close_dyn_buf(video->pb, &bytes);
      av_free(bytes);
    }
    avformat_free_context(video);
  }
};

void set_mono(AVCodecParameters& form) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 24, 100)
  av_channel_layout_default(&form.ch_layout, 1);
#else
  form.channels = 1;
#endif
}

int add_stream_like(AVFormatContext& to, const AVStream& stream) {
  AVStream* const copy = avformat_new_stream(&to, nullptr);
  if (copy == nullptr) return AVERROR(ENOMEM);
  copy->time_base = stream.time_base;
  copy->avg_frame_rate = stream.avg_frame_rate;
  copy->disposition = stream.disposition;
  av_dict_copy(&copy->metadata, stream.metadata, 0);
  return avcodec_parameters_copy(copy->codecpar, stream.codecpar);
}

// The packets begin at 0, each later than the last.
int write_packets(AVFormatContext& video, AVRational unit,
                  const std::vector<Owner<AVPacket>>& packets) {
  const int index = static_cast<int>(video.nb_streams) - 1;
  const AVRational wanted = video.streams[index]->time_base;
  std::int64_t first = AV_NOPTS_VALUE, last = -1;
  for (const Owner<AVPacket>& packet : packets) {
    const Owner<AVPacket> copy(av_packet_clone(packet.get()));
    if (copy == nullptr) return AVERROR(ENOMEM);
    const std::int64_t time = copy->dts != AV_NOPTS_VALUE ? copy->dts : copy->pts;
    if (first == AV_NOPTS_VALUE) first = time;
    const std::int64_t from_first = time == AV_NOPTS_VALUE ? 0 : time - first;
    last = std::max(last + 1, av_rescale_q(from_first, unit, wanted));
    copy->pts = copy->dts = last;
    copy->duration = av_rescale_q(copy->duration, unit, wanted);
    copy->stream_index = index;
    if (const int code = av_interleaved_write_frame(&video, copy.get()); code < 0) return code;
  }
  return av_write_trailer(&video);
}

}  // namespace

FirstPackets read_first_packets(const std::filesystem::path& path, unsigned streams) {
  const InputOwner video = open_video(path);
  FirstPackets packets(streams);
  if (avformat_find_stream_info(video.get(), nullptr) < 0) return packets;
  std::size_t missing = 0;
  for (unsigned i = 0; i < std::min(streams, video->nb_streams); ++i)
    if (video->streams[i]->codecpar->codec_type == AVMEDIA_TYPE_AUDIO) missing += packets_a_stream;
  std::int64_t bytes = 0;
  const Owner<AVPacket> packet(av_packet_alloc());
  for (int count = 0; missing > 0 && count < packets_in_all && bytes < bytes_in_all; ++count) {
    if (av_read_frame(video.get(), packet.get()) < 0) break;
    bytes += packet->size;
    const auto index = static_cast<std::size_t>(packet->stream_index);
    if (index < packets.size() && packets[index].size() < packets_a_stream) {
      packets[index].emplace_back(av_packet_clone(packet.get()));
      if (video->streams[index]->codecpar->codec_type == AVMEDIA_TYPE_AUDIO) --missing;
    }
    av_packet_unref(packet.get());
  }
  return packets;
}

namespace {

// A file of one packet of Opus at 0, with a delay of 10 ms.
std::string tiny_opus_file(const AVOutputFormat& muxer) {
  AVFormatContext* allocated = nullptr;
  if (avformat_alloc_output_context2(&allocated, nullptr, muxer.name, nullptr) < 0) return "";
  const std::unique_ptr<AVFormatContext, CloseMemory> video(allocated);
  AVStream* const stream = avformat_new_stream(video.get(), nullptr);
  constexpr int head_bytes = 19;
  constexpr unsigned char head[head_bytes] = {'O',  'p', 'u',  's',  'H', 'e', 'a', 'd', 1, 1,
                                              0xe0, 1,   0x80, 0xbb, 0,   0,   0,   0,   0};
  if (stream == nullptr) return "";
  AVCodecParameters& form = *stream->codecpar;
  form.extradata =
      static_cast<std::uint8_t*>(av_mallocz(head_bytes + AV_INPUT_BUFFER_PADDING_SIZE));
  if (form.extradata == nullptr) return "";
  std::copy(head, head + head_bytes, form.extradata);
  form.extradata_size = head_bytes;
  form.codec_type = AVMEDIA_TYPE_AUDIO;
  form.codec_id = AV_CODEC_ID_OPUS;
  form.sample_rate = 48000;
  form.initial_padding = 480;
  set_mono(form);
  const Owner<AVPacket> packet(av_packet_alloc());
  if (avio_open_dyn_buf(&video->pb) < 0 || avformat_write_header(video.get(), nullptr) < 0 ||
      av_new_packet(packet.get(), 8) < 0)
    return "";
  std::fill(packet->data, packet->data + 8, std::uint8_t{0xfc});
  packet->pts = packet->dts = 0;
  packet->duration = 20;
  if (av_interleaved_write_frame(video.get(), packet.get()) < 0 ||
      av_write_trailer(video.get()) < 0)
    return "";
  std::uint8_t* bytes = nullptr;
  const int size = avio_close_dyn_buf(video->pb, &bytes);
  video->pb = nullptr;
  const std::string file(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  av_free(bytes);
  return file;
}

}  // namespace

bool adds_codec_delay(const AVOutputFormat& muxer) {
  const std::string file = tiny_opus_file(muxer);
  // The time of the first cluster: its name, its length of 8 bytes or 1, then 0xE7, 0x81 and a byte
  const std::size_t cluster = file.find("\x1F\x43\xB6\x75");
  const std::size_t time = file.find("\xE7\x81", cluster == std::string::npos ? 0 : cluster);
  return cluster != std::string::npos && time != std::string::npos && time + 2 < file.size() &&
         file[time + 2] != 0;
}

int try_stream(const AVFormatContext& planned, const AVStream& candidate,
               const std::vector<Owner<AVPacket>>& packets) {
  AVFormatContext* allocated = nullptr;
  if (const int code =
          avformat_alloc_output_context2(&allocated, nullptr, planned.oformat->name, nullptr);
      code < 0)
    return code;
  const std::unique_ptr<AVFormatContext, CloseMemory> video(allocated);
  video->flags |= planned.flags;
  for (unsigned i = 0; i < planned.nb_streams; ++i)
    if (const int code = add_stream_like(*video, *planned.streams[i]); code < 0) return code;
  if (const int code = add_stream_like(*video, candidate); code < 0) return code;
  if (const int code = avio_open_dyn_buf(&video->pb); code < 0) return code;
  if (const int code = avformat_write_header(video.get(), nullptr); code < 0) return code;
  if (packets.empty()) return 0;
  return write_packets(*video, candidate.time_base, packets);
}

}  // namespace reverie::ffmpeg
