#include "reverie/codec/video/pixel_conversion.h"

#include <fmt/format.h>

extern "C" {
#include <libavutil/pixdesc.h>
}

#include <algorithm>
#include <cmath>
#include <cstring>

#include "reverie/base/error.h"
#include "reverie/codec/video/transparency.h"

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

// Rows of interleaved channels to planes, turned and mirrored.
template <class Sample>
void unpack(const Sample* pixels, int channels, int width, int height,
            const Orientation& orientation, float scale, Image& frame) {
  const std::int64_t to_width = orientation.transposed ? height : width;
  const std::int64_t to_height = orientation.transposed ? width : height;
  for (std::int64_t y = 0; y < height; ++y)
    for (std::int64_t x = 0; x < width; ++x) {
      const Sample* const pixel = pixels + channels * (y * width + x);
      std::int64_t to_x = orientation.transposed ? y : x, to_y = orientation.transposed ? x : y;
      if (orientation.reversed_x) to_x = to_width - 1 - to_x;
      if (orientation.reversed_y) to_y = to_height - 1 - to_y;
      for (std::int64_t c = 0; c < 3; ++c)
        frame.color.view().at(c, to_y, to_x) = static_cast<float>(pixel[c]) * scale;
      if (channels == 4)
        frame.alpha.view().at(0, to_y, to_x) = static_cast<float>(pixel[3]) * scale;
    }
}

void fit(Tensor& tensor, const Shape& shape) {
  if (tensor.empty() || tensor.shape() != shape) tensor = Tensor::uninitialized(shape);
}

}  // namespace

// The matrix is (a b; c d) in rows of three: x' = ax + cy, y' = bx + dy. What turns by less than a
// quarter is as good as upright.
Orientation orientation_of(const AVStream& stream) {
  const std::uint8_t* const data = display_matrix(stream);
  if (data == nullptr) return {};
  std::array<std::int32_t, 5> matrix{};
  std::memcpy(matrix.data(), data, sizeof matrix);
  const double a = matrix[0], b = matrix[1], c = matrix[3], d = matrix[4];
  if (a * d - b * c == 0) return {};
  if (std::fabs(a) + std::fabs(d) >= std::fabs(b) + std::fabs(c)) return {false, a < 0, d < 0};
  return {true, c < 0, b < 0};
}

bool has_alpha(int format) {
  const AVPixFmtDescriptor* const form = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(format));
  return form != nullptr && ((form->flags & AV_PIX_FMT_FLAG_ALPHA) != 0 ||
                             format == static_cast<int>(AV_PIX_FMT_PAL8));
}

PixelReader::PixelReader(std::string name, Orientation orientation, bool keep_alpha,
                         const std::array<int, 3>& background, NoticeSink notices)
    : name_(std::move(name)),
      orientation_(orientation),
      keep_alpha_(keep_alpha),
      background_(background),
      notices_(std::move(notices)) {}

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
    rgb_.resize((static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_) * 4) + 64);
  }
  channels_ = has_alpha(decoded.format) ? 4 : 3;
  const AVPixelFormat deep = channels_ == 4 ? AV_PIX_FMT_RGBA64 : AV_PIX_FMT_RGB48;
  const AVPixelFormat plain = channels_ == 4 ? AV_PIX_FMT_RGBA : AV_PIX_FMT_RGB24;
  converter_.reset(sws_getContext(
      decoded.width, decoded.height, static_cast<AVPixelFormat>(decoded.format), width_, height_,
      deep_ ? deep : plain, SWS_BICUBIC | SWS_ACCURATE_RND | SWS_BITEXACT | SWS_FULL_CHR_H_INT,
      nullptr, nullptr, nullptr));
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
  const int strides[] = {channels_ * width_ * (deep_ ? 2 : 1), 0, 0, 0};
  sws_scale(converter_.get(), decoded.data, decoded.linesize, 0, decoded.height, planes, strides);

  const bool lies = orientation_.transposed;
  const std::int64_t height = lies ? width_ : height_, width = lies ? height_ : width_;
  fit(frame.color, {3, height, width});
  if (channels_ == 4)
    fit(frame.alpha, {1, height, width});
  else
    frame.alpha = {};
  if (deep_)
    unpack(rgb_.data(), channels_, width_, height_, orientation_, 1 / 257.f, frame);
  else
    unpack(bytes, channels_, width_, height_, orientation_, 1.f, frame);
  if (light_) light_->run(frame.color);
  compose_on(background_, keep_alpha_, frame);
}

