#include "reverie/graph/axis_map.h"

#include <algorithm>
#include <cmath>

namespace reverie {
namespace {

float source_position(Resize::Coordinates coordinates, std::int64_t output, float scale,
                      std::int64_t in, std::int64_t out) {
  const auto at = static_cast<float>(output);
  switch (coordinates) {
    case Resize::Coordinates::half_pixel:
      return (at + 0.5f) / scale - 0.5f;
    case Resize::Coordinates::asymmetric:
      return at / scale;
    case Resize::Coordinates::align_corners:
      return out == 1 ? 0 : at * static_cast<float>(in - 1) / static_cast<float>(out - 1);
  }
  return at;
}

float nearest_cell(Resize::Rounding rounding, float at) {
  switch (rounding) {
    case Resize::Rounding::down:
      return std::floor(at);
    case Resize::Rounding::up:
      return std::ceil(at);
    case Resize::Rounding::to_nearest_down:
      return std::ceil(at - 0.5f);
    case Resize::Rounding::to_nearest_up:
      return std::floor(at + 0.5f);
  }
  return at;
}

AxisMap resize_axis(const Resize& resize, float scale, std::int64_t in, std::int64_t out) {
  AxisMap map;
  const auto last = static_cast<float>(in - 1);
  for (std::int64_t o = 0; o < out; ++o) {
    const float at = source_position(resize.coordinates, o, scale, in, out);
    if (resize.method == Resize::Method::nearest) {
      const float cell = std::clamp(nearest_cell(resize.rounding, at), 0.f, last);
      map.add(static_cast<std::int64_t>(cell), 1);
    } else {
      // What lies outside is the outermost cell
      const float inside = std::clamp(at, 0.f, last);
      const float before = std::floor(inside);
      map.add(static_cast<std::int64_t>(before), 1 - (inside - before));
      if (inside > before) map.add(static_cast<std::int64_t>(before) + 1, inside - before);
    }
    map.finish_output();
  }
  return map;
}

AxisMap pad_axis(Pad::Mode mode, int before, std::int64_t in, std::int64_t out) {
  AxisMap map;
  for (std::int64_t o = 0; o < out; ++o) {
    std::int64_t cell = o - before;
    if (mode == Pad::Mode::edge) cell = std::clamp<std::int64_t>(cell, 0, in - 1);
    if (mode == Pad::Mode::reflect) {
      cell = std::abs(cell);
      if (cell >= in) cell = 2 * (in - 1) - cell;
    }
    if (cell >= 0 && cell < in) map.add(cell, 1);
    map.finish_output();
  }
  return map;
}

}  // namespace

void AxisMap::add(std::int64_t cell, float weight) {
  cells.push_back(static_cast<int>(cell));
  weights.push_back(weight);
}

AxisMap transposed(const AxisMap& map, std::int64_t inputs) {
  struct Summand {
    int output;
    float weight;
  };
  std::vector<std::vector<Summand>> readers(static_cast<std::size_t>(inputs));
  for (int o = 0; o < map.outputs(); ++o) {
    const auto output = static_cast<std::size_t>(o);
    for (auto t = static_cast<std::size_t>(map.begin[output]);
         t < static_cast<std::size_t>(map.begin[output + 1]); ++t)
      readers[static_cast<std::size_t>(map.cells[t])].push_back({o, map.weights[t]});
  }
  AxisMap back;
  for (const auto& all : readers) {
    for (const auto& [output, weight] : all) back.add(output, weight);
    back.finish_output();
  }
  return back;
}

PlaneMap plane_map(const Resize& resize, const Shape& in, const Shape& out) {
  return {resize_axis(resize, resize.scale_h, in.height(), out.height()),
          resize_axis(resize, resize.scale_w, in.width(), out.width())};
}

PlaneMap plane_map(const Pad& pad, const Shape& in, const Shape& out) {
  return {pad_axis(pad.mode, pad.top, in.height(), out.height()),
          pad_axis(pad.mode, pad.left, in.width(), out.width())};
}

PlaneMap transposed(const PlaneMap& map, const Shape& in) {
  return {transposed(map.rows, in.height()), transposed(map.columns, in.width())};
}

}  // namespace reverie
