#include "reverie/image/scene/cloud_noise.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "reverie/base/random.h"
#include "reverie/base/threads.h"

namespace reverie {
namespace {

using Draw = std::array<float, 4>;

// Four numbers in [0, 1) that belong to one lattice point.
Draw draw(std::uint64_t seed, std::uint32_t use, std::uint32_t a, std::uint32_t b,
          std::uint32_t c) {
  const auto words = RandomStream::philox(
      {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)}, {use, a, b, c});
  Draw out;
  for (std::size_t i = 0; i < 4; ++i) out[i] = static_cast<float>(words[i] >> 8) * 0x1p-24f;
  return out;
}

// std::floor is a call where the processor's own instruction may not be assumed.
int floor_of(float v) {
  const int i = static_cast<int>(v);
  return i - (v < static_cast<float>(i) ? 1 : 0);
}

float smooth(float t) { return t * t * t * (t * (t * 6 - 15) + 10); }

// One random vector for each point of a cubic lattice that repeats. REQUIRES: `cells` is a power of
// two.
class Lattice {
 public:
  Lattice(std::uint64_t seed, std::uint32_t use, int cells)
      : cells_(cells), points_(static_cast<std::size_t>(std::int64_t{cells} * cells * cells)) {
    std::size_t i = 0;
    for (int z = 0; z < cells; ++z)
      for (int y = 0; y < cells; ++y)
        for (int x = 0; x < cells; ++x) {
          const Draw d = draw(seed, use, static_cast<std::uint32_t>(x),
                              static_cast<std::uint32_t>(y), static_cast<std::uint32_t>(z));
          points_[i++] = {d[0], d[1], d[2]};
        }
  }

  Vec3 at(int x, int y, int z) const {
    const auto wrap = [this](int i) { return i & (cells_ - 1); };
    return points_[static_cast<std::size_t>((wrap(z) * cells_ + wrap(y)) * cells_ + wrap(x))];
  }
  int cells() const { return cells_; }

 private:
  int cells_;
  std::vector<Vec3> points_;
};

// 1 minus the distance to the nearest point, in cells. Source: Worley, "A cellular texture basis
// function", SIGGRAPH 1996.
float billow(const Lattice& points, Vec3 p) {
  p = p * static_cast<float>(points.cells());
  const int cx = static_cast<int>(p.x), cy = static_cast<int>(p.y), cz = static_cast<int>(p.z);
  float nearest = 1;
  for (int z = cz - 1; z <= cz + 1; ++z)
    for (int y = cy - 1; y <= cy + 1; ++y)
      for (int x = cx - 1; x <= cx + 1; ++x) {
        const Vec3 corner = {static_cast<float>(x), static_cast<float>(y), static_cast<float>(z)};
        const Vec3 apart = corner + points.at(x, y, z) - p;
        nearest = std::min(nearest, dot(apart, apart));
      }
  return 1 - std::sqrt(nearest);
}

// Source: Perlin, "Improving noise", SIGGRAPH 2002, with free gradients.
float gradient_noise(const Lattice& points, Vec3 p) {
  p = p * static_cast<float>(points.cells());
  const int cx = static_cast<int>(p.x), cy = static_cast<int>(p.y), cz = static_cast<int>(p.z);
  const Vec3 f = p - Vec3{static_cast<float>(cx), static_cast<float>(cy), static_cast<float>(cz)};
  const auto corner = [&](int dx, int dy, int dz) {
    const Vec3 g = points.at(cx + dx, cy + dy, cz + dz) * 2.0f - Vec3{1, 1, 1};
    return dot(g, f - Vec3{static_cast<float>(dx), static_cast<float>(dy), static_cast<float>(dz)});
  };
  const float tx = smooth(f.x), ty = smooth(f.y), tz = smooth(f.z);
  const auto edge = [&](int dy, int dz) { return mix(corner(0, dy, dz), corner(1, dy, dz), tx); };
  return mix(mix(edge(0, 0), edge(1, 0), ty), mix(edge(0, 1), edge(1, 1), ty), tz);
}

}  // namespace

