#include <algorithm>
#include <cstring>
#include <vector>

#include "reverie/codec/video/stream_conversion.h"

namespace reverie::ffmpeg {
namespace {

constexpr std::size_t max_bytes = 1 << 20;  // of one subtitle, as FFmpeg's own program allows

bool is_text(AVCodecID codec) {
  const AVCodecDescriptor* const known = avcodec_descriptor_get(codec);
  return known != nullptr && (known->props & AV_CODEC_PROP_TEXT_SUB) != 0;
}

class SubtitleConversion final : public StreamConversion {
 public:
  SubtitleConversion(Owner<AVCodecContext> decoder, Owner<AVCodecContext> encoder)
      : decoder_(std::move(decoder)), encoder_(std::move(encoder)), text_(max_bytes) {}

  const AVCodecContext& encoder() const override { return *encoder_; }

  void run(const AVPacket* packet, const Next& next) override {
    if (packet == nullptr || packet->size == 0) return;
    const Owner<AVPacket> source(av_packet_clone(packet));
    AVSubtitle subtitle{};
    int found = 0;
    if (source && avcodec_decode_subtitle2(decoder_.get(), &subtitle, &found, source.get()) >= 0 &&
        found != 0)
      encode(subtitle, *source, next);
    if (found != 0) avsubtitle_free(&subtitle);
  }

 private:
  void encode(AVSubtitle& subtitle, const AVPacket& source, const Next& next) {
    if (subtitle.num_rects == 0) return;
    const AVRational unit = decoder_->pkt_timebase;
    std::int64_t duration = source.duration;
    if (duration <= 0) duration = av_rescale_q(subtitle.end_display_time, {1, 1000}, unit);
    subtitle.pts = av_rescale_q(source.pts, unit, {1, AV_TIME_BASE});
    subtitle.start_display_time = 0;
    subtitle.end_display_time = static_cast<std::uint32_t>(av_rescale_q(duration, unit, {1, 1000}));
    const int bytes = avcodec_encode_subtitle(encoder_.get(), text_.data(),
                                              static_cast<int>(text_.size()), &subtitle);
    if (bytes <= 0 || av_new_packet(packet_.get(), bytes) < 0) return;
    std::memcpy(packet_->data, text_.data(), static_cast<std::size_t>(bytes));
    packet_->pts = packet_->dts = av_rescale_q(source.pts, unit, encoder_->time_base);
    packet_->duration = av_rescale_q(duration, unit, encoder_->time_base);
    next(*packet_);
    av_packet_unref(packet_.get());
  }

  Owner<AVCodecContext> decoder_, encoder_;
  std::vector<std::uint8_t> text_;
  Owner<AVPacket> packet_{av_packet_alloc()};
};

// The encoder takes the styles from the decoder's header.
Owner<AVCodecContext> open_encoder(AVCodecID id, const AVCodecContext& decoder) {
  const AVCodec* const codec = avcodec_find_encoder(id);
  if (codec == nullptr) return nullptr;
  Owner<AVCodecContext> encoder(avcodec_alloc_context3(codec));
  encoder->time_base = {1, 1000};
  if (decoder.subtitle_header_size > 0) {
    const auto size = static_cast<std::size_t>(decoder.subtitle_header_size);
    encoder->subtitle_header = static_cast<std::uint8_t*>(av_mallocz(size + 1));
    if (encoder->subtitle_header == nullptr) return nullptr;
    std::memcpy(encoder->subtitle_header, decoder.subtitle_header, size);
    encoder->subtitle_header_size = decoder.subtitle_header_size;
  }
  return avcodec_open2(encoder.get(), codec, nullptr) < 0 ? nullptr : std::move(encoder);
}

}  // namespace

std::unique_ptr<StreamConversion> convert_subtitles(const AVStream& stream,
                                                    const AVOutputFormat& to) {
  if (!is_text(stream.codecpar->codec_id)) return nullptr;
  Owner<AVCodecContext> decoder = open_decoder(stream);
  if (!decoder) return nullptr;
  for (const AVCodecID id : {AV_CODEC_ID_MOV_TEXT, AV_CODEC_ID_SUBRIP, AV_CODEC_ID_WEBVTT}) {
    if (id == stream.codecpar->codec_id || avformat_query_codec(&to, id, FF_COMPLIANCE_NORMAL) != 1)
      continue;
    if (Owner<AVCodecContext> encoder = open_encoder(id, *decoder))
      return std::make_unique<SubtitleConversion>(std::move(decoder), std::move(encoder));
  }
  return nullptr;
}

}  // namespace reverie::ffmpeg
