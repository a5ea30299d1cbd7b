// film_source.h: the frames of a film that are to be dreamed, each with its motion since the last.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "reverie/base/notice.h"
#include "reverie/codec/film_read.h"
#include "reverie/frame/motion.h"
#include "reverie/run/video_settings.h"

namespace reverie {

struct FilmShot {
  int number = 0;  // from 0, of those that are dreamed
  FrameTime time;  // in the film's unit
  // [3,H,W] at the recipe's size; null where it was not wanted
  std::shared_ptr<const Tensor> picture, before;
  Motion motion;  // from `before`, where both are there
};

// Reads a film from --start to --end. One caller at a time.
class FilmSource {
 public:
  // `size` is the recipe's. Errors: as FilmReader.
  FilmSource(const std::filesystem::path& film, const VideoSettings& settings, std::string size,
             const NoticeSink& notices);

  const FilmInfo& info() const { return reader_.info(); }
  // How many shots there may be, by what the film says; 0: unknown.
  int expected() const;
  // What comes before the first shot, in seconds; after it was read. 0 from the beginning on.
  double offset() const { return info().unit.seconds(offset_); }
  std::int64_t skipped_packets() const { return reader_.skipped_packets(); }

  // Shots before `first` are wanted for their times alone: no picture, no motion.
  void want_pictures_from(int first) { first_picture_ = first; }

  // False at the end. Errors: CodecFailure; OutOfMemory.
  bool next(FilmShot& shot);

 private:
  bool find_frame(bool with_picture);

  FilmReader reader_;
  const VideoSettings settings_;
  const std::string size_;
  MotionFinder finder_;
  Frame frame_;
  std::shared_ptr<const Tensor> last_;
  std::int64_t offset_ = 0;  // in the film's unit
  int number_ = 0, first_picture_ = 0;
};

}  // namespace reverie
