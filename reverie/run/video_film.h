// video_film.h: a film in, a film that dreams out: reading, dreaming and writing at once.
#pragma once

#include <exception>
#include <filesystem>
#include <functional>
#include <memory>

#include "reverie/base/cancel.h"
#include "reverie/base/channel.h"
#include "reverie/base/notice.h"
#include "reverie/codec/film_write.h"
#include "reverie/run/film_parts.h"
#include "reverie/run/film_source.h"
#include "reverie/run/video.h"

namespace reverie {

struct VideoFilmOptions {
  std::filesystem::path film;    // the source, for its sound
  std::filesystem::path output;  // a film, or the folder where the parts keep their frames
  bool is_folder = false;
  FilmOptions form;  // quality, codec, recipe; times and the companion are the film's
  double end = 0;    // s; 0: the sound goes on to its own end
  bool measure = false;
  std::size_t memory_limit = 0;   // bytes; 0: as Dreamer has it
  std::filesystem::path preview;  // a picture that shows every fifth frame; empty: none
};

struct VideoFilmResult {
  int frames = 0, scenes = 0;  // in the film; begun now
  bool complete = false;       // false when cancelled
  std::int64_t skipped_packets = 0;
  int measured = 0;                        // pairs of frames
  double flicker = 0, source_flicker = 0;  // means over them, in levels of 255
};

// One film in the making. Frames that `parts` holds are not dreamed again. A frame at a time is
// dreamed by the calling thread; another reads and finds motions ahead of it, a third writes
// behind it, each a few frames: memory does not grow with the film.
class VideoFilm {
 public:
  // All must outlive this.
  VideoFilm(const VideoFilmOptions& options, FilmSource& source, Video& video, FilmParts& parts);

  // `dreamed` hears of each frame that is finished, on the calling thread; `notices` is called from
  // several. When cancelled, after a whole frame, the film ends there. Errors: as FilmSource,
  // Video, FilmParts, FilmWriter; BadImage when there is no frame; what was finished is kept.
  VideoFilmResult make(const CancelToken& cancel, const std::function<void(int frames)>& dreamed,
                       const NoticeSink& notices);

 private:
  struct Made {
    FrameTime time;
    Tensor canvas;  // empty for a frame that is on disk
  };
  void make_frames(const CancelToken& cancel, const std::function<void(int frames)>& dreamed,
                   const NoticeSink& notices);
  void read();
  void dream(const CancelToken& cancel, const std::function<void(int frames)>& dreamed,
             const NoticeSink& notices);
  void dream(const FilmShot& shot, const NoticeSink& notices);
  void measure(const FilmShot& shot);
  void write(const NoticeSink& notices);
  void write(Made made, const NoticeSink& notices);
  void open_film(const Frame& first, const NoticeSink& notices);
  void finish_film();

  const VideoFilmOptions& options_;
  FilmSource& source_;
  Video& video_;
  FilmParts& parts_;
  const int resumed_;
  Channel<FilmShot> shots_{2};
  Channel<Made> made_{2};
  std::exception_ptr read_error_, write_error_;
  std::unique_ptr<FilmWriter> writer_;
  std::filesystem::path unnamed_;  // the film until it has its name
  int written_ = 0;
  Tensor canvas_, last_canvas_, scratch_;
  VideoFilmResult result_;
};

}  // namespace reverie
