#include "reverie/codec/film_write.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <optional>

#include "reverie/base/error.h"
#include "reverie/codec/ffmpeg_handles.h"
#include "reverie/codec/film_formats.h"
#include "reverie/codec/film_palette.h"
#include "reverie/codec/gif_comment.h"
#include "reverie/codec/output_file.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;
using ffmpeg::FilmFormat;
using ffmpeg::Owner;

// Rounded and clipped, [3,H,W] to rows of RGB; columns and rows past the end repeat the last.
void pack(ConstView colour, AVFrame& rgb) {
  const std::int64_t height = colour.shape().height(), width = colour.shape().width();
  for (int y = 0; y < rgb.height; ++y) {
    std::uint8_t* const row = rgb.data[0] + static_cast<std::ptrdiff_t>(y) * rgb.linesize[0];
    const std::int64_t from = std::min<std::int64_t>(y, height - 1);
    for (int c = 0; c < 3; ++c) {
      const float* const samples = colour.data() + (c * height + from) * width;
      for (int x = 0; x < rgb.width; ++x) {
        const float v = samples[std::min<std::int64_t>(x, width - 1)];
        row[3 * x + c] = v > 0 ? static_cast<std::uint8_t>(std::min(v, 255.f) + 0.5f) : 0;
      }
    }
  }
}

Owner<AVFrame> new_picture(int width, int height, AVPixelFormat format) {
  Owner<AVFrame> frame(av_frame_alloc());
  frame->width = width;
  frame->height = height;
  frame->format = format;
  if (av_frame_get_buffer(frame.get(), 0) < 0) throw OutOfMemory("no memory for a frame of a film");
  return frame;
}

// RGB to YUV in the range of 16 to 235; `matrix` is one of libswscale's SWS_CS_ITU709 and _ITU601.
Owner<SwsContext> colour_converter(int width, int height, int matrix) {
  Owner<SwsContext> scaler(sws_getContext(
      width, height, AV_PIX_FMT_RGB24, width, height, AV_PIX_FMT_YUV420P,
      SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INP, nullptr, nullptr, nullptr));
  if (!scaler) throw CodecFailure(fmt::format("no way to convert frames of {}x{}", width, height));
  constexpr int one = 1 << 16;
  sws_setColorspaceDetails(scaler.get(), sws_getCoefficients(SWS_CS_DEFAULT), 1,
                           sws_getCoefficients(matrix), 0, 0, one, one);
  return scaler;
}

}  // namespace

class FilmWriter::Film {
 public:
  Film(const fs::path& path, std::int64_t width, std::int64_t height, const FilmOptions& options,
       const NoticeSink& notices)
      : path_(path),
        options_(options),
        format_(ffmpeg::film_format(path)),
        width_(width),
        height_(height),
        file_(path) {
    ffmpeg::hush();
    const std::int64_t grid = format_.even ? 2 : 1;
    rgb_ = new_picture(static_cast<int>((width + grid - 1) / grid * grid),
                       static_cast<int>((height + grid - 1) / grid * grid), AV_PIX_FMT_RGB24);
    if (rgb_->width != width || rgb_->height != height)
      notify(notices,
             fmt::format("{}: its codec wants even sizes, so {}x{} becomes {}x{}; the last "
                         "column or row is repeated",
                         path.string(), width, height, rgb_->width, rgb_->height));
    AVFormatContext* film = nullptr;
    check(avformat_alloc_output_context2(&film, nullptr, format_.name, file_.partial().c_str()));
    film_.reset(film);
    open_encoder();
    open_file();
  }

  void add(const Frame& frame) {
    if (frame.height() != height_ || frame.width() != width_)
      throw BadShape(fmt::format("{}: a frame of {}x{} in a film of {}x{}", path_.string(),
                                 frame.width(), frame.height(), width_, height_));
    if (palette_) {
      // The filter keeps frames, so each is a new one
      const auto rgb = new_picture(rgb_->width, rgb_->height, AV_PIX_FMT_RGB24);
      pack(frame.colour, *rgb);
      rgb->pts = frames_++;
      palette_->run(rgb.get(), [&](AVFrame* coloured) { encode(coloured); });
      return;
    }
    pack(frame.colour, *rgb_);
    check(av_frame_make_writable(yuv_.get()));
    sws_scale(converter_.get(), rgb_->data, rgb_->linesize, 0, rgb_->height, yuv_->data,
              yuv_->linesize);
    yuv_->pts = frames_++;
    yuv_->quality = codec_->global_quality;  // MPEG-4 asks each frame
    encode(yuv_.get());
  }

  void finish() {
    if (frames_ == 0) throw CodecFailure(fmt::format("{}: a film without a frame", path_.string()));
    if (palette_) palette_->run(nullptr, [&](AVFrame* coloured) { encode(coloured); });
    encode(nullptr);
    check(av_write_trailer(film_.get()));
    check(avio_closep(&film_->pb));
    if (format_.name == std::string("gif") && !options_.recipe.empty()) add_gif_comment();
    file_.close();
    file_.take_name(options_.overwrite);
  }

 private:
  void check(int code) const {
    if (code >= 0) return;
    throw FileFailure(
        fmt::format("{}: cannot be written ({})", path_.string(), ffmpeg::error_text(code)));
  }

