// stream_plan.h: which streams of a video go into another, copied or converted. Internal to codec/.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "reverie/base/notice.h"
#include "reverie/codec/kinds.h"
#include "reverie/codec/video/container_trial.h"
#include "reverie/codec/video/stream_conversion.h"

namespace reverie::ffmpeg {

// A stream of the source in the new video.
struct PlannedStream {
  AVStream* copy = nullptr;                      // owned by the new video; null: left out
  std::unique_ptr<StreamConversion> conversion;  // null: packets are copied
};

// Adds streams to `to`, whose header is not yet written and whose first stream is the pictures.
// What the muxer refuses when it is tried becomes something that it takes; what stays out is a
// notice.
class StreamPlanner {
 public:
  // `form` is the new video's extension, for notices. All must outlive this.
  StreamPlanner(const AVFormatContext& from, AVFormatContext& to, SoundHandling sound,
                const FirstPackets& packets, std::string form, const NoticeSink& notices);

  // One for each stream of the source. `pictures` is the stream that was dreamed; `is_whole`:
  // whether the new video begins where the source does.
  std::vector<PlannedStream> plan(const AVStream* pictures, bool is_whole);
  // The same for the stream of sound that a player would choose, and nothing else.
  std::vector<PlannedStream> plan_best_sound();

 private:
  PlannedStream plan_stream(const AVStream& stream, bool is_whole);
  PlannedStream plan_sound(const AVStream& stream);
  PlannedStream plan_subtitles(const AVStream& stream);
  PlannedStream plan_cover(const AVStream& stream);
  PlannedStream plan_attachment(const AVStream& stream);
  PlannedStream plan_data(const AVStream& stream, bool is_whole);
  AVStream* candidate(const AVStream& stream);
  PlannedStream copied(const AVStream& stream, const AVStream& candidate);
  PlannedStream converted(const AVStream& stream, std::unique_ptr<StreamConversion> conversion);
  PlannedStream left_out(const std::string& kind, const std::string& what);
  void tell_of_conversions() const;
  void tell_of_the_rest() const;

  const AVFormatContext& from_;
  AVFormatContext& to_;
  const SoundHandling sound_;
  const FirstPackets& packets_;
  const std::string form_;
  const NoticeSink& notices_;
  OutputOwner scratch_;  // of the streams that are tried
  // Kinds of streams: what they hold
  std::map<std::string, std::set<std::string>> converted_, left_out_;
};

}  // namespace reverie::ffmpeg
