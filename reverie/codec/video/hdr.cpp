#include "reverie/codec/video/hdr.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "reverie/base/threads.h"
#include "reverie/image/color_curve.h"

namespace reverie {
namespace {

constexpr double paper_white = 203;  // cd/m2
constexpr double brightest = 1000;   // cd/m2; what lies above is as bright
constexpr int steps = 65536;         // of a table

// Source: SMPTE ST 2084, the electro-optical transfer function.
double pq_light(double value) {
  constexpr double m1 = 2610.0 / 16384, m2 = 2523.0 / 4096 * 128;
  constexpr double c1 = 3424.0 / 4096, c2 = 2413.0 / 4096 * 32, c3 = 2392.0 / 4096 * 32;
  const double power = std::pow(value, 1 / m2);
  return 10000 * std::pow(std::max(power - c1, 0.0) / (c2 - c3 * power), 1 / m1);
}

// Source: ARIB STD-B67, the inverse of the curve of the camera; 0..1 for a scene's light.
double hlg_scene(double value) {
  constexpr double a = 0.17883277, b = 1 - 4 * a, c = 0.55991073;
  return value <= 0.5 ? value * value / 3 : (std::exp((value - c) / a) + b) / 12;
}

// 1 is white before and after; only what is near it or beyond gives way.
float below_white(float light) {
  constexpr float knee = 0.7f;
  constexpr float peak = (static_cast<float>(brightest / paper_white) - knee) / (1 - knee);
  if (light <= knee) return light;
  const float over = std::min((light - knee) / (1 - knee), peak);
  return knee + (1 - knee) * over * (1 + over / (peak * peak)) / (1 + over);
}

void to_screen_primaries(std::array<float, 3>& rgb) {
  const auto [r, g, b] = rgb;
  rgb = {1.660491f * r - 0.587641f * g - 0.072850f * b,
         -0.124550f * r + 1.132900f * g - 0.008349f * b,
         -0.018151f * r - 0.100579f * g + 1.118730f * b};
}

}  // namespace

HdrConversion::HdrConversion(TransferCurve curve, bool wide)
    : wide_(wide), bright_(curve != TransferCurve::screen), linear_(steps) {
  for (int i = 0; i < steps; ++i) {
    const double value = static_cast<double>(i) / (steps - 1);
    double light = 0;
    if (curve == TransferCurve::pq) light = pq_light(value) / paper_white;
    // A screen of 1000 cd/m2 raises the scene's light to the power of 1.2
    if (curve == TransferCurve::hlg)
      light = brightest * std::pow(hlg_scene(value), 1.2) / paper_white;
    if (curve == TransferCurve::screen) light = srgb_decode(static_cast<float>(value));
    linear_[static_cast<std::size_t>(i)] = static_cast<float>(light);
  }
}

void HdrConversion::run(View color) const {
  const std::int64_t pixels = color.shape().height() * color.shape().width();
  float* const data = color.data();
  parallel_for(pixels, 4096, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      std::array<float, 3> rgb;
      for (std::size_t c = 0; c < 3; ++c) {
        const float value = data[static_cast<std::int64_t>(c) * pixels + i] * 257;
        rgb[c] = linear_[static_cast<std::size_t>(std::clamp(value + 0.5f, 0.f, 65535.f))];
      }
      if (wide_) to_screen_primaries(rgb);
      if (const float most = std::max({rgb[0], rgb[1], rgb[2]}); bright_ && most > 0)
        for (float& light : rgb) light *= below_white(most) / most;
      for (std::size_t c = 0; c < 3; ++c)
        data[static_cast<std::int64_t>(c) * pixels + i] =
            255 * std::clamp(srgb_encode(rgb[c]), 0.f, 1.f);
    }
  });
}

}  // namespace reverie
