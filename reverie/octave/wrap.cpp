#include "reverie/octave/wrap.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "reverie/ascent/roll.h"
#include "reverie/base/threads.h"

namespace reverie {
namespace {

std::int64_t modulo(std::int64_t value, std::int64_t count) {
  return ((value % count) + count) % count;
}

// The weight of each pixel of a continued axis: none in the outer three quarters of a margin, then
// a ramp of half a margin. Those of all copies of a pixel add up to 1.
std::vector<float> ramps(std::int64_t side, std::int64_t margin) {
  const std::int64_t length = side + 2 * margin;
  const double ramp = std::max(static_cast<double>(margin) / 2, 1.0);
  const double halo = static_cast<double>(margin) - ramp / 2;
  std::vector<float> weights;
  for (std::int64_t i = 0; i < length; ++i) {
    const double from_end = static_cast<double>(std::min(i, length - 1 - i)) + 0.5;
    weights.push_back(
        margin == 0 ? 1.f : static_cast<float>(std::clamp((from_end - halo) / ramp, 0.0, 1.0)));
  }
  return weights;
}

std::int64_t wrap_margin(std::int64_t side, const FootprintAxis& needs, bool is_bounded) {
  const std::int64_t grid = needs.alignment;
  const std::int64_t most = std::min(std::max(side / 4, 4 * grid), side / 2);
  const std::int64_t wanted = (4 * needs.halo + 2) / 3;  // a quarter of the margin is the ramp
  const std::int64_t margin = is_bounded ? std::min((wanted + grid - 1) / grid * grid, most) : most;
  return margin >= grid ? margin / grid * grid : margin;
}

// What a sample of another size is mixed from: two neighbours, and the weight of the second.
struct Neighbours {
  std::int64_t first, second;
  float weight;
};

std::vector<Neighbours> neighbours(std::int64_t from, std::int64_t to) {
  std::vector<Neighbours> all;
  for (std::int64_t i = 0; i < to; ++i) {
    const double at =
        (static_cast<double>(i) + 0.5) * static_cast<double>(from) / static_cast<double>(to) - 0.5;
    const auto first = static_cast<std::int64_t>(std::floor(at));
    all.push_back({modulo(first, from), modulo(first + 1, from),
                   static_cast<float>(at - static_cast<double>(first))});
  }
  return all;
}

// How much of itself a picture keeps at a place of an axis: nothing at its ends, all of it from a
// quarter on.
float kept(std::int64_t at, std::int64_t side) {
  const double from_end = static_cast<double>(std::min(at, side - 1 - at)) + 0.5;
  const double part = std::min(4 * from_end / static_cast<double>(side), 1.0);
  return static_cast<float>(part * part * (3 - 2 * part));
}

}  // namespace

WrapMargins wrap_margins(Size size, const Footprint& needs) {
  return {wrap_margin(size.height, needs.y, needs.is_bounded),
          wrap_margin(size.width, needs.x, needs.is_bounded)};
}

Size wrapped_size(Size size, const WrapMargins& margins) {
  return {size.height + 2 * margins.y, size.width + 2 * margins.x};
}

void pad_wrapped(ConstView from, const WrapMargins& margins, View to) {
  const std::int64_t height = from.shape().height(), width = from.shape().width();
  const std::int64_t down = margins.y, right = margins.x;
  const std::int64_t rows = to.shape().height();
  parallel_for(to.shape().channels() * rows, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t line = begin; line < end; ++line) {
      const std::int64_t channel = line / rows;
      const float* const row = &from.at(channel, modulo(line % rows - down, height), 0);
      float* const out = to.data() + line * (width + 2 * right);
      std::copy_n(row + width - right, right, out);
      std::copy_n(row, width, out + right);
      std::copy_n(row, right, out + right + width);
    }
  });
}

void fold_wrapped(ConstView continued, const WrapMargins& margins, View grad) {
  const std::int64_t height = grad.shape().height(), width = grad.shape().width();
  const std::int64_t down = margins.y, right = margins.x;
  const std::vector<float> across = ramps(width, right), along = ramps(height, down);
  const std::int64_t rows = height + 2 * down, columns = width + 2 * right;
  parallel_for(grad.shape().channels() * height, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t line = begin; line < end; ++line) {
      const std::int64_t channel = line / height;
      float* const out = grad.data() + line * width;
      std::fill_n(out, width, 0.f);
      for (std::int64_t y = modulo(line % height + down, height); y < rows; y += height) {
        const float* const row = &continued.at(channel, y, 0);
        const float weight = along[static_cast<std::size_t>(y)];
        for (std::int64_t x = 0; x < columns; ++x)
          out[modulo(x - right, width)] += weight * across[static_cast<std::size_t>(x)] * row[x];
      }
    }
  });
}

Tensor resized_wrapped(ConstView from, Size size) {
  const std::int64_t height = from.shape().height(), width = from.shape().width();
  if (size == Size{height, width}) return Tensor::copy_of(from);
  Tensor to = Tensor::uninitialized({from.shape().channels(), size.height, size.width});
  const std::vector<Neighbours> rows = neighbours(height, size.height),
                                columns = neighbours(width, size.width);
  parallel_for(to.size() / size.width, 8, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t line = begin; line < end; ++line) {
      const std::int64_t channel = line / size.height;
      const Neighbours& row = rows[static_cast<std::size_t>(line % size.height)];
      const float* const upper = &from.at(channel, row.first, 0);
      const float* const lower = &from.at(channel, row.second, 0);
      for (std::int64_t x = 0; x < size.width; ++x) {
        const Neighbours& column = columns[static_cast<std::size_t>(x)];
        const auto between = [&](const float* values) {
          return values[column.first] +
                 column.weight * (values[column.second] - values[column.first]);
        };
        to.data()[line * size.width + x] =
            between(upper) + row.weight * (between(lower) - between(upper));
      }
    }
  });
  return to;
}

void make_seamless(View picture) {
  const std::int64_t height = picture.shape().height(), width = picture.shape().width();
  Tensor displaced = Tensor::uninitialized(picture.shape());
  // One axis after the other: what hides the first seam has the second still
  for (const bool across : {true, false}) {
    roll(picture,
         across ? Offset{static_cast<int>(width / 2), 0} : Offset{0, static_cast<int>(height / 2)},
         displaced);
    for (std::int64_t i = 0; i < picture.size(); ++i) {
      const float weight = across ? kept(i % width, width) : kept(i / width % height, height);
      picture[i] = displaced[i] + weight * (picture[i] - displaced[i]);
    }
  }
}

}  // namespace reverie
