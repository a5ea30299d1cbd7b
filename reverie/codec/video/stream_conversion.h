// stream_conversion.h: sound and subtitles from the codec of one container to that of another.
// Internal to codec/.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "reverie/codec/video/ffmpeg_handles.h"

namespace reverie::ffmpeg {

// Decodes the packets of one stream and encodes them anew. One caller at a time.
class StreamConversion {
 public:
  using Next = std::function<void(AVPacket&)>;

  virtual ~StreamConversion() = default;
  // What comes out: the codec's parameters, and the unit of its packets' times.
  virtual const AVCodecContext& encoder() const = 0;
  // Takes a packet with times in the source stream's unit, or null at the end, and passes what
  // comes out to `next`. Packets that cannot be decoded are passed over.
  virtual void run(const AVPacket* packet, const Next& next) = 0;
};

// Opens the first encoder of sound that the muxer holds and this FFmpeg has: AAC; in WebM Opus; in
// AVI MP3. Null where there is none, or nothing decodes the stream. At most six channels.
std::unique_ptr<StreamConversion> convert_sound(const AVStream& stream, const AVOutputFormat& to);

// The same for subtitles of text: mov_text in MP4, WebVTT in WebM, SubRip in Matroska. Null for
// subtitles that are pictures.
std::unique_ptr<StreamConversion> convert_subtitles(const AVStream& stream,
                                                    const AVOutputFormat& to);

// The decoder of a stream; null where this FFmpeg has none that takes it.
Owner<AVCodecContext> open_decoder(const AVStream& stream);

// Whether a muxer knows a codec; some refuse it none the less when they write the header.
bool may_hold(const AVOutputFormat& muxer, AVCodecID codec);

}  // namespace reverie::ffmpeg
