#include "reverie/codec/film_module.h"

extern "C" const reverie::FilmModule* reverie::reverie_film_module() {
  static constexpr FilmModule module{ffmpeg::check_encoder, ffmpeg::write_film, ffmpeg::read_film,
                                     ffmpeg::read_recipe};
  return &module;
}
