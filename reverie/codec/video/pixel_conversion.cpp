#include "reverie/codec/video/pixel_conversion.h"

#include <fmt/format.h>

extern "C" {
#include <libavutil/display.h>
#include <libavutil/pixdesc.h>
}

#include <algorithm>
#include <cmath>

#include "reverie/base/error.h"

namespace reverie::ffmpeg {
namespace {

// Newer FFmpeg keeps what belongs to a whole stream with the codec's parameters.
const std::uint8_t* display_matrix(const AVStream& stream) {
#if LIBAVFORMAT_VERSION_INT >= AV_VERSION_INT(60, 15, 100)
  const AVPacketSideData* const data =
      av_packet_side_data_get(stream.codecpar->coded_side_data, stream.codecpar->nb_coded_side_data,
                              AV_PKT_DATA_DISPLAYMATRIX);
  return data == nullptr || data->size < 9 * sizeof(std::int32_t) ? nullptr : data->data;
#else
  return av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, nullptr);
#endif
}

bool is_full_range(const AVFrame& decoded) {
  const auto format = static_cast<AVPixelFormat>(decoded.format);
  return decoded.color_range == AVCOL_RANGE_JPEG || format == AV_PIX_FMT_YUVJ420P ||
         format == AV_PIX_FMT_YUVJ422P || format == AV_PIX_FMT_YUVJ444P;
}

// Where a video does not say, players go by its size.
int matrix_of(const AVFrame& decoded) {
  constexpr int first_hd_lines = 720;
  switch (decoded.colorspace) {
    case AVCOL_SPC_BT709:
      return SWS_CS_ITU709;
    case AVCOL_SPC_BT2020_NCL:
    case AVCOL_SPC_BT2020_CL:
      return SWS_CS_BT2020;
    case AVCOL_SPC_SMPTE240M:
      return SWS_CS_SMPTE240M;
    case AVCOL_SPC_UNSPECIFIED:
      return decoded.height >= first_hd_lines ? SWS_CS_ITU709 : SWS_CS_ITU601;
    default:
      return SWS_CS_ITU601;
  }
}

// Rows of RGB to [3,H,W], turned clockwise.
template <class Sample>
void unpack(const Sample* rgb, int width, int height, int quarter_turns, float scale, View color) {
  for (std::int64_t y = 0; y < height; ++y)
    for (std::int64_t x = 0; x < width; ++x) {
      const Sample* const pixel = rgb + 3 * (y * width + x);
      std::int64_t to_y = y, to_x = x;
      if (quarter_turns == 1) to_y = x, to_x = height - 1 - y;
      if (quarter_turns == 2) to_y = height - 1 - y, to_x = width - 1 - x;
      if (quarter_turns == 3) to_y = width - 1 - x, to_x = y;
      for (std::int64_t c = 0; c < 3; ++c)
        color.at(c, to_y, to_x) = static_cast<float>(pixel[c]) * scale;
    }
}

}  // namespace

int quarter_turns_of(const AVStream& stream) {
  const std::uint8_t* const matrix = display_matrix(stream);
  if (matrix == nullptr) return 0;
  const double anticlockwise =
      av_display_rotation_get(reinterpret_cast<const std::int32_t*>(matrix));
  if (std::isnan(anticlockwise)) return 0;
  return ((static_cast<int>(std::lround(-anticlockwise / 90)) % 4) + 4) % 4;
}

PixelReader::PixelReader(std::string name, int quarter_turns, NoticeSink notices)
    : name_(std::move(name)), quarter_turns_(quarter_turns), notices_(std::move(notices)) {}

void PixelReader::choose_light(const AVFrame& decoded) {
  const bool wide = decoded.color_primaries == AVCOL_PRI_BT2020;
  TransferCurve curve = TransferCurve::screen;
  if (decoded.color_trc == AVCOL_TRC_SMPTE2084) curve = TransferCurve::pq;
  if (decoded.color_trc == AVCOL_TRC_ARIB_STD_B67) curve = TransferCurve::hlg;
  light_.reset();
  if (curve == TransferCurve::screen && !wide) return;
  light_.emplace(curve, wide);
  const std::string what = curve == TransferCurve::screen ? "has wide colours (BT.2020)"
                           : curve == TransferCurve::pq   ? "is HDR (PQ)"
                                                          : "is HDR (HLG)";
  if (what != said_)
    notify(notices_,
           fmt::format("'{}' {}; it is converted to standard dynamic range and colours (BT.709)",
                       name_, what));
  said_ = what;
}