namespace {

int depth_of(AVPixelFormat format) { return av_pix_fmt_desc_get(format)->comp[0].depth; }

// As write_image rounds, so that a video is the same from frames that were kept as pictures: those
// have 16 bits where a video has more than 8.
template <class Sample>
Sample sample_of(float value, float scale, float most) {
  constexpr float kept = 257;
  if (sizeof(Sample) == 2 && scale != kept) value = std::rint(value * kept) / kept;
  return value > 0 ? static_cast<Sample>(std::lrint(std::min(value * scale, most))) : Sample{0};
}

// Writes channel `c`, 3 for alpha, to every `step`th sample of rows.
template <class Sample>
void pack_channel(const Image& frame, int c, Sample* to, int step, std::ptrdiff_t stride,
                  const AVFrame& rgb) {
  const std::int64_t height = frame.height(), width = frame.width();
  const int depth = depth_of(static_cast<AVPixelFormat>(rgb.format));
  const auto most = static_cast<float>((1 << depth) - 1);
  // 16 bits as in PNG files, where 255 levels become 65535 by a factor of 257
  const float scale = most / 255;
  for (int y = 0; y < rgb.height; ++y, to += stride) {
    if (c == 3 && frame.alpha.empty()) {
      for (int x = 0; x < rgb.width; ++x) to[x * step] = static_cast<Sample>(most);
      continue;
    }
    const std::int64_t from = std::min<std::int64_t>(y, height - 1);
    const float* const samples = c == 3 ? frame.alpha.data() + from * width
                                        : frame.color.data() + (c * height + from) * width;
    for (int x = 0; x < rgb.width; ++x)
      to[x * step] = sample_of<Sample>(samples[std::min<std::int64_t>(x, width - 1)], scale, most);
  }
}

template <class Sample>
void pack_as(const Image& frame, AVFrame& rgb) {
  const AVPixFmtDescriptor& form = *av_pix_fmt_desc_get(static_cast<AVPixelFormat>(rgb.format));
  const auto size = static_cast<int>(sizeof(Sample));
  for (int c = 0; c < form.nb_components; ++c) {
    const AVComponentDescriptor& place = form.comp[c];
    auto* const to = reinterpret_cast<Sample*>(rgb.data[place.plane] + place.offset);
    pack_channel(frame, c, to, place.step / size, rgb.linesize[place.plane] / size, rgb);
  }
}

}  // namespace

void pack(const Image& frame, AVFrame& rgb) {
  if (depth_of(static_cast<AVPixelFormat>(rgb.format)) == 8)
    pack_as<std::uint8_t>(frame, rgb);
  else
    pack_as<std::uint16_t>(frame, rgb);
}

AVPixelFormat packed_format(AVPixelFormat encoded, bool alpha, int bits) {
  const AVPixFmtDescriptor& form = *av_pix_fmt_desc_get(encoded);
  constexpr auto planar_rgb = AV_PIX_FMT_FLAG_PLANAR | AV_PIX_FMT_FLAG_RGB;
  if ((form.flags & planar_rgb) == planar_rgb) return encoded;
  if (bits > 8) return alpha ? AV_PIX_FMT_RGBA64 : AV_PIX_FMT_RGB48;
  return alpha ? AV_PIX_FMT_RGBA : AV_PIX_FMT_RGB24;
}

bool is_rgb(AVPixelFormat format) {
  return (av_pix_fmt_desc_get(format)->flags & AV_PIX_FMT_FLAG_RGB) != 0;
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

Owner<SwsContext> color_converter(int width, int height, AVPixelFormat from, AVPixelFormat to,
                                  int matrix) {
  Owner<SwsContext> scaler(
      sws_getContext(width, height, from, width, height, to,
                     SWS_BICUBIC | SWS_ACCURATE_RND | SWS_BITEXACT | SWS_FULL_CHR_H_INP, nullptr,
                     nullptr, nullptr));
  if (!scaler)
    throw CodecFailure(fmt::format("frames of {}x{} cannot be converted", width, height));
  if (is_rgb(to)) return scaler;
  constexpr int one = 1 << 16;
  sws_setColorspaceDetails(scaler.get(), sws_getCoefficients(SWS_CS_DEFAULT), 1,
                           sws_getCoefficients(matrix), 0, 0, one, one);
  return scaler;
}

}  // namespace reverie::ffmpeg
