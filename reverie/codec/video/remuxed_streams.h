// remuxed_streams.h: sound, subtitles, fonts, chapters and metadata of one video for another, their
// packets unchanged where the new format can hold them. Internal to codec/.
#pragma once

#include <limits>
#include <optional>
#include <vector>

#include "reverie/base/notice.h"
#include "reverie/codec/video/clip_times.h"
#include "reverie/codec/video/ffmpeg_handles.h"
#include "reverie/codec/video/stream_plan.h"
#include "reverie/codec/video/video_write.h"

namespace reverie::ffmpeg {

// Reads the source a second time, and writes packets in step with the new video's pictures, so
// memory does not grow with the length.
class RemuxedStreams {
 public:
  // Adds streams, chapters and metadata to `to`, whose header is not yet written and whose first
  // stream is the pictures. `form` is the new video's extension, for notices about streams that it
  // cannot hold. Errors: as VideoReader.
  RemuxedStreams(const RemuxSource& remux, AVFormatContext& to, const std::string& form,
                 const NoticeSink& notices);

  // Call once the header is written. Returns FFmpeg's code, as the others.
  int begin();
  // Writes the packets that begin before a time of the new video.
  int write_until(double seconds);
  // Ends the streams: at a time of the new video, or at their own end.
  int finish(double seconds = std::numeric_limits<double>::infinity());

 private:
  // Reads the next packet of a stream that goes into the new video; false at the end.
  bool read_next();
  double start_of_packet() const;
  int write_held();
  int write(std::size_t stream, AVPacket& packet, AVRational unit);
  void straighten(std::size_t stream, AVPacket& packet);

  const NoticeSink notices_;
  const std::string name_;  // of the source
  InputOwner video_;
  AVFormatContext& to_;
  ClipTimes times_;
  std::int64_t offset_ = 0;  // the source's time, in microseconds, that is 0 in the new video
  bool is_cut_ = false;      // whether the new video begins later than the source
  std::vector<PlannedStream> streams_;  // of each stream of the source
  std::vector<std::int64_t> last_;      // of each, the time of its last packet
  bool delay_is_missing_ = false;       // whether times of Opus need its delay added
  bool said_ = false;                   // whether an unsteady time was told
  Owner<AVPacket> packet_{av_packet_alloc()};
  bool holds_packet_ = false;
};

}  // namespace reverie::ffmpeg
