// film_light.h: films of another light than screens have (HDR, wide colours), brought to sRGB.
// Internal to codec/.
#pragma once

#include <vector>

#include "reverie/tensor/tensor.h"

namespace reverie {

// How a film's values stand for light.
enum class FilmCurve {
  screen,  // as on ordinary screens
  pq,      // absolute light up to 10000 cd/m2: SMPTE ST 2084
  hlg      // relative light: ARIB STD-B67
};

// Light of 203 cd/m2, which HDR films use for white paper, becomes white; what is brighter is
// brought below it, the less the nearer it was, with its colour kept. Wide colours (BT.2020) that a
// screen cannot show are cut.
// Source: ITU-R BT.2100, BT.2408 (203 cd/m2), BT.2087 (BT.2020 to BT.709).
class FilmLight {
 public:
  // Tables are made here. `wide`: whether the film's primaries are those of BT.2020.
  FilmLight(FilmCurve curve, bool wide);

  // [3,H,W] RGB of the film's curve, 0..255; becomes display units in place. All threads.
  void run(View colour) const;

 private:
  bool wide_, bright_;
  std::vector<float> linear_;  // of each 16-bit value: light, 1 is white
};

}  // namespace reverie
