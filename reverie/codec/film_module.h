// film_module.h: what FFmpeg does for films. Internal to codec/; it lies in libreverie-film, see
// base/late.h.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "reverie/codec/film_read.h"
#include "reverie/codec/film_write.h"

namespace reverie {

class FilmWriter::Film {
 public:
  virtual ~Film() = default;
  virtual void add(const Frame& frame) = 0;
  virtual void add(const Frame& frame, FrameTime time) = 0;
  virtual void finish(bool cut) = 0;
};

class FilmReader::Film {
 public:
  virtual ~Film() = default;
  virtual const FilmInfo& info() const = 0;
  virtual bool next(Frame& frame) = 0;
  virtual bool skip() = 0;
  virtual void convert(Frame& frame) = 0;
  virtual FrameTime time() const = 0;
  virtual std::int64_t skipped() const = 0;
};

namespace ffmpeg {

// Errors: CodecFailure when the format does not take the codec, or this FFmpeg has no encoder.
void check_encoder(const std::filesystem::path& path, FilmCodec codec);

std::unique_ptr<FilmWriter::Film> write_film(const std::filesystem::path& path, std::int64_t width,
                                             std::int64_t height, const FilmOptions& options,
                                             const NoticeSink& notices);
std::unique_ptr<FilmReader::Film> read_film(const std::filesystem::path& path,
                                            const NoticeSink& notices);
std::string read_recipe(const std::filesystem::path& path);

}  // namespace ffmpeg

struct FilmModule {
  decltype(ffmpeg::check_encoder)* check_encoder;
  decltype(ffmpeg::write_film)* write_film;
  decltype(ffmpeg::read_film)* read_film;
  decltype(ffmpeg::read_recipe)* read_recipe;
};

extern "C" [[gnu::weak]] const FilmModule* reverie_film_module();

}  // namespace reverie
