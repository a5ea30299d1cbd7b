// clip_times.h: one continuous time for files of clips that were joined. Internal to codec/.
#pragma once

#include <string>
#include <vector>

#include "reverie/base/notice.h"
#include "reverie/codec/video/ffmpeg_handles.h"

namespace reverie::ffmpeg {

// Clips that were joined, as cameras and recorders do, bring their own time stamps: they begin
// again, or jump ahead. What follows a jump is moved so that it follows what went before. All who
// read the packets of all streams of a file in order move them alike.
// Source: FFmpeg's own program, -dts_delta_threshold; a jump ahead counts in formats that allow
// gaps only.
class ClipTimes {
 public:
  // `name` is the file's, for the notice of the first jump.
  ClipTimes(const AVFormatContext& video, std::string name, NoticeSink notices);

  // Moves the time stamps of a packet. Times are in its stream's unit.
  void run(AVPacket& packet);

 private:
  struct Stream {
    std::int64_t next =
        AV_NOPTS_VALUE;    // microseconds, when the next packet is expected to be decoded
    std::size_t clip = 0;  // in which its last packet was
  };
  std::int64_t lateness(const Stream& stream, std::int64_t time) const;
  bool is_jump(std::int64_t late) const;
  void find_clip(Stream& stream, std::int64_t time, std::int64_t shown);
  void tell(std::int64_t late, std::int64_t at);

  const AVFormatContext& video_;
  const std::string name_;
  const NoticeSink notices_;
  const bool has_gaps_;  // whether a jump ahead counts
  std::vector<Stream> streams_;
  // The latest of all: `next`, and the end of what is shown
  std::int64_t end_ = INT64_MIN, shown_end_ = INT64_MIN;
  std::vector<std::int64_t> offsets_{0};  // of each clip, in microseconds
};

}  // namespace reverie::ffmpeg
