// zoom_film.h: the video of a zoom, out of frames on disk and of pictures that are encoded already.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/base/notice.h"
#include "reverie/codec/video/video_join.h"
#include "reverie/recipe/zoom_settings.h"
#include "reverie/video/checkpoint.h"
#include "reverie/video/video_output.h"
#include "reverie/video/zoom_state.h"

namespace REVERIE_PRIVATE_API reverie {

// A zoom that goes on from a finished one (Checkpoint::base) keeps the encoded pictures of that as
// they are. Frames that a longer zoom would have, too, are a stretch of their own, which begins and
// ends where an encoder does.
class ZoomFilm {
 public:
  // All must outlive this.
  ZoomFilm(const VideoTarget& target, const ZoomSettings& settings, const Checkpoint& checkpoint,
           const Shape& frame, const NoticeSink& notices);

  // Throws what is known before anything is dreamed. Errors: as VideoWriter; BadRecipe when the
  // video is not the one that is to grow.
  void check() const;

  // Writes the first `frames` frames; whether they are all decides how the video ends. Errors: as
  // VideoWriter, join_videos, Checkpoint.
  void write(int frames, bool complete) const;

  // A frame of the finished video, as it is on disk or mixed with another.
  Image final_frame(int frame, bool complete) const;

  // Checksums of the pictures in the written video that a longer one begins with. Nothing in them
  // where its frames cannot be told apart in it.
  void note_pictures(ZoomState& state) const;

 private:
  // Frames from `first` to `last`, backwards where that is smaller.
  struct Stretch {
    int first = 0, last = 0;
  };
  int known() const;
  std::vector<Stretch> stretches(int frames, bool complete) const;
  VideoPart encode(const Stretch& stretch, int number) const;
  VideoOptions form() const;
  // Encodes the stretches and joins them with pictures that are encoded already, to the output or
  // on trial.
  void join(const std::vector<Stretch>& stretches, std::vector<VideoPart> before,
            const std::vector<VideoPart>& after, bool is_output) const;

  const VideoTarget& target_;
  const ZoomSettings& settings_;
  const Checkpoint& checkpoint_;
  const Shape frame_;
  const NoticeSink notices_;
};

// Throws when the pictures in a video are not those that its state was kept with. Errors: BadRecipe
// in one line.
void check_pictures(const ZoomState& state, const std::filesystem::path& video);

}  // namespace reverie
