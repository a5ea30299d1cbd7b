// film_formats.h: which films are written, and by which of FFmpeg's parts. Internal to codec/.
#pragma once

#include <array>
#include <filesystem>

#include "reverie/codec/ffmpeg_handles.h"

namespace reverie::ffmpeg {

struct FilmFormat {
  const char* extension;
  const char* name;                     // of FFmpeg's muxer
  std::array<const char*, 3> encoders;  // the first that this FFmpeg has
  bool even;                            // whether width and height must be
  bool movflags;                        // whether the muxer can put its index in front
};

// By the path's extension. Errors: CodecFailure naming those that there are.
const FilmFormat& film_format(const std::filesystem::path& path);

// Errors: CodecFailure when this FFmpeg has none of the format's encoders.
const AVCodec* find_encoder(const FilmFormat& format, const std::filesystem::path& path);

// From 1..100 to what the codec's encoder calls quality. Before avcodec_open2.
void set_quality(AVCodecContext& codec, int quality);

}  // namespace reverie::ffmpeg