template <class Field>
NoiseCube NoiseCube::tabulate(Field&& field) {
  NoiseCube cube;
  cube.samples_.resize(static_cast<std::size_t>(size) * size * size);
  parallel_for(size * size, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row)
      for (int x = 0; x < size; ++x) {
        const Vec3 p = {static_cast<float>(x), static_cast<float>(row % size),
                        static_cast<float>(row / size)};
        const float value = std::clamp(field(p * (1.0f / size)), 0.0f, 1.0f);
        cube.samples_[static_cast<std::size_t>(row * size + x)] =
            static_cast<std::uint16_t>(value * 65535.0f + 0.5f);
      }
  });
  return cube;
}

NoiseCube NoiseCube::billows(std::uint64_t seed, std::uint32_t use, int cells) {
  const Lattice a(seed, use, cells), b(seed, use + 1, cells * 2), c(seed, use + 2, cells * 4);
  return tabulate(
      [&](Vec3 p) { return 0.55f * billow(a, p) + 0.3f * billow(b, p) + 0.15f * billow(c, p); });
}

NoiseCube NoiseCube::swells(std::uint64_t seed, std::uint32_t use, int cells) {
  const Lattice a(seed, use, cells), b(seed, use + 1, cells * 2), c(seed, use + 2, cells * 4);
  return tabulate([&](Vec3 p) {
    const float sum =
        gradient_noise(a, p) + 0.5f * gradient_noise(b, p) + 0.25f * gradient_noise(c, p);
    return 0.5f + 0.6f * sum;
  });
}

float NoiseCube::at(Vec3 p) const {
  const auto place = [](float v, int& low, int& high) {
    v *= size;
    const int cell = floor_of(v);
    low = cell & (size - 1);
    high = (cell + 1) & (size - 1);
    return v - static_cast<float>(cell);
  };
  int x0, x1, y0, y1, z0, z1;
  const float fx = place(p.x, x0, x1), fy = place(p.y, y0, y1), fz = place(p.z, z0, z1);
  const auto edge = [&](int y, int z) {
    const std::uint16_t* row = samples_.data() + (z * size + y) * size;
    return mix(row[x0], row[x1], fx);
  };
  return mix(mix(edge(y0, z0), edge(y1, z0), fy), mix(edge(y0, z1), edge(y1, z1), fy), fz) *
         (1 / 65535.0f);
}

NoisePlane::NoisePlane(std::uint64_t seed, std::uint32_t use)
    : gradients_(static_cast<std::size_t>(2 * size) * size) {
  for (std::size_t i = 0; i < gradients_.size() / 2; ++i) {
    const float angle = 6.2831853f * draw(seed, use, static_cast<std::uint32_t>(i), 0x91A7Eu, 0)[0];
    gradients_[2 * i] = std::cos(angle);
    gradients_[2 * i + 1] = std::sin(angle);
  }
}

float NoisePlane::at(float x, float y) const {
  const int cell_x = floor_of(x), cell_y = floor_of(y);
  const float fx = x - static_cast<float>(cell_x), fy = y - static_cast<float>(cell_y);
  const int x0 = cell_x & (size - 1), y0 = cell_y & (size - 1);
  const int x1 = (x0 + 1) & (size - 1), y1 = (y0 + 1) & (size - 1);
  const auto corner = [&](int cx, int cy, float dx, float dy) {
    const float* g = gradients_.data() + 2 * (cy * size + cx);
    return g[0] * dx + g[1] * dy;
  };
  const float tx = smooth(fx);
  const float low = mix(corner(x0, y0, fx, fy), corner(x1, y0, fx - 1, fy), tx);
  const float high = mix(corner(x0, y1, fx, fy - 1), corner(x1, y1, fx - 1, fy - 1), tx);
  return 1.5f * mix(low, high, smooth(fy));
}

float NoisePlane::fractal(float x, float y, int octaves, float gain) const {
  float sum = 0, weight = 1;
  for (int octave = 0; octave < octaves; ++octave) {
    sum += weight * at(x, y);
    weight *= gain;
    // Turn by about 37 degrees and double, so that no direction of the lattice adds up
    const float turned = 1.6f * x - 1.2f * y + 17.3f;
    y = 1.2f * x + 1.6f * y + 41.7f;
    x = turned;
  }
  return sum * (1 - gain) * 1.6f;
}

}  // namespace reverie
