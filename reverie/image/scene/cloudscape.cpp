#include "reverie/image/scene/cloudscape.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "reverie/base/error.h"
#include "reverie/base/random.h"
#include "reverie/base/threads.h"
#include "reverie/image/color_curve.h"
#include "reverie/image/scene/cloud_noise.h"

namespace reverie {
namespace {

// Lengths are kilometres, y points up, z into the picture; colors are linear light.

float smoothstep(float low, float high, float v) {
  const float t = std::clamp((v - low) / (high - low), 0.0f, 1.0f);
  return t * t * (3 - 2 * t);
}
Vec3 normalized(Vec3 v) { return v * (1 / std::sqrt(dot(v, v))); }

// How light that comes from `cosine` off the straight way is scattered.
// Source: Henyey and Greenstein, 1941, without the factor 1 / 4 pi.
float scatter(float cosine, float g) {
  const float base = 1 + g * g - 2 * g * cosine;
  return (1 - g * g) / (base * std::sqrt(base));
}

// The mean of what is above zero between two values of something that changes evenly.
float mean_above_zero(float a, float b) {
  const float high = std::max(a, b), low = std::min(a, b);
  if (high <= 0) return 0;
  return low >= 0 ? 0.5f * (a + b) : 0.5f * high * high / (high - low);
}

class Scene {
 public:
  Scene(std::int64_t width, std::int64_t height, std::uint64_t seed)
      : width_(static_cast<float>(width)),
        height_(static_cast<float>(height)),
        horizon_(0.66f * static_cast<float>(height)),
        focal_(0.78f * static_cast<float>(std::max(width, height))),
        shapes_(NoiseCube::swells(seed, 0, 4)),
        billows_(NoiseCube::billows(seed, 10, 4)),
        plane_(seed, 20) {
    // Each seed has its own place in the noise, and its sun a little elsewhere
    const auto words = RandomStream::philox(
        {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)}, {30, 0, 0, 0});
    const auto uniform = [&](std::size_t i) {
      return static_cast<float>(words[i] >> 8) * 0x1p-24f;
    };
    place_ = {uniform(0) * 97, 0, uniform(1) * 97};
    const float x = mix(0.12f, 0.3f, uniform(2)) * (uniform(3) < 0.5f ? -1.0f : 1.0f);
    sun_ = normalized({x * width_ / focal_, 0.12f, 1});
    map_cover();
  }

  float horizon() const { return horizon_; }
  float sun_x() const { return width_ / 2 + sun_.x / sun_.z * focal_; }
  Vec3 above_horizon(float x, float y) const;
  template <class Above>
  Vec3 water(float x, float y, const Above& above) const;

 private:
  static constexpr float base_ = 0.9f, top_ = 3.0f;  // of the clouds
  static constexpr float far_away = -10;
  static constexpr int map_size = 512;
  static constexpr float map_cell = 0.14f;

  Vec3 direction(float x, float y) const {
    return normalized({(x - width_ / 2) / focal_, (horizon_ - y) / focal_, 1});
  }
  Vec3 sky(Vec3 direction) const;
  Vec3 cirrus(Vec3 direction, Vec3 behind) const;
  void map_cover();
  float cover(float x, float z) const;
  float density(Vec3 p, bool fine) const;
  float shade(Vec3 p) const;
  Vec3 clouds(Vec3 direction, Vec3 behind) const;
  float ridge(float x, int layer) const;

