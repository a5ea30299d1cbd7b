// source_file_fixture.h: files with streams that our own writer does not make, for tests.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <functional>
#include <numbers>
#include <stdexcept>
#include <string>
#include <vector>

#include "reverie/codec/video/ffmpeg_handles.h"

namespace reverie::ffmpeg {

inline void must(int code) {
  if (code < 0) throw std::runtime_error(error_text(code));
}

// Encodes streams into memory, then writes them as one file in the order of their times.
class SourceFile {
 public:
  explicit SourceFile(const std::filesystem::path& path) : path_(path) {
    hush();
    AVFormatContext* file = nullptr;
    must(avformat_alloc_output_context2(&file, nullptr, nullptr, path.c_str()));
    file_.reset(file);
    file_->flags |= AVFMT_FLAG_BITEXACT;
  }

  // Frames of YUV420P, or another format, that `paint` fills; 25 a second unless told otherwise.
  AVStream& add_pictures(AVCodecID id, int width, int height, int frames,
                         const std::function<void(int, AVFrame&)>& paint, AVRational rate = {25, 1},
                         AVPixelFormat format = AV_PIX_FMT_YUV420P, bool interlaced = false) {
    const AVCodec* const codec = avcodec_find_encoder(id);
    if (codec == nullptr) throw std::runtime_error("no encoder");
    Owner<AVCodecContext> encoder(avcodec_alloc_context3(codec));
    encoder->width = width;
    encoder->height = height;
    encoder->pix_fmt = format;
    encoder->time_base = av_inv_q(rate);
    encoder->framerate = rate;
    encoder->max_b_frames = 0;
    encoder->strict_std_compliance = FF_COMPLIANCE_UNOFFICIAL;
    encoder->flags |= AV_CODEC_FLAG_QSCALE;
    encoder->global_quality = 2 * FF_QP2LAMBDA;
    if (interlaced) encoder->flags |= AV_CODEC_FLAG_INTERLACED_DCT | AV_CODEC_FLAG_INTERLACED_ME;
    AVStream& stream = open(*encoder, *codec);
    stream.avg_frame_rate = rate;
    const Owner<AVFrame> frame(av_frame_alloc());
    frame->width = width;
    frame->height = height;
    frame->format = format;
    for (int k = 0; k < frames; ++k) {
      if (frame->buf[0] == nullptr) must(av_frame_get_buffer(frame.get(), 0));
      must(av_frame_make_writable(frame.get()));
      paint(k, *frame);
      frame->pts = k;
      frame->quality = encoder->global_quality;
      mark_interlaced(*frame, interlaced);
      encode(*encoder, frame.get(), stream);
    }
    encode(*encoder, nullptr, stream);
    return stream;
  }

  AVStream& add_grey_pictures(AVCodecID id, int frames) {
    return add_pictures(id, 64, 48, frames, [](int k, AVFrame& frame) {
      for (int y = 0; y < 48; ++y)
        std::memset(frame.data[0] + static_cast<std::ptrdiff_t>(y) * frame.linesize[0],
                    60 + 2 * y + k, 64);
      for (int plane = 1; plane < 3; ++plane)
        for (int y = 0; y < 24; ++y)
          std::memset(frame.data[plane] + static_cast<std::ptrdiff_t>(y) * frame.linesize[plane],
                      128, 32);
    });
  }

  // Silence up to `onset`, then a tone of 1 kHz; mono.
  AVStream& add_sound(AVCodecID id, int rate, double seconds, double onset,
                      AVSampleFormat format = AV_SAMPLE_FMT_S16) {
    const AVCodec* const codec = avcodec_find_encoder(id);
    if (codec == nullptr) throw std::runtime_error("no encoder");
    Owner<AVCodecContext> encoder(avcodec_alloc_context3(codec));
    encoder->sample_fmt = format;
    encoder->sample_rate = rate;
    encoder->time_base = {1, rate};
    encoder->bit_rate = 96000;
    encoder->strict_std_compliance = FF_COMPLIANCE_EXPERIMENTAL;
    set_mono(*encoder);
    AVStream& stream = open(*encoder, *codec);
    const int block = encoder->frame_size > 0 ? encoder->frame_size : 1024;
    const int samples = static_cast<int>(seconds * rate);
    for (int begin = 0; begin + block <= samples; begin += block) {
      const Owner<AVFrame> frame(av_frame_alloc());
      frame->format = format;
      frame->sample_rate = rate;
      frame->nb_samples = block;
      set_mono(*frame);
      must(av_frame_get_buffer(frame.get(), 0));
      for (int i = 0; i < block; ++i) {
        const double time = static_cast<double>(begin + i) / rate;
        const double value = time < onset ? 0 : 0.5 * std::sin(2000 * std::numbers::pi * time);
        if (format == AV_SAMPLE_FMT_S16 || format == AV_SAMPLE_FMT_S16P)
          reinterpret_cast<std::int16_t*>(frame->data[0])[i] =
              static_cast<std::int16_t>(std::lround(32000 * value));
        else
          reinterpret_cast<float*>(frame->data[0])[i] = static_cast<float>(value);
      }
      frame->pts = begin;
      encode(*encoder, frame.get(), stream);
    }
    encode(*encoder, nullptr, stream);
    return stream;
  }

