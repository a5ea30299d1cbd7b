// video_formats.h: the written formats, with FFmpeg's muxers and encoders. Internal to codec/.
#pragma once

#include <array>
#include <filesystem>

#include "reverie/codec/video/ffmpeg_handles.h"
#include "reverie/codec/video/video_write.h"

namespace reverie::ffmpeg {

using Encoders = std::array<const char*, 3>;  // in order of preference; null past the last

struct VideoFormat {
  const char* extension;
  const char* name;   // of FFmpeg's muxer
  Encoders encoders;  // by default
  bool even;          // whether width and height must be
  bool movflags;      // whether the muxer can put its index in front
};

// By the path's extension. Errors: CodecFailure, naming the known extensions.
const VideoFormat& video_format(const std::filesystem::path& path);

// `alpha`: whether frames are transparent, which the format's usual codec may not hold. Errors:
// CodecFailure when the format does not take the codec, or this FFmpeg has no encoder.
const AVCodec* find_encoder(const VideoFormat& format, VideoCodec codec, bool alpha,
                            const std::filesystem::path& path);

// The format of pixels in which an encoder takes frames of that depth. `path` is the video's, for
// messages. Errors: CodecFailure when it does not take them.
AVPixelFormat pixels_for(const AVCodec& encoder, bool alpha, int bits,
                         const std::filesystem::path& path);

// Whether a muxer can hold streams of a codec, as far as FFmpeg knows.
bool takes(const AVOutputFormat& muxer, AVCodecID codec);

// The unit in which an encoder for the format counts frames that come in `unit` at `fps`.
AVRational encoder_unit(const VideoFormat& format, const AVCodec& codec, TimeUnit unit, double fps);

// Writes a video's header, with the recipe as its comment and the index in front, so that it begins
// to play before it is all there. `loops` is a GIF's: how often, 0 for ever. Returns FFmpeg's code.
int write_header(AVFormatContext& video, const VideoFormat& format, const std::string& recipe,
                 int loops);

// From 1..100 to what the codec's encoder calls quality. Before avcodec_open2.
void set_quality(AVCodecContext& codec, int quality);

}  // namespace reverie::ffmpeg