  float width_, height_, horizon_, focal_;
  NoiseCube shapes_, billows_;
  NoisePlane plane_;
  Vec3 place_, sun_;
  std::vector<float> cover_;
};

// ---- The air

Vec3 Scene::sky(Vec3 d) const {
  const float up = std::max(d.y, 0.0f);
  const float toward = std::max(dot(d, sun_), 0.0f);
  const Vec3 zenith = {0.05f, 0.16f, 0.43f};
  const Vec3 middle = {0.22f, 0.42f, 0.66f};
  const Vec3 cool = {0.62f, 0.40f, 0.38f}, warm = {1.05f, 0.50f, 0.19f};
  const Vec3 low = mix(cool, warm, std::pow(toward, 6.0f));
  Vec3 color = mix(middle, zenith, smoothstep(0.08f, 0.55f, up));
  color = mix(low, color, 1 - std::exp(-up * 9));
  color = color + Vec3{1.0f, 0.50f, 0.19f} * (0.5f * std::pow(toward, 24.0f));
  color = color + Vec3{1.0f, 0.66f, 0.34f} * (1.3f * std::pow(toward, 300.0f));
  const float disc = smoothstep(0.99988f, 0.99996f, toward);
  return color + Vec3{1.0f, 0.86f, 0.62f} * (22 * disc);
}

// A thin, high and streaky layer.
Vec3 Scene::cirrus(Vec3 d, Vec3 behind) const {
  if (d.y < 0.02f) return behind;
  const float t = 8 / d.y;
  const float x = place_.x + 0.05f * t * d.x, z = place_.z + 0.05f * t * d.z;
  const float warp = plane_.fractal(0.7f * x, 0.7f * z, 3);
  const float streaks = plane_.fractal(0.9f * x + 0.6f * warp, 2.6f * z + 1.2f * warp, 5, 0.55f);
  const float veil = smoothstep(-0.1f, 1.1f, streaks + 0.5f * warp) * smoothstep(0.03f, 0.2f, d.y);
  const float toward = std::max(dot(d, sun_), 0.0f);
  const Vec3 lit = mix(Vec3{0.95f, 0.80f, 0.76f}, Vec3{1.5f, 1.05f, 0.7f}, std::pow(toward, 10.0f));
  return mix(behind, lit, 0.6f * veil);
}

// ---- Clouds

void Scene::map_cover() {
  cover_.resize(map_size * map_size);
  parallel_for(map_size, 8, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row)
      for (std::int64_t column = 0; column < map_size; ++column) {
        const float left = map_cell * static_cast<float>(column - map_size / 2);
        const float far = map_cell * static_cast<float>(row);
        const float x = left + place_.x, z = far + place_.z;
        // The sky opens around the sun
        const float aside = left / (far + 0.1f) - sun_.x / sun_.z;
        cover_[static_cast<std::size_t>(row * map_size + column)] =
            0.44f + 0.75f * plane_.fractal(0.30f * x, 0.30f * z, 3) -
            0.5f * std::exp(-70 * aside * aside) * smoothstep(3, 9, far);
      }
  });
}

// How much cloud stands over a place: below 0 none, at 1 the tallest.
float Scene::cover(float x, float z) const {
  constexpr float last = map_size - 1.001f;
  const float u = std::clamp(x * (1 / map_cell) + map_size / 2, 0.0f, last);
  const float v = std::clamp(z * (1 / map_cell), 0.0f, last);
  const int column = static_cast<int>(u), row = static_cast<int>(v);
  const float* at = cover_.data() + row * map_size + column;
  const float part = u - static_cast<float>(column);
  return mix(mix(at[0], at[1], part), mix(at[map_size], at[map_size + 1], part),
             v - static_cast<float>(row));
}

