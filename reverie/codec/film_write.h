// film_write.h: a film in a file, from Frames. FFmpeg's libraries do the work and stay behind this
// header.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "reverie/base/notice.h"
#include "reverie/codec/film_time.h"
#include "reverie/frame/frame.h"

namespace reverie {

// How pictures are coded; `automatic` is what is best known of a format.
enum class FilmCodec { automatic, h264, h265, vp9, av1 };

inline constexpr std::array<std::pair<const char*, FilmCodec>, 5> film_codec_names{
    {{"auto", FilmCodec::automatic},
     {"h264", FilmCodec::h264},
     {"h265", FilmCodec::h265},
     {"vp9", FilmCodec::vp9},
     {"av1", FilmCodec::av1}}};

// Another film whose sound, subtitles, chapters and words go along, packets unchanged.
struct Companion {
  std::filesystem::path film;  // empty: none
  double from = 0;             // seconds of it that come before our first
};

struct FilmOptions {
  double fps = 30;   // frames a second, 0.01 to 1000; on average where frames have times
  TimeUnit unit;     // of the times of frames; none: frames follow each other at `fps`
  int quality = 90;  // 1..100; GIF has none
  FilmCodec codec = FilmCodec::automatic;
  int pixel_width = 1, pixel_height = 1;  // the form of a pixel
  Companion companion;
  std::string recipe;  // JSON kept in the film's metadata, empty for none
  bool overwrite = false;
};

// Extensions (lower case, without the dot) of the films that can be written: mp4, mov and mkv hold
// H.264 (MPEG-4 where this FFmpeg has no encoder for it) unless told otherwise, webm VP9, avi
// MPEG-4, gif its own palettes.
const std::vector<std::string>& film_extensions();

// Whether a path ends in one of them, in any case.
bool is_film_name(const std::filesystem::path& path);

// Throws what FilmWriter would throw for reasons known before the work begins: an unknown
// extension, a codec that the format does not take, an encoder that is missing, an existing output,
// a folder that is missing or not writable. Errors: CodecFailure, FileFailure.
void check_film_output(const std::filesystem::path& path, const FilmOptions& options);

// Writes one film. Its file lies beside `path` under another name until finish(); a writer that is
// destroyed before leaves nothing. One caller at a time.
class FilmWriter {
 public:
  // Frames are width x height px. Odd sizes grow by a repeated column or row where the codec wants
  // even ones. `notices` hears of that, and of what of a companion the format cannot take.
  // Errors: as check_film_output; CodecFailure; as FilmReader for the companion.
  FilmWriter(const std::filesystem::path& path, std::int64_t width, std::int64_t height,
             const FilmOptions& options, const NoticeSink& notices = {});
  ~FilmWriter();

  // Appends a frame; samples are rounded and clipped, alpha is left out. Errors: BadShape for
  // another size; CodecFailure; FileFailure (full disk).
  void add(const Frame& frame);
  // The same at a time of its own, later than the last. Formats that count more coarsely round it.
  void add(const Frame& frame, FrameTime time);

  // Ends the film and gives the file its name; a companion goes on to its own end, or `cut`, as far
  // as the pictures do. Errors: CodecFailure when it has no frame; FileFailure.
  void finish(bool cut = false);

  class Film;  // FFmpeg's half, internal

 private:
  std::unique_ptr<Film> film_;
};

}  // namespace reverie