// What does not change from frame to frame is prepared once.
void PixelReader::set_up(const AVFrame& decoded) {
  const std::vector<int> form{decoded.width,      decoded.height,         decoded.format,
                              matrix_of(decoded), is_full_range(decoded), decoded.color_primaries,
                              decoded.color_trc};
  if (form == form_) return;
  form_ = form;
  if (width_ == 0) {
    width_ = decoded.width;
    height_ = decoded.height;
    const AVPixFmtDescriptor* const form_of_pixels =
        av_pix_fmt_desc_get(static_cast<AVPixelFormat>(decoded.format));
    deep_ = form_of_pixels != nullptr && form_of_pixels->comp[0].depth > 8;
    // Room for what libswscale writes past the end
    rgb_.resize((static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_) * 3) + 64);
  }
  converter_.reset(
      sws_getContext(decoded.width, decoded.height, static_cast<AVPixelFormat>(decoded.format),
                     width_, height_, deep_ ? AV_PIX_FMT_RGB48 : AV_PIX_FMT_RGB24,
                     SWS_BICUBIC | SWS_ACCURATE_RND | SWS_BITEXACT | SWS_FULL_CHR_H_INT, nullptr,
                     nullptr, nullptr));
  if (!converter_)
    throw CodecFailure(fmt::format("'{}': its pixel format cannot be converted to RGB", name_));
  constexpr int one = 1 << 16;
  sws_setColorspaceDetails(converter_.get(), sws_getCoefficients(matrix_of(decoded)),
                           is_full_range(decoded) ? 1 : 0, sws_getCoefficients(SWS_CS_DEFAULT), 1,
                           0, one, one);
  choose_light(decoded);
}

void PixelReader::run(const AVFrame& decoded, Image& frame) {
  set_up(decoded);
  auto* const bytes = reinterpret_cast<std::uint8_t*>(rgb_.data());
  std::uint8_t* const planes[] = {bytes, nullptr, nullptr, nullptr};
  const int strides[] = {3 * width_ * (deep_ ? 2 : 1), 0, 0, 0};
  sws_scale(converter_.get(), decoded.data, decoded.linesize, 0, decoded.height, planes, strides);

  const bool lies = quarter_turns_ % 2 == 1;
  const Shape upright{3, lies ? width_ : height_, lies ? height_ : width_};
  if (frame.color.empty() || frame.color.shape() != upright)
    frame.color = Tensor::uninitialized(upright);
  if (deep_)
    unpack(rgb_.data(), width_, height_, quarter_turns_, 1 / 257.f, frame.color);
  else
    unpack(bytes, width_, height_, quarter_turns_, 1.f, frame.color);
  if (light_) light_->run(frame.color);
}

void pack(ConstView color, AVFrame& rgb) {
  const std::int64_t height = color.shape().height(), width = color.shape().width();
  for (int y = 0; y < rgb.height; ++y) {
    std::uint8_t* const row = rgb.data[0] + static_cast<std::ptrdiff_t>(y) * rgb.linesize[0];
    const std::int64_t from = std::min<std::int64_t>(y, height - 1);
    for (int c = 0; c < 3; ++c) {
      const float* const samples = color.data() + (c * height + from) * width;
      for (int x = 0; x < rgb.width; ++x) {
        const float v = samples[std::min<std::int64_t>(x, width - 1)];
        // As write_image rounds, so that a video is the same from frames that were kept as pictures
        row[3 * x + c] = v > 0 ? static_cast<std::uint8_t>(std::lrint(std::min(v, 255.f))) : 0;
      }
    }
  }
}

Owner<AVFrame> new_picture(int width, int height, AVPixelFormat format) {
  Owner<AVFrame> frame(av_frame_alloc());
  frame->width = width;
  frame->height = height;
  frame->format = format;
  if (av_frame_get_buffer(frame.get(), 0) < 0)
    throw OutOfMemory("out of memory for a frame of a video");
  return frame;
}

Owner<SwsContext> color_converter(int width, int height, int matrix) {
  Owner<SwsContext> scaler(
      sws_getContext(width, height, AV_PIX_FMT_RGB24, width, height, AV_PIX_FMT_YUV420P,
                     SWS_BICUBIC | SWS_ACCURATE_RND | SWS_BITEXACT | SWS_FULL_CHR_H_INP, nullptr,
                     nullptr, nullptr));
  if (!scaler)
    throw CodecFailure(fmt::format("frames of {}x{} cannot be converted to YUV", width, height));
  constexpr int one = 1 << 16;
  sws_setColorspaceDetails(scaler.get(), sws_getCoefficients(SWS_CS_DEFAULT), 1,
                           sws_getCoefficients(matrix), 0, 0, one, one);
  return scaler;
}

}  // namespace reverie::ffmpeg