// 0..1 inside a cloud, less than 0 around it, and far_away elsewhere.
float Scene::density(Vec3 p, bool fine) const {
  const float h = (p.y - base_) / (top_ - base_);
  if (h <= 0 || h >= 1) return far_away;
  const float cover = this->cover(p.x, p.z);
  if (cover <= 0.1f) return far_away;
  const Vec3 q = p + place_;

  const float grown = smoothstep(0.25f, 1.0f, cover);
  const float tall = mix(0.22f, 1.0f, grown);
  const float rise = h / tall;
  if (rise >= 1) return far_away;
  const float profile = smoothstep(0, 0.09f, rise) * (1 - 0.75f * rise * rise);
  const float wanted = profile * smoothstep(0.1f, 0.75f, cover);

  // Swells make the body, billows its heads
  constexpr float reach = 0.14f;  // of the fine parts below
  const float body = 0.45f * shapes_.at(q * 0.27f) - (1 - 0.72f * wanted);
  if (body + 0.5f <= -reach) return far_away;
  float d = body + 0.55f * billows_.at(q * 0.34f);
  if (d <= -reach) return far_away;
  if (fine) {
    d += 0.32f * (billows_.at(q * 1.13f) - 0.52f);
    // The finest parts only where they are larger than a pixel
    const float near = 1 - p.z * (1 / 18.0f);
    if (near > 0) d += 0.15f * near * (billows_.at(q * 3.7f + Vec3{0.3f, 0.7f, 0.1f}) - 0.5f);
  }
  return std::min(d * 4.5f, 1.0f);
}

// The depth of cloud between a point and the sun, in optical lengths.
float Scene::shade(Vec3 p) const {
  float depth = 0, step = 0.07f;
  for (int i = 0; i < 5; ++i) {
    p = p + sun_ * step;
    depth += step * std::max(density(p, i == 0), 0.0f);
    step *= 1.9f;
  }
  return depth;
}

Vec3 Scene::clouds(Vec3 d, Vec3 behind) const {
  if (d.y < 0.012f) return behind;
  constexpr float extinction = 15, stride = 0.018f, step = 0.0075f;  // the latter per distance
  constexpr int orders = 3;
  constexpr float order_part = 0.42f;
  const float leave = std::min(top_ / d.y, 70.0f);
  const Vec3 sunlight = Vec3{1.0f, 0.66f, 0.36f} * 3.2f;
  const Vec3 haze = sky(normalized({d.x, 0.06f, d.z}));

  // Light that was scattered once, twice and more often: weaker, and less turned aside
  const float cosine = dot(d, sun_);
  float phase[orders], part[orders];
  for (int order = 0; order < orders; ++order) {
    part[order] = order == 0 ? 1 : part[order - 1] * order_part;
    phase[order] = part[order] * mix(scatter(cosine, 0.65f * part[order]),
                                     scatter(cosine, -0.2f * part[order]), 0.42f);
  }

  Vec3 light;
  float clear = 1, energy = 0;
  constexpr float outside = -0.7f;
  float t = base_ / d.y, before = outside;
  int strays = 5, hits = 0;
  while (t < leave && clear > 0.015f) {
    const Vec3 p = d * t;
    const float here = std::max(density(p, true), outside);

    // Long strides through clear air; where a cloud comes near one back, and short steps from there
    if (here == outside && before <= 0) {
      t += (++strays > 4 ? stride : step) * t;
      before = outside;
      continue;
    }
    if (strays > 4) {
      t -= 0.9f * stride * t;
      strays = 0;
      continue;
    }
    strays = 0;
    const float passed = step * t * mean_above_zero(before, here);
    before = here;
    if (passed == 0) {
      t += step * t;
      continue;
    }

    // The light changes slowly from one step to the next
    if (hits++ % 2 == 0) {
      const float depth = extinction * shade(p);
      energy = 0;
      for (int order = 0; order < orders; ++order)
        energy += phase[order] * std::exp(-part[order] * depth);
    }
    const float h = (p.y - base_) / (top_ - base_);
    // The sky lights the heads and the thin parts more than the hollows and the base
    const Vec3 around = mix(Vec3{0.15f, 0.12f, 0.18f}, Vec3{0.26f, 0.36f, 0.60f}, h) *
                        (1.35f - 0.75f * std::max(here, 0.0f));
    const Vec3 glow = mix(haze, sunlight * (0.40f * energy) + around, std::exp(-t * (1 / 30.0f)));
    const float through = std::exp(-extinction * passed);
    light = light + glow * (clear * (1 - through));
    clear *= through;
    t += step * t;
  }
  return light + behind * clear;
}