  // A stream of packets as they are, with times in milliseconds.
  AVStream& add_raw(AVMediaType type, AVCodecID id, const std::vector<int>& times_ms,
                    const std::string& content, std::uint32_t tag = 0) {
    AVStream& stream = *avformat_new_stream(file_.get(), nullptr);
    stream.codecpar->codec_type = type;
    stream.codecpar->codec_id = id;
    stream.codecpar->codec_tag = tag;
    if (type == AVMEDIA_TYPE_AUDIO) {
      stream.codecpar->sample_rate = 48000;
      set_mono(*stream.codecpar);
    }
    stream.time_base = {1, 1000};
    for (const int time : times_ms) {
      Owner<AVPacket> packet(av_packet_alloc());
      must(av_new_packet(packet.get(), static_cast<int>(content.size())));
      std::memcpy(packet->data, content.data(), content.size());
      packet->pts = packet->dts = time;
      packet->duration = 200;
      keep(std::move(packet), {1, 1000}, stream);
    }
    return stream;
  }

  AVStream& add_attachment(AVCodecID id, const std::string& name, const std::string& type,
                           const std::string& content) {
    AVStream& stream = add_raw(AVMEDIA_TYPE_ATTACHMENT, id, {}, "");
    stream.codecpar->extradata =
        static_cast<std::uint8_t*>(av_mallocz(content.size() + AV_INPUT_BUFFER_PADDING_SIZE));
    std::memcpy(stream.codecpar->extradata, content.data(), content.size());
    stream.codecpar->extradata_size = static_cast<int>(content.size());
    av_dict_set(&stream.metadata, "filename", name.c_str(), 0);
    av_dict_set(&stream.metadata, "mimetype", type.c_str(), 0);
    return stream;
  }

  // What comes of it: times of all packets are later by so many seconds.
  void write(double later = 0) {
    must(avio_open(&file_->pb, path_.c_str(), AVIO_FLAG_WRITE));
    must(avformat_write_header(file_.get(), nullptr));
    std::stable_sort(packets_.begin(), packets_.end(), [](const Kept& a, const Kept& b) {
      return av_compare_ts(a.packet->dts, a.unit, b.packet->dts, b.unit) < 0;
    });
    for (Kept& kept : packets_) {
      AVPacket& packet = *kept.packet;
      const AVStream& stream = *file_->streams[packet.stream_index];
      av_packet_rescale_ts(&packet, kept.unit, stream.time_base);
      const auto shift = static_cast<std::int64_t>(std::lround(later / av_q2d(stream.time_base)));
      packet.pts += shift;
      packet.dts += shift;
      must(av_interleaved_write_frame(file_.get(), &packet));
    }
    must(av_write_trailer(file_.get()));
    must(avio_closep(&file_->pb));
  }

  AVFormatContext& file() { return *file_; }

 private:
  struct Kept {
    Owner<AVPacket> packet;
    AVRational unit;
  };

#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 24, 100)
  static void set_mono(AVCodecContext& codec) { av_channel_layout_default(&codec.ch_layout, 1); }
  static void set_mono(AVFrame& frame) { av_channel_layout_default(&frame.ch_layout, 1); }
  static void set_mono(AVCodecParameters& form) { av_channel_layout_default(&form.ch_layout, 1); }
#else
  static void set_mono(AVCodecContext& codec) {
    codec.channels = 1;
    codec.channel_layout = AV_CH_LAYOUT_MONO;
  }
  static void set_mono(AVFrame& frame) {
    frame.channels = 1;
    frame.channel_layout = AV_CH_LAYOUT_MONO;
  }
  static void set_mono(AVCodecParameters& form) {
    form.channels = 1;
    form.channel_layout = AV_CH_LAYOUT_MONO;
  }
#endif
  static void mark_interlaced(AVFrame& frame, bool interlaced) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)
    const int both = AV_FRAME_FLAG_INTERLACED | AV_FRAME_FLAG_TOP_FIELD_FIRST;
    frame.flags = interlaced ? frame.flags | both : frame.flags & ~both;
#else
    frame.interlaced_frame = frame.top_field_first = interlaced ? 1 : 0;
#endif
  }

  AVStream& open(AVCodecContext& encoder, const AVCodec& codec) {
    if ((file_->oformat->flags & AVFMT_GLOBALHEADER) != 0)
      encoder.flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    encoder.flags |= AV_CODEC_FLAG_BITEXACT;
    must(avcodec_open2(&encoder, &codec, nullptr));
    AVStream& stream = *avformat_new_stream(file_.get(), nullptr);
    must(avcodec_parameters_from_context(stream.codecpar, &encoder));
    stream.time_base = encoder.time_base;
    return stream;
  }

  void encode(AVCodecContext& encoder, const AVFrame* frame, AVStream& stream) {
    must(avcodec_send_frame(&encoder, frame));
    while (true) {
      Owner<AVPacket> packet(av_packet_alloc());
      if (avcodec_receive_packet(&encoder, packet.get()) < 0) return;
      if (packet->duration == 0 && encoder.codec_type == AVMEDIA_TYPE_VIDEO) packet->duration = 1;
      keep(std::move(packet), encoder.time_base, stream);
    }
  }

  void keep(Owner<AVPacket> packet, AVRational unit, const AVStream& stream) {
    packet->stream_index = stream.index;
    packets_.push_back({std::move(packet), unit});
  }

  const std::filesystem::path path_;
  OutputOwner file_;
  std::vector<Kept> packets_;
};

