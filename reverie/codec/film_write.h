// film_write.h: a film in a file, from Frames. FFmpeg's libraries do the work and stay behind this
// header.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "reverie/base/notice.h"
#include "reverie/frame/frame.h"

namespace reverie {

struct FilmOptions {
  double fps = 30;     // frames a second, 0.01 to 1000
  int quality = 90;    // 1..100; GIF has none
  std::string recipe;  // JSON kept in the film's metadata, empty for none
  bool overwrite = false;
};

// Extensions (lower case, without the dot) of the films that can be written: mp4, mov and mkv hold
// H.264 (MPEG-4 where this FFmpeg has no encoder for it), webm VP9, avi MPEG-4, gif its own
// palettes.
const std::vector<std::string>& film_extensions();

// Whether a path ends in one of them, in any case.
bool is_film_name(const std::filesystem::path& path);

// Throws what FilmWriter would throw for reasons known before the work begins: an unknown
// extension, an encoder that is missing, an existing output, a folder that is missing or not
// writable. Errors: CodecFailure, FileFailure.
void check_film_output(const std::filesystem::path& path, const FilmOptions& options);

// Writes one film. Its file lies beside `path` under another name until finish(); a writer that is
// destroyed before leaves nothing. One caller at a time.
class FilmWriter {
 public:
  // Frames are width x height px. Odd sizes grow by a repeated column or row where the codec wants
  // even ones, and `notices` hears of it. Errors: as check_film_output; CodecFailure.
  FilmWriter(const std::filesystem::path& path, std::int64_t width, std::int64_t height,
             const FilmOptions& options, const NoticeSink& notices = {});
  ~FilmWriter();

  // Appends a frame; samples are rounded and clipped, alpha is left out. Errors: BadShape for
  // another size; CodecFailure; FileFailure (full disk).
  void add(const Frame& frame);

  // Ends the film and gives the file its name. Errors: CodecFailure when it has no frame;
  // FileFailure.
  void finish();

 private:
  class Film;
  std::unique_ptr<Film> film_;
};

}  // namespace reverie
