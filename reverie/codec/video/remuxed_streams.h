// video_companion.h: what of one video goes into another as it is: sound, subtitles, fonts,
// chapters, words. Internal to codec/.
#pragma once

#include <limits>
#include <vector>

#include "reverie/base/notice.h"
#include "reverie/codec/video/ffmpeg_handles.h"
#include "reverie/codec/video/video_write.h"

namespace reverie::ffmpeg {

// Reads a video once more beside its pictures, and hands packets on in step with them: memory stays
// the same however long the videos are.
class RemuxedStreams {
 public:
  // Adds streams, chapters and metadata to `to`, whose header is not yet written. `name` is what
  // `notices` call it when it cannot take something. Errors: as VideoReader.
  RemuxedStreams(const RemuxSource& remux, AVFormatContext& to, const std::string& name,
                 const NoticeSink& notices);

  // Writes the packets that begin before a time of the new video. Returns FFmpeg's code.
  int write_until(double seconds);
  int write_rest() { return write_until(std::numeric_limits<double>::infinity()); }

 private:
  void add_stream(AVStream& stream, const std::string& name, const NoticeSink& notices);
  void copy_chapters() const;
  void copy_metadata() const;
  // Reads the next packet of a stream that goes along; false at the end.
  bool read_next();
  double start_of_packet() const;

  InputOwner film_;
  AVFormatContext& to_;
  std::int64_t offset_ = 0;        // what is 0 in the new video, in microseconds of the old
  bool is_cut_ = false;            // whether it begins later than the old
  std::vector<AVStream*> copies_;  // of each stream; null where it stays behind
  Owner<AVPacket> packet_{av_packet_alloc()};
  bool holds_packet_ = false;
};

}  // namespace reverie::ffmpeg