// What is in a file: its streams and their packets, with times in seconds.
struct SeenStream {
  AVMediaType type;
  AVCodecID codec;
  std::string name;  // of an attachment
  bool cover = false;
  std::vector<double> starts;
  std::string content;  // of all packets
};

inline std::vector<SeenStream> streams_in(const std::filesystem::path& path) {
  AVFormatContext* opened = nullptr;
  must(avformat_open_input(&opened, path.c_str(), nullptr, nullptr));
  const InputOwner file(opened);
  must(avformat_find_stream_info(file.get(), nullptr));
  std::vector<SeenStream> streams;
  for (unsigned i = 0; i < file->nb_streams; ++i) {
    const AVStream& stream = *file->streams[i];
    SeenStream seen{stream.codecpar->codec_type, stream.codecpar->codec_id, "", false, {}, ""};
    seen.cover = (stream.disposition & AV_DISPOSITION_ATTACHED_PIC) != 0;
    if (const AVDictionaryEntry* name = av_dict_get(stream.metadata, "filename", nullptr, 0))
      seen.name = name->value;
    streams.push_back(seen);
  }
  const Owner<AVPacket> packet(av_packet_alloc());
  while (av_read_frame(file.get(), packet.get()) >= 0) {
    SeenStream& seen = streams.at(static_cast<std::size_t>(packet->stream_index));
    const AVStream& stream = *file->streams[packet->stream_index];
    seen.starts.push_back(static_cast<double>(packet->pts) * av_q2d(stream.time_base));
    seen.content.append(reinterpret_cast<const char*>(packet->data),
                        static_cast<std::size_t>(packet->size));
    av_packet_unref(packet.get());
  }
  return streams;
}

inline const SeenStream* find(const std::vector<SeenStream>& streams, AVMediaType type,
                              std::size_t index = 0) {
  for (const SeenStream& stream : streams)
    if (stream.type == type && index-- == 0) return &stream;
  return nullptr;
}

// When the first sound stream of a file becomes loud, in seconds of its own clock; -1: never.
inline double onset_of_sound(const std::filesystem::path& path) {
  AVFormatContext* opened = nullptr;
  must(avformat_open_input(&opened, path.c_str(), nullptr, nullptr));
  const InputOwner file(opened);
  must(avformat_find_stream_info(file.get(), nullptr));
  const int index = av_find_best_stream(file.get(), AVMEDIA_TYPE_AUDIO, -1, -1, nullptr, 0);
  if (index < 0) return -1;
  const AVStream& stream = *file->streams[index];
  const AVCodec* const codec = avcodec_find_decoder(stream.codecpar->codec_id);
  const Owner<AVCodecContext> decoder(avcodec_alloc_context3(codec));
  must(avcodec_parameters_to_context(decoder.get(), stream.codecpar));
  decoder->pkt_timebase = stream.time_base;
  must(avcodec_open2(decoder.get(), codec, nullptr));
  const Owner<AVPacket> packet(av_packet_alloc());
  const Owner<AVFrame> frame(av_frame_alloc());
  while (av_read_frame(file.get(), packet.get()) >= 0) {
    if (packet->stream_index == index) avcodec_send_packet(decoder.get(), packet.get());
    av_packet_unref(packet.get());
    while (avcodec_receive_frame(decoder.get(), frame.get()) >= 0) {
      const bool whole = frame->format == AV_SAMPLE_FMT_S16 || frame->format == AV_SAMPLE_FMT_S16P;
      for (int i = 0; i < frame->nb_samples; ++i) {
        const double value =
            whole ? reinterpret_cast<const std::int16_t*>(frame->data[0])[i] / 32768.0
                  : static_cast<double>(reinterpret_cast<const float*>(frame->data[0])[i]);
        if (std::fabs(value) > 0.25)
          return static_cast<double>(frame->pts) * av_q2d(stream.time_base) +
                 static_cast<double>(i) / frame->sample_rate;
      }
    }
  }
  return -1;
}

}  // namespace reverie::ffmpeg