// ---- The land

// How far a ridge stands above the horizon, as a part of the picture's width.
float Scene::ridge(float x, int layer) const {
  const float l = static_cast<float>(layer);
  const float u = (x - width_ / 2) / focal_;
  const float wide = plane_.fractal(place_.x + 7 * l + u * (1.6f + 0.9f * l), 13.7f * l + 3, 2);
  const float rough = plane_.fractal(place_.z + u * (9 + 7 * l), 29.3f * l + 11, 6, 0.52f);
  const float height[] = {0.060f, 0.042f, 0.026f};
  const float lift[] = {0.55f, 0.30f, -0.05f};
  // Higher on the side away from the sun
  const float away = (u - sun_.x / sun_.z) * (sun_.x < 0 ? 1.0f : -1.0f);
  const float rise = (0.5f + 0.5f * l) * smoothstep(0.1f, 0.9f, away);
  return height[layer] * (lift[layer] + rise + 0.8f * wide + 0.22f * rough);
}

Vec3 Scene::above_horizon(float x, float y) const {
  const Vec3 d = direction(x, y);
  Vec3 color = sky(d);
  color = cirrus(d, color);
  color = clouds(d, color);

  // Far, middle and near hills, each less veiled by the air
  const Vec3 haze = sky(normalized({d.x, 0.03f, d.z}));
  const Vec3 land[] = {{0.10f, 0.11f, 0.13f}, {0.05f, 0.06f, 0.05f}, {0.016f, 0.026f, 0.016f}};
  const float veil[] = {0.62f, 0.34f, 0.10f};
  for (int layer = 0; layer < 3; ++layer) {
    const float over = horizon_ - y - ridge(x, layer) * width_;
    const float covered = 1 - smoothstep(-0.6f, 0.6f, over);
    if (covered <= 0) continue;
    const float l = static_cast<float>(layer);
    const float u = 1000 * x / width_, v = 1000 * (horizon_ - y) / width_;
    const float woods = plane_.fractal(0.11f * u + 31 * l, 0.3f * v, 5, 0.6f);
    const Vec3 ground = land[layer] * (1 + 0.7f * woods);
    color = mix(color, mix(ground, haze, veil[layer]), covered);
  }
  return color;
}

// ---- The water

// `above(x, y)` is the finished picture over the horizon.
template <class Above>
Vec3 Scene::water(float x, float y, const Above& above) const {
  const float below = std::max(y - horizon_, 0.25f);

  // Waves in metres of the lake's surface, seen from a pier. Far ones would be smaller than a
  // pixel: from some distance on the surface is as if seen from higher up
  constexpr float eye_m = 4;
  const float bend = 0.115f * focal_;
  const float depth = below > bend ? 1 / below : (2 - below / bend) / bend;
  const float wx = eye_m * (x - width_ / 2) * depth, wz = eye_m * focal_ * depth;
  const float calm = plane_.fractal(0.004f * wx + 5, 0.0012f * wz, 3);
  const float rough = 0.55f + 0.45f * smoothstep(-0.5f, 0.6f, calm);
  const float gx = plane_.fractal(0.35f * wx, 0.8f * wz, 4);
  const float gz = plane_.fractal(0.35f * wx + 91, 0.8f * wz + 37, 4);
  const float near = smoothstep(0, 0.35f * height_, below);
  const float grad_x = 0.020f * rough * gx, grad_z = mix(0.012f, 0.035f, near) * rough * gz;

  // Several mirrors in one pixel: what is small or far is drawn out towards the viewer
  Vec3 mirror;
  float weights = 0;
  constexpr int mirrors = 9;
  for (int i = 0; i < mirrors; ++i) {
    const float spread = (static_cast<float>(i) - 0.5f * (mirrors - 1)) / (0.5f * mirrors);
    const float weight = std::exp(-2 * spread * spread);
    const float tilt = grad_z + spread * 0.022f * rough;
    const float up = below + 2 * focal_ * tilt + std::fabs(spread) * 0.2f * below;
    mirror = mirror + above(x + 2 * focal_ * grad_x, horizon_ - std::fabs(up)) * weight;
    weights += weight;
  }
  mirror = mirror * (1 / weights);

  // The steeper the look, the more of the water itself
  const float steep = below / focal_;
  const float reflected = mix(0.16f, 1.0f, std::pow(1 - std::min(steep * 1.6f, 1.0f), 3.0f));
  const Vec3 deep = {0.005f, 0.030f, 0.045f};
  Vec3 color = mix(deep, mirror * Vec3{0.78f, 0.84f, 0.90f}, reflected);

  // The sun's path: facets that happen to look at it
  const float aside = (x - sun_x()) / focal_;
  const float path = std::exp(-aside * aside / (2 * 0.0016f * (1 + 18 * steep)));
  const float glitter = smoothstep(0.15f, 0.9f, gz + 0.5f * gx + 0.25f * rough);
  color = color + Vec3{1.0f, 0.58f, 0.25f} * (path * (0.06f + 2.2f * glitter) * (1 - 0.4f * near));
  return color;
}

