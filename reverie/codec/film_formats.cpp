#include "reverie/codec/film_formats.h"

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
#include "reverie/codec/film_write.h"

namespace reverie {
namespace ffmpeg {
namespace {

constexpr FilmFormat formats[] = {
    {"mp4", "mp4", {"libx264", "libopenh264", "mpeg4"}, true, true},
    {"webm", "webm", {"libvpx-vp9", "libvpx", nullptr}, true, false},
    {"mkv", "matroska", {"libx264", "libopenh264", "mpeg4"}, true, false},
    {"mov", "mov", {"libx264", "libopenh264", "mpeg4"}, true, true},
    {"avi", "avi", {"mpeg4", nullptr, nullptr}, true, false},
    {"gif", "gif", {"gif", nullptr, nullptr}, false, false}};

std::string extension_of(const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  if (!extension.empty()) extension.erase(0, 1);
  for (char& c : extension)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return extension;
}

const FilmFormat* find_format(const std::filesystem::path& path) {
  const std::string extension = extension_of(path);
  const auto* format = std::find_if(std::begin(formats), std::end(formats),
                                    [&](const FilmFormat& f) { return extension == f.extension; });
  return format == std::end(formats) ? nullptr : format;
}

}  // namespace

const FilmFormat& film_format(const std::filesystem::path& path) {
  if (const FilmFormat* format = find_format(path)) return *format;
  throw CodecFailure(fmt::format("{}: a film's name ends in .{}", path.string(),
                                 fmt::join(film_extensions(), ", .")));
}

const AVCodec* find_encoder(const FilmFormat& format, const std::filesystem::path& path) {
  for (const char* name : format.encoders)
    if (name != nullptr)
      if (const AVCodec* codec = avcodec_find_encoder_by_name(name)) return codec;
  throw CodecFailure(
      fmt::format("{}: this system's FFmpeg has no encoder {}; another extension may do",
                  path.string(), format.encoders[0]));
}

void set_quality(AVCodecContext& codec, int quality) {
  const int loss = 100 - std::clamp(quality, 1, 100);
  const std::string name = codec.codec->name;
  if (name == "libx264") {
    av_opt_set_double(codec.priv_data, "crf", 13 + 0.38 * loss, 0);
    av_opt_set(codec.priv_data, "preset", "medium", 0);
  } else if (name == "libvpx-vp9" || name == "libvpx") {
    // A rate of 0 leaves the quality alone to decide
    codec.bit_rate = name == "libvpx" ? 20'000'000 : 0;
    av_opt_set_int(codec.priv_data, "crf", std::lround(22 + 0.41 * loss), 0);
    av_opt_set(codec.priv_data, "deadline", "good", 0);
    av_opt_set_int(codec.priv_data, "cpu-used", 3, 0);
    if (name == "libvpx-vp9") av_opt_set_int(codec.priv_data, "row-mt", 1, 0);
    codec.thread_count = 0;
  } else if (name == "mpeg4") {
    codec.flags |= AV_CODEC_FLAG_QSCALE;
    codec.global_quality = FF_QP2LAMBDA * static_cast<int>(std::lround(2 + 0.15 * loss));
  } else if (name == "libopenh264") {
    codec.bit_rate = std::int64_t{100'000} * (101 - loss);
  }
}

}  // namespace ffmpeg

const std::vector<std::string>& film_extensions() {
  static const std::vector<std::string> extensions = [] {
    std::vector<std::string> all;
    for (const ffmpeg::FilmFormat& format : ffmpeg::formats) all.emplace_back(format.extension);
    return all;
  }();
  return extensions;
}

bool is_film_name(const std::filesystem::path& path) {
  return ffmpeg::find_format(path) != nullptr;
}

}  // namespace reverie
