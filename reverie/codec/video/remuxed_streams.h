// remuxed_streams.h: copies sound, subtitles, fonts, chapters and metadata of one video into
// another, unchanged. Internal to codec/.
#pragma once

#include <limits>
#include <vector>

#include "reverie/base/notice.h"
#include "reverie/codec/video/ffmpeg_handles.h"
#include "reverie/codec/video/video_write.h"

namespace reverie::ffmpeg {

// Reads the source a second time, and copies packets in step with the new video's pictures, so
// memory does not grow with the length.
class RemuxedStreams {
 public:
  // Adds streams, chapters and metadata to `to`, whose header is not yet written. `name` is the new
  // video's, for notices about streams that it cannot hold. Errors: as VideoReader.
  RemuxedStreams(const RemuxSource& remux, AVFormatContext& to, const std::string& name,
                 const NoticeSink& notices);

  // Writes the packets that begin before a time of the new video. Returns FFmpeg's code.
  int write_until(double seconds);
  int write_rest() { return write_until(std::numeric_limits<double>::infinity()); }

 private:
  void add_stream(AVStream& stream, const std::string& name, const NoticeSink& notices);
  void copy_chapters() const;
  void copy_metadata() const;
  // Reads the next packet of a stream that is copied; false at the end.
  bool read_next();
  double start_of_packet() const;

  InputOwner video_;
  AVFormatContext& to_;
  std::int64_t offset_ = 0;        // the source's time, in microseconds, that is 0 in the new video
  bool is_cut_ = false;            // whether the new video begins later than the source
  std::vector<AVStream*> copies_;  // of each stream; null where it is left out
  Owner<AVPacket> packet_{av_packet_alloc()};
  bool holds_packet_ = false;
};

}  // namespace reverie::ffmpeg
