// cloud_noise.h: tabulated noise over a cube, which repeats without a
// seam.
#pragma once

#include <cstdint>
#include <vector>

namespace reverie {

struct Vec3 {
  float x = 0, y = 0, z = 0;
  friend Vec3 operator+(Vec3 a, Vec3 b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
  friend Vec3 operator-(Vec3 a, Vec3 b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
  friend Vec3 operator*(Vec3 a, float s) { return {a.x * s, a.y * s, a.z * s}; }
  friend Vec3 operator*(Vec3 a, Vec3 b) { return {a.x * b.x, a.y * b.y, a.z * b.z}; }
  friend float dot(Vec3 a, Vec3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
};

inline float mix(float a, float b, float t) { return a + (b - a) * t; }
inline Vec3 mix(Vec3 a, Vec3 b, float t) { return a + (b - a) * t; }

// A scalar over the unit cube, repeated in all directions; linear between its samples.
class NoiseCube {
 public:
  // Billows: the inverted distance to the nearest of random points, `cells` of them (a power of
  // two) to a side, in three octaves. 0..1.
  static NoiseCube billows(std::uint64_t seed, std::uint32_t use, int cells);
  // Gradient noise in three octaves from `cells` to a side. 0..1, mean 0.5.
  static NoiseCube swells(std::uint64_t seed, std::uint32_t use, int cells);

  float at(Vec3 p) const;

 private:
  static constexpr int size = 64;
  template <class Field>
  static NoiseCube tabulate(Field&& field);
  std::vector<std::uint16_t> samples_;  // 0..65535 for 0..1, so that two cubes fit a cache
};

// Gradient noise over the plane that repeats every 256 units; -1..1, smooth, zero on the lattice.
class NoisePlane {
 public:
  NoisePlane(std::uint64_t seed, std::uint32_t use);

  float at(float x, float y) const;
  // Sums `octaves` of it, each rotated, doubled in frequency and scaled by `gain`; about -1..1.
  float fractal(float x, float y, int octaves, float gain = 0.5f) const;

 private:
  static constexpr int size = 256;
  std::vector<float> gradients_;  // two for each lattice point
};

}  // namespace reverie
