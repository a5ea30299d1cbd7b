#include <fmt/format.h>
#include <fmt/ranges.h>

extern "C" {
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
}

#include <algorithm>
#include <optional>
#include <vector>

#include "reverie/base/error.h"
#include "reverie/codec/video/filter_graph.h"
#include "reverie/codec/video/sound_form.h"
#include "reverie/codec/video/stream_conversion.h"

namespace reverie::ffmpeg {
namespace {

struct SoundEncoder {
  const char* name;
  AVSampleFormat samples;
  std::vector<int> rates;  // rising; none: any
  int max_channels;
  const char* four_channels;  // the layout
  int bits_a_channel;         // a second
};

const std::vector<SoundEncoder>& encoders() {
  static const std::vector<SoundEncoder> all{
      {"aac",
       AV_SAMPLE_FMT_FLTP,
       {8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000},
       6,
       "4.0",
       96'000},
      {"libopus", AV_SAMPLE_FMT_FLT, {48000}, 6, "quad", 80'000},
      {"libvorbis", AV_SAMPLE_FMT_FLTP, {44100, 48000}, 2, "quad", 96'000},
      {"libmp3lame", AV_SAMPLE_FMT_FLTP, {32000, 44100, 48000}, 2, "quad", 96'000},
      {"ac3", AV_SAMPLE_FMT_FLTP, {32000, 44100, 48000}, 6, "4.0", 96'000},
      {"pcm_s16le", AV_SAMPLE_FMT_S16, {}, 2, "quad", 0}};
  return all;
}

// AVI's players know MP3 rather than AAC.
std::vector<std::string> preferred(const AVOutputFormat& to) {
  if (to.name == std::string("avi")) return {"libmp3lame", "ac3", "pcm_s16le"};
  return {"aac", "libopus", "libvorbis"};
}

std::string layout_name(int channels, const SoundEncoder& encoder) {
  switch (std::min(channels, encoder.max_channels)) {
    case 1:
      return "mono";
    case 3:
      return "3.0";
    case 4:
      return encoder.four_channels;
    case 5:
      return "5.0";
    case 6:
      return "5.1";
    default:
      return "stereo";
  }
}

int rate_for(int rate, const SoundEncoder& encoder) {
  if (encoder.rates.empty()) return rate;
  const auto enough = std::lower_bound(encoder.rates.begin(), encoder.rates.end(), rate);
  return enough == encoder.rates.end() ? encoder.rates.back() : *enough;
}

// FFmpeg 5.1 has another way to say how channels are laid out.
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 24, 100)
int channels_of(const AVCodecParameters& form) { return form.ch_layout.nb_channels; }
void set_layout(AVCodecContext& codec, const std::string& name) {
  av_channel_layout_from_string(&codec.ch_layout, name.c_str());
}
#else
int channels_of(const AVCodecParameters& form) { return form.channels; }
void set_layout(AVCodecContext& codec, const std::string& name) {
  codec.channel_layout = av_get_channel_layout(name.c_str());
  codec.channels = av_get_channel_layout_nb_channels(codec.channel_layout);
}
#endif

class SoundConversion final : public StreamConversion {
 public:
  SoundConversion(Owner<AVCodecContext> decoder, Owner<AVCodecContext> encoder,
                  const std::string& layout)
      : decoder_(std::move(decoder)), encoder_(std::move(encoder)) {
    // Gaps are filled, so that sound stays with the pictures
    description_ =
        fmt::format("aresample=async=1,aformat=sample_fmts={}:sample_rates={}:channel_layouts={}",
                    av_get_sample_fmt_name(encoder_->sample_fmt), encoder_->sample_rate, layout);
  }

  const AVCodecContext& encoder() const override { return *encoder_; }

  void run(const AVPacket* packet, const Next& next) override {
    avcodec_send_packet(decoder_.get(), packet);
    while (avcodec_receive_frame(decoder_.get(), sound_.get()) >= 0) {
      filter(*sound_, next);
      av_frame_unref(sound_.get());
    }
    if (packet != nullptr) return;
    end_filter(next);
    encode(nullptr, next);
  }

 private:
  void filter(AVFrame& sound, const Next& next) {
    const std::string form = sound_form(sound);
    if (form != form_) {
      end_filter(next);
      graph_.emplace("abuffer", form, description_, "abuffersink");
      if ((encoder_->codec->capabilities & AV_CODEC_CAP_VARIABLE_FRAME_SIZE) == 0)
        av_buffersink_set_frame_size(graph_->sink(), static_cast<unsigned>(encoder_->frame_size));
      form_ = form;
    }
    count_in_samples(sound, decoder_->pkt_timebase);
    graph_->run(&sound, [&](AVFrame& converted) { encode(&converted, next); });
  }

  void end_filter(const Next& next) {
    if (graph_) graph_->run(nullptr, [&](AVFrame& converted) { encode(&converted, next); });
    graph_.reset();
  }

  void encode(AVFrame* sound, const Next& next) {
    if (sound != nullptr && sound->pts != AV_NOPTS_VALUE)
      sound->pts = av_rescale_q(sound->pts, graph_->unit(), encoder_->time_base);
    avcodec_send_frame(encoder_.get(), sound);
    while (avcodec_receive_packet(encoder_.get(), packet_.get()) >= 0) {
      next(*packet_);
      av_packet_unref(packet_.get());
    }
  }

  Owner<AVCodecContext> decoder_, encoder_;
  std::string description_, form_;  // of the filter, of what goes into it
  std::optional<FilterGraph> graph_;
  Owner<AVFrame> sound_{av_frame_alloc()};
  Owner<AVPacket> packet_{av_packet_alloc()};
};

Owner<AVCodecContext> open_encoder(const SoundEncoder& form, const AVCodec& codec,
                                   const AVCodecParameters& source, const AVOutputFormat& to) {
  Owner<AVCodecContext> encoder(avcodec_alloc_context3(&codec));
  encoder->sample_fmt = form.samples;
  encoder->sample_rate = rate_for(source.sample_rate, form);
  encoder->time_base = {1, encoder->sample_rate};
  set_layout(*encoder, layout_name(channels_of(source), form));
  encoder->bit_rate =
      std::int64_t{form.bits_a_channel} * std::clamp(channels_of(source), 1, form.max_channels);
  encoder->flags |= AV_CODEC_FLAG_BITEXACT;
  if ((to.flags & AVFMT_GLOBALHEADER) != 0) encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  return avcodec_open2(encoder.get(), &codec, nullptr) < 0 ? nullptr : std::move(encoder);
}

}  // namespace

Owner<AVCodecContext> open_decoder(const AVStream& stream) {
  const AVCodec* const codec = avcodec_find_decoder(stream.codecpar->codec_id);
  if (codec == nullptr) return nullptr;
  Owner<AVCodecContext> decoder(avcodec_alloc_context3(codec));
  if (avcodec_parameters_to_context(decoder.get(), stream.codecpar) < 0) return nullptr;
  decoder->pkt_timebase = stream.time_base;
  return avcodec_open2(decoder.get(), codec, nullptr) < 0 ? nullptr : std::move(decoder);
}

bool may_hold(const AVOutputFormat& muxer, AVCodecID codec) {
  return avformat_query_codec(&muxer, codec, FF_COMPLIANCE_NORMAL) != 0;
}

std::unique_ptr<StreamConversion> convert_sound(const AVStream& stream, const AVOutputFormat& to) {
  Owner<AVCodecContext> decoder = open_decoder(stream);
  if (!decoder || stream.codecpar->sample_rate <= 0 || channels_of(*stream.codecpar) <= 0)
    return nullptr;
  for (const std::string& name : preferred(to)) {
    const AVCodec* const codec = avcodec_find_encoder_by_name(name.c_str());
    if (codec == nullptr || !may_hold(to, codec->id)) continue;
    const SoundEncoder& form = *std::find_if(encoders().begin(), encoders().end(),
                                             [&](const SoundEncoder& e) { return e.name == name; });
    if (Owner<AVCodecContext> encoder = open_encoder(form, *codec, *stream.codecpar, to))
      return std::make_unique<SoundConversion>(std::move(decoder), std::move(encoder),
                                               layout_name(channels_of(*stream.codecpar), form));
  }
  return nullptr;
}

}  // namespace reverie::ffmpeg
