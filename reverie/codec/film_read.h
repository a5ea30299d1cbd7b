// film_read.h: films in files, to Frames. FFmpeg's libraries do the work and stay behind this
// header.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "reverie/frame/frame.h"

namespace reverie {

// Reads the frames of a film's first picture stream, one after the other. One caller at a time.
class FilmReader {
 public:
  // Errors: FileFailure when it cannot be opened; BadImage when it is no film, or has no pictures.
  explicit FilmReader(const std::filesystem::path& path);
  ~FilmReader();

  std::int64_t width() const;   // px
  std::int64_t height() const;  // px
  double fps() const;           // frames a second, on average; 0 where the film does not say

  // Overwrites `frame` with the next one, opaque RGB; false at the end. Packets that cannot be
  // decoded are skipped and counted. Errors: CodecFailure when nothing can decode it.
  bool next(Frame& frame);
  // Of the last frame, since the film's beginning.
  double seconds() const;
  std::int64_t skipped_packets() const;

 private:
  class Film;
  std::unique_ptr<Film> film_;
};

// The recipe kept in a film's metadata, JSON; empty when there is none. Errors: as FilmReader.
std::string read_film_recipe(const std::filesystem::path& path);

}  // namespace reverie
