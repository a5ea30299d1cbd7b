#include "reverie/codec/film_read.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <vector>

#include "reverie/base/error.h"
#include "reverie/codec/ffmpeg_handles.h"
#include "reverie/codec/gif_comment.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;
using ffmpeg::Owner;

ffmpeg::InputOwner open_film(const fs::path& path) {
  ffmpeg::hush();
  AVFormatContext* film = nullptr;
  // "file:" keeps names with a colon from being taken for addresses
  const std::string url = "file:" + path.string();
  if (const int code = avformat_open_input(&film, url.c_str(), nullptr, nullptr); code < 0) {
    if (code == AVERROR_INVALIDDATA)
      throw BadImage(fmt::format("'{}' is no film, or its beginning is damaged", path.string()));
    throw FileFailure(fmt::format("cannot open '{}': {}", path.string(), ffmpeg::error_text(code)));
  }
  return ffmpeg::InputOwner(film);
}

// RGB rows to [3,H,W].
void unpack(const std::uint8_t* rgb, int stride, View colour) {
  const std::int64_t height = colour.shape().height(), width = colour.shape().width();
  for (std::int64_t c = 0; c < 3; ++c)
    for (std::int64_t y = 0; y < height; ++y)
      for (std::int64_t x = 0; x < width; ++x) colour.at(c, y, x) = rgb[y * stride + 3 * x + c];
}

}  // namespace

class FilmReader::Film {
 public:
  explicit Film(const fs::path& path) : path_(path), film_(open_film(path)) {
    if (avformat_find_stream_info(film_.get(), nullptr) < 0)
      throw BadImage(fmt::format("'{}' is no film, or it is damaged", path.string()));
    const int index = av_find_best_stream(film_.get(), AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
    if (index < 0) throw BadImage(fmt::format("'{}' holds no pictures", path.string()));
    stream_ = film_->streams[index];
    const AVCodec* const decoder = avcodec_find_decoder(stream_->codecpar->codec_id);
    if (decoder == nullptr)
      throw CodecFailure(fmt::format("'{}': this system's FFmpeg cannot decode {}", path.string(),
                                     avcodec_get_name(stream_->codecpar->codec_id)));
    codec_.reset(avcodec_alloc_context3(decoder));
    if (avcodec_parameters_to_context(codec_.get(), stream_->codecpar) < 0 ||
        avcodec_open2(codec_.get(), decoder, nullptr) < 0)
      throw CodecFailure(
          fmt::format("'{}': {} does not take this film", path.string(), decoder->name));
  }

  bool next(Frame& frame) {
    while (true) {
      const int code = avcodec_receive_frame(codec_.get(), decoded_.get());
      if (code == AVERROR_EOF) return false;
      if (code >= 0) break;
      feed();
    }
    convert(frame);
    return true;
  }

  std::int64_t width() const { return stream_->codecpar->width; }
  std::int64_t height() const { return stream_->codecpar->height; }
  double fps() const { return av_q2d(stream_->avg_frame_rate); }
  double seconds() const { return seconds_; }
  std::int64_t skipped() const { return skipped_; }

 private:
  // Sends the next packet of the stream to the decoder, or the film's end.
  void feed() {
    while (av_read_frame(film_.get(), packet_.get()) >= 0) {
      const bool ours = packet_->stream_index == stream_->index;
      const int code = ours ? avcodec_send_packet(codec_.get(), packet_.get()) : 0;
      av_packet_unref(packet_.get());
      if (code < 0 && code != AVERROR(EAGAIN)) ++skipped_;
      if (ours && code >= 0) return;
    }
    avcodec_send_packet(codec_.get(), nullptr);
  }

  void convert(Frame& frame) {
    const int columns = decoded_->width, rows = decoded_->height;
    converter_.reset(sws_getCachedContext(
        converter_.release(), columns, rows, static_cast<AVPixelFormat>(decoded_->format), columns,
        rows, AV_PIX_FMT_RGB24, SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT, nullptr,
        nullptr, nullptr));
    if (!converter_)
      throw CodecFailure(fmt::format("'{}': no way to convert its pixels", path_.string()));
    const bool is_709 = decoded_->colorspace == AVCOL_SPC_BT709;
    constexpr int one = 1 << 16;
    sws_setColorspaceDetails(converter_.get(),
                             sws_getCoefficients(is_709 ? SWS_CS_ITU709 : SWS_CS_DEFAULT),
                             decoded_->color_range == AVCOL_RANGE_JPEG ? 1 : 0,
                             sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, one, one);
    const int stride = 3 * columns;
    rgb_.resize(static_cast<std::size_t>(stride) * static_cast<std::size_t>(rows) + 64);
    std::uint8_t* const planes[] = {rgb_.data(), nullptr, nullptr, nullptr};
    const int strides[] = {stride, 0, 0, 0};
    sws_scale(converter_.get(), decoded_->data, decoded_->linesize, 0, rows, planes, strides);
    if (frame.colour.empty() || frame.width() != columns || frame.height() != rows)
      frame.colour = Tensor::uninitialized({3, rows, columns});
    unpack(rgb_.data(), stride, frame.colour);
    const std::int64_t start = stream_->start_time == AV_NOPTS_VALUE ? 0 : stream_->start_time;
    if (decoded_->best_effort_timestamp != AV_NOPTS_VALUE)
      seconds_ =
          static_cast<double>(decoded_->best_effort_timestamp - start) * av_q2d(stream_->time_base);
  }

  const fs::path path_;
  ffmpeg::InputOwner film_;
  AVStream* stream_ = nullptr;  // owned by film_
  Owner<AVCodecContext> codec_;
  Owner<SwsContext> converter_;
  Owner<AVFrame> decoded_{av_frame_alloc()};
  Owner<AVPacket> packet_{av_packet_alloc()};
  std::vector<std::uint8_t> rgb_;
  double seconds_ = 0;
  std::int64_t skipped_ = 0;
};

FilmReader::FilmReader(const fs::path& path) : film_(std::make_unique<Film>(path)) {}
FilmReader::~FilmReader() = default;

std::int64_t FilmReader::width() const { return film_->width(); }
std::int64_t FilmReader::height() const { return film_->height(); }
double FilmReader::fps() const { return film_->fps(); }
bool FilmReader::next(Frame& frame) { return film_->next(frame); }
double FilmReader::seconds() const { return film_->seconds(); }
std::int64_t FilmReader::skipped_packets() const { return film_->skipped(); }

std::string read_film_recipe(const fs::path& path) {
  const ffmpeg::InputOwner film = open_film(path);
  if (film->iformat->name == std::string("gif")) {
    std::ifstream file(path, std::ios::binary);
    return gif_comment(std::string{std::istreambuf_iterator<char>(file), {}});
  }
  const AVDictionaryEntry* const entry = av_dict_get(film->metadata, "comment", nullptr, 0);
  return entry == nullptr ? "" : entry->value;
}

}  // namespace reverie