  void open_encoder() {
    const AVCodec* const codec = ffmpeg::find_encoder(format_, path_);
    codec_.reset(avcodec_alloc_context3(codec));
    codec_->width = rgb_->width;
    codec_->height = rgb_->height;
    const AVRational rate = av_d2q(options_.fps, 1001000);
    codec_->framerate = rate;
    codec_->time_base = av_inv_q(rate);
    codec_->sample_aspect_ratio = {1, 1};
    if (format_.name == std::string("gif")) {
      codec_->pix_fmt = AV_PIX_FMT_PAL8;
      palette_.emplace(rgb_->width, rgb_->height, codec_->time_base);
    } else {
      codec_->pix_fmt = AV_PIX_FMT_YUV420P;
      // An AVI cannot say how its colours are meant; players take the older standard
      const bool is_avi = format_.name == std::string("avi");
      codec_->colorspace = is_avi ? AVCOL_SPC_SMPTE170M : AVCOL_SPC_BT709;
      codec_->color_primaries = AVCOL_PRI_BT709;
      codec_->color_trc = AVCOL_TRC_BT709;
      codec_->color_range = AVCOL_RANGE_MPEG;
      converter_ =
          colour_converter(rgb_->width, rgb_->height, is_avi ? SWS_CS_ITU601 : SWS_CS_ITU709);
      yuv_ = new_picture(rgb_->width, rgb_->height, AV_PIX_FMT_YUV420P);
    }
    if ((film_->oformat->flags & AVFMT_GLOBALHEADER) != 0)
      codec_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    // The name by which more players know MPEG-4 in this form
    if (format_.name == std::string("avi")) codec_->codec_tag = MKTAG('X', 'V', 'I', 'D');
    ffmpeg::set_quality(*codec_, options_.quality);
    if (const int code = avcodec_open2(codec_.get(), codec, nullptr); code < 0)
      throw CodecFailure(fmt::format("{}: {} does not take frames of {}x{} at {} a second ({})",
                                     path_.string(), codec->name, rgb_->width, rgb_->height,
                                     options_.fps, ffmpeg::error_text(code)));
  }

  void open_file() {
    AVFormatContext* const film = film_.get();
    stream_ = avformat_new_stream(film, nullptr);
    check(avcodec_parameters_from_context(stream_->codecpar, codec_.get()));
    stream_->time_base = codec_->time_base;
    stream_->avg_frame_rate = codec_->framerate;
    if (!options_.recipe.empty())
      av_dict_set(&film->metadata, "comment", options_.recipe.c_str(), 0);
    check(avio_open(&film->pb, file_.partial().c_str(), AVIO_FLAG_WRITE));

    // The index in front, so that a film begins to play before it is all there
    AVDictionary* settings = nullptr;
    if (format_.movflags) av_dict_set(&settings, "movflags", "+faststart", 0);
    const int code = avformat_write_header(film, &settings);
    av_dict_free(&settings);
    check(code);
  }

  // Sends a frame, or null at the end, and writes what comes out.
  void encode(AVFrame* frame) {
    check(avcodec_send_frame(codec_.get(), frame));
    while (true) {
      const int code = avcodec_receive_packet(codec_.get(), packet_.get());
      if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return;
      check(code);
      if (packet_->duration == 0) packet_->duration = 1;
      av_packet_rescale_ts(packet_.get(), codec_->time_base, stream_->time_base);
      packet_->stream_index = stream_->index;
      check(av_interleaved_write_frame(film_.get(), packet_.get()));
      check(film_->pb->error);
    }
  }

  void add_gif_comment() {
    std::fstream gif(file_.partial(), std::ios::in | std::ios::out | std::ios::binary);
    gif.seekp(-1, std::ios::end);
    gif << gif_ending(options_.recipe) << std::flush;
    if (!gif) throw FileFailure(fmt::format("{}: cannot be written", path_.string()));
  }

  const fs::path path_;
  const FilmOptions options_;
  const FilmFormat& format_;
  const std::int64_t width_, height_;
  std::int64_t frames_ = 0;

  PartialFile file_;
  ffmpeg::OutputOwner film_;
  AVStream* stream_ = nullptr;  // owned by film_
  Owner<AVCodecContext> codec_;
  Owner<SwsContext> converter_;
  std::optional<ffmpeg::PaletteFilter> palette_;
  Owner<AVFrame> rgb_, yuv_;
  Owner<AVPacket> packet_{av_packet_alloc()};
};

void check_film_output(const fs::path& path, const FilmOptions& options) {
  ffmpeg::find_encoder(ffmpeg::film_format(path), path);
  check_output_file(path, options.overwrite);
}

FilmWriter::FilmWriter(const fs::path& path, std::int64_t width, std::int64_t height,
                       const FilmOptions& options, const NoticeSink& notices) {
  check_film_output(path, options);
  film_ = std::make_unique<Film>(path, width, height, options, notices);
}

FilmWriter::~FilmWriter() = default;

void FilmWriter::add(const Frame& frame) { film_->add(frame); }

void FilmWriter::finish() { film_->finish(); }

}  // namespace reverie