// ---- From light to display

float filmic(float v) {
  // Source: Narkowicz' fit of the ACES curve, 2015
  v = std::max(v, 0.0f) * 0.62f;
  return std::min(v * (2.51f * v + 0.03f) / (v * (2.43f * v + 0.59f) + 0.14f), 1.0f);
}

}  // namespace

Image cloudscape(std::int64_t width, std::int64_t height, std::uint64_t seed) {
  if (width < 1 || height < 1 || width > 32768 || height > 32768)
    throw BadShape(
        fmt::format("a cloudscape of {} x {} pixels, expected 1 to 32768", width, height));
  const Scene scene(width, height, seed);
  Image frame;
  frame.color = Tensor({3, height, width});
  const View color = frame.color;
  const auto put = [&](std::int64_t x, std::int64_t y, Vec3 light) {
    color.at(0, y, x) = light.x;
    color.at(1, y, x) = light.y;
    color.at(2, y, x) = light.z;
  };
  const std::int64_t horizon =
      std::min(height, static_cast<std::int64_t>(std::ceil(static_cast<double>(scene.horizon()))));

  // Sky and land, column after column: rows near the horizon cost more than others
  parallel_for(horizon * width, 64, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t y = i % horizon, x = i / horizon;
      put(x, y, scene.above_horizon(static_cast<float>(x) + 0.5f, static_cast<float>(y) + 0.5f));
    }
  });

  // The water mirrors what is finished above it
  const auto above = [&](float x, float y) {
    const auto place = [](float v, std::int64_t size, std::int64_t& low, std::int64_t& high) {
      v = std::clamp(v - 0.5f, 0.0f, static_cast<float>(size - 1));
      low = static_cast<std::int64_t>(v);
      high = std::min(low + 1, size - 1);
      return v - static_cast<float>(low);
    };
    std::int64_t x0, x1, y0, y1;
    const float fx = place(x, width, x0, x1), fy = place(y, horizon, y0, y1);
    const auto channel = [&](std::int64_t c) {
      return mix(mix(color.at(c, y0, x0), color.at(c, y0, x1), fx),
                 mix(color.at(c, y1, x0), color.at(c, y1, x1), fx), fy);
    };
    return Vec3{channel(0), channel(1), channel(2)};
  };
  parallel_for(height - horizon, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t y = horizon + begin; y < horizon + end; ++y)
      for (std::int64_t x = 0; x < width; ++x)
        put(x, y, scene.water(static_cast<float>(x) + 0.5f, static_cast<float>(y) + 0.5f, above));
  });

  parallel_for(frame.color.size(), 4096, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i)
      frame.color[i] = 255 * srgb_encode(filmic(frame.color[i]));
  });
  return frame;
}

}  // namespace reverie
