#include "reverie/codec/video/video_formats.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

extern "C" {
#include <libavutil/opt.h>
}

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "reverie/base/error.h"
#include "reverie/codec/video/video_names.h"
#include "reverie/codec/video/video_plugin.h"

namespace reverie::ffmpeg {
namespace {

// Of each codec that can be asked for, best first. The AV1 encoders in order of silence: the last
// prints by itself.
struct CodecEncoders {
  VideoCodec codec;
  const char* words;
  AVCodecID id;
  Encoders names;
};
constexpr CodecEncoders asked_for[] = {
    {VideoCodec::h264, "H.264", AV_CODEC_ID_H264, {"libx264", "libopenh264", nullptr}},
    {VideoCodec::h265, "H.265", AV_CODEC_ID_HEVC, {"libx265", nullptr, nullptr}},
    {VideoCodec::vp9, "VP9", AV_CODEC_ID_VP9, {"libvpx-vp9", nullptr, nullptr}},
    {VideoCodec::av1, "AV1", AV_CODEC_ID_AV1, {"libaom-av1", "librav1e", "libsvtav1"}},
    {VideoCodec::prores, "ProRes", AV_CODEC_ID_PRORES, {"prores_ks", nullptr, nullptr}},
    {VideoCodec::ffv1, "FFV1", AV_CODEC_ID_FFV1, {"ffv1", nullptr, nullptr}}};

const CodecEncoders& encoders_of(VideoCodec codec) {
  return *std::find_if(std::begin(asked_for), std::end(asked_for),
                       [&](const CodecEncoders& c) { return c.codec == codec; });
}

constexpr VideoFormat formats[] = {
    {"mp4", "mp4", {"libx264", "libopenh264", "mpeg4"}, true, true},
    {"webm", "webm", {"libvpx-vp9", "libvpx", nullptr}, true, false},
    {"mkv", "matroska", {"libx264", "libopenh264", "mpeg4"}, true, false},
    {"mov", "mov", {"libx264", "libopenh264", "mpeg4"}, true, true},
    {"avi", "avi", {"mpeg4", nullptr, nullptr}, true, false},
    {"gif", "gif", {"gif", nullptr, nullptr}, false, false}};

}  // namespace

const VideoFormat& video_format(const std::filesystem::path& path) {
  const std::string extension = video_extension(path);
  for (const VideoFormat& format : formats)
    if (extension == format.extension) return format;
  throw CodecFailure(fmt::format("{}: unknown video format, expected a name that ends in .{}",
                                 path.string(), fmt::join(video_extensions(), ", .")));
}

void check_encoder(const std::filesystem::path& path, const VideoOptions& options) {
  const AVCodec* const encoder = find_encoder(video_format(path), options.codec, false, path);
  pixels_for(*encoder, false, options.bits, path);
}

bool can_hold_alpha(const std::filesystem::path& path, VideoCodec codec) {
  const VideoFormat& format = video_format(path);
  if (format.name == std::string("gif")) return true;
  const std::string encoder = find_encoder(format, codec, true, path)->name;
  if (encoder == "prores_ks" || encoder == "ffv1") return true;
  return encoder == "libvpx-vp9" &&
         (format.name == std::string("webm") || format.name == std::string("matroska"));
}

const AVCodec* find_encoder(const VideoFormat& format, VideoCodec codec, bool alpha,
                            const std::filesystem::path& path) {
  // QuickTime's form of transparent videos
  if (alpha && codec == VideoCodec::automatic && format.name == std::string("mov"))
    if (const AVCodec* prores = avcodec_find_encoder_by_name("prores_ks")) return prores;
  const Encoders& encoders =
      codec == VideoCodec::automatic ? format.encoders : encoders_of(codec).names;
  if (codec != VideoCodec::automatic) {
    const AVOutputFormat* const muxer = av_guess_format(format.name, nullptr, nullptr);
    if (muxer == nullptr || !takes(*muxer, encoders_of(codec).id))
      throw CodecFailure(fmt::format("{}: .{} cannot hold {}; .{} can", path.string(),
                                     format.extension, encoders_of(codec).words,
                                     codec == VideoCodec::prores ? "mov" : "mkv"));
  }
  for (const char* name : encoders)
    if (name != nullptr)
      if (const AVCodec* found = avcodec_find_encoder_by_name(name)) return found;
  throw CodecFailure(fmt::format("{}: this system's FFmpeg has no encoder {}; try another {}",
                                 path.string(), encoders[0],
                                 codec == VideoCodec::automatic ? "extension" : "--codec"));
}

namespace {

struct EncoderPixels {
  const char* encoder;
  int bits;
  AVPixelFormat opaque, transparent;
};
// What differs from YUV420P and YUV420P10. FFV1, which loses nothing, gets RGB.
constexpr EncoderPixels encoder_pixels[] = {
    {"gif", 8, AV_PIX_FMT_PAL8, AV_PIX_FMT_PAL8},
    {"prores_ks", 10, AV_PIX_FMT_YUV422P10, AV_PIX_FMT_YUVA444P10},
    {"libvpx-vp9", 8, AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUVA420P},
    {"ffv1", 8, AV_PIX_FMT_BGR0, AV_PIX_FMT_BGRA},
    {"ffv1", 10, AV_PIX_FMT_GBRP10, AV_PIX_FMT_GBRAP10},
    {"ffv1", 16, AV_PIX_FMT_GBRP16, AV_PIX_FMT_GBRAP16}};

bool takes_pixels(const AVCodec& encoder, AVPixelFormat format) {
  if (encoder.pix_fmts == nullptr) return format == AV_PIX_FMT_YUV420P;
  for (const AVPixelFormat* known = encoder.pix_fmts; *known != AV_PIX_FMT_NONE; ++known)
    if (*known == format) return true;
  return false;
}

}  // namespace

AVPixelFormat pixels_for(const AVCodec& encoder, bool alpha, int bits,
                         const std::filesystem::path& path) {
  const std::string name = encoder.name;
  // Which has no fewer
  if (name == "prores_ks") bits = std::max(bits, 10);
  AVPixelFormat format = bits == 8    ? AV_PIX_FMT_YUV420P
                         : bits == 10 ? AV_PIX_FMT_YUV420P10
                                      : AV_PIX_FMT_NONE;
  for (const EncoderPixels& known : encoder_pixels)
    if (name == known.encoder && bits == known.bits)
      format = alpha ? known.transparent : known.opaque;
  if (takes_pixels(encoder, format)) return format;
  throw CodecFailure(
      fmt::format("{}: encoder {} has no frames of {} bits; {}", path.string(), name, bits,
                  bits == 10  ? "--codec h265, vp9, av1, prores and ffv1 have some of 10"
                  : bits == 8 ? "leave --bits out"
                              : "FFV1 has 8, 10 and 16, most others 8 and 10"));
}

bool takes(const AVOutputFormat& muxer, AVCodecID codec) {
  // What it does not know, it cannot promise
  return avformat_query_codec(&muxer, codec, FF_COMPLIANCE_NORMAL) == 1;
}

AVRational encoder_unit(const VideoFormat& format, const AVCodec& codec, TimeUnit unit,
                        double fps) {
  constexpr int max_of_mpeg4 = 65535;
  const std::string name = format.name;
  if (name == "gif" && unit.num > 0) return {1, 100};
  const bool keeps =
      unit.num > 0 && name != "avi" && (codec.id != AV_CODEC_ID_MPEG4 || unit.den <= max_of_mpeg4);
  if (keeps) return {unit.num, unit.den};
  return av_inv_q(av_d2q(fps, name == "avi" || codec.id == AV_CODEC_ID_MPEG4 ? 65535 : 1001000));
}

int write_header(AVFormatContext& video, const VideoFormat& format, const std::string& recipe,
                 int loops) {
  if (!recipe.empty()) av_dict_set(&video.metadata, "comment", recipe.c_str(), 0);
  AVDictionary* settings = nullptr;
  if (format.movflags) av_dict_set(&settings, "movflags", "+faststart", 0);
  if (format.name == std::string("gif")) av_dict_set_int(&settings, "loop", loops, 0);
  const int code = avformat_write_header(&video, &settings);
  av_dict_free(&settings);
  return code;
}

void set_quality(AVCodecContext& codec, int quality) {
  const int loss = 100 - std::clamp(quality, 1, 100);
  const std::string name = codec.codec->name;
  if (name == "libx264") {
    av_opt_set_double(codec.priv_data, "crf", 13 + 0.38 * loss, 0);
    av_opt_set(codec.priv_data, "preset", "medium", 0);
    // Its code for AVX-512 reads memory that nobody wrote (version 164, the macroblock tree); this
    // also gives the same video from the same frames on every processor
    av_opt_set(codec.priv_data, "x264-params", "cpu-independent=1", 0);
  } else if (name == "libx265") {
    av_opt_set_double(codec.priv_data, "crf", 15 + 0.36 * loss, 0);
    av_opt_set(codec.priv_data, "preset", "medium", 0);
    av_opt_set(codec.priv_data, "x265-params", "log-level=none", 0);
  } else if (name == "libaom-av1") {
    av_opt_set_int(codec.priv_data, "crf", std::lround(18 + 0.45 * loss), 0);
    av_opt_set_int(codec.priv_data, "cpu-used", 6, 0);
    av_opt_set_int(codec.priv_data, "row-mt", 1, 0);
    codec.thread_count = 0;
  } else if (name == "librav1e") {
    av_opt_set_int(codec.priv_data, "qp", std::lround(60 + 1.9 * loss), 0);
    av_opt_set_int(codec.priv_data, "speed", 8, 0);
  } else if (name == "libsvtav1") {
    av_opt_set_int(codec.priv_data, "crf", std::lround(18 + 0.45 * loss), 0);
    av_opt_set_int(codec.priv_data, "preset", 8, 0);
  } else if (name == "libvpx-vp9" || name == "libvpx") {
    // A rate of 0 leaves the quality alone to decide
    codec.bit_rate = name == "libvpx" ? 20'000'000 : 0;
    av_opt_set_int(codec.priv_data, "crf", std::lround(22 + 0.41 * loss), 0);
    av_opt_set(codec.priv_data, "deadline", "good", 0);
    av_opt_set_int(codec.priv_data, "cpu-used", 3, 0);
    if (name == "libvpx-vp9") av_opt_set_int(codec.priv_data, "row-mt", 1, 0);
    codec.thread_count = 0;
  } else if (name == "mpeg4") {
    codec.flags |= AV_CODEC_FLAG_QSCALE | AV_CODEC_FLAG_BITEXACT;
    codec.global_quality = FF_QP2LAMBDA * static_cast<int>(std::lround(2 + 0.15 * loss));
  } else if (name == "prores_ks") {
    av_opt_set(codec.priv_data, "profile", codec.pix_fmt == AV_PIX_FMT_YUVA444P10 ? "4444" : "hq",
               0);
    codec.flags |= AV_CODEC_FLAG_QSCALE | AV_CODEC_FLAG_BITEXACT;
    codec.global_quality = FF_QP2LAMBDA * static_cast<int>(std::lround(2 + 0.15 * loss));
  } else if (name == "ffv1") {
    // Version 3 has checksums; each frame by itself can be cut everywhere
    codec.level = 3;
    codec.gop_size = 1;
    codec.flags |= AV_CODEC_FLAG_BITEXACT;
  } else if (name == "libopenh264") {
    codec.bit_rate = std::int64_t{100'000} * (101 - loss);
  }
}

}  // namespace reverie::ffmpeg
