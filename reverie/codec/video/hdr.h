// hdr.h: converts HDR and wide-color (BT.2020) videos to sRGB. Internal to
// codec/.
#pragma once

#include <vector>

#include "reverie/tensor/tensor.h"

namespace reverie {

// The transfer curve: how a video's values encode light.
enum class TransferCurve {
  screen,  // standard dynamic range
  pq,      // absolute light up to 10000 cd/m2: SMPTE ST 2084
  hlg      // relative light: ARIB STD-B67
};

// Tone mapping: light of 203 cd/m2, which HDR videos use for white paper, becomes white, and
// brighter light is compressed below it, keeping its color. Colors of BT.2020 outside of BT.709 are
// clipped.
// Source: ITU-R BT.2100, BT.2408 (203 cd/m2), BT.2087 (BT.2020 to BT.709).
class HdrConversion {
 public:
  // Tables are made here. `wide`: whether the video's primaries are those of BT.2020.
  HdrConversion(TransferCurve curve, bool wide);

  // [3,H,W] RGB of the video's curve, 0..255; becomes display units in place. All threads.
  void run(View color) const;

 private:
  bool wide_, bright_;
  std::vector<float> linear_;  // of each 16-bit value: light, 1 is white
};

}  // namespace reverie
