#include "reverie/octave/tiles.h"

#include <fmt/format.h>

#include <algorithm>

#include "reverie/base/error.h"
#include "reverie/base/threads.h"

namespace reverie {
namespace {

// A feature of the usual dreaming layers sees about this far: within it a tile's slope is not the
// whole's.
constexpr std::int64_t halo_px = 64;

// One weight per pixel of each tile: straight ramps across the overlaps, which add up to one.
std::vector<std::vector<float>> fades(const std::vector<std::int64_t>& starts, std::int64_t tile) {
  std::vector<std::vector<float>> weights(starts.size(),
                                          std::vector<float>(static_cast<std::size_t>(tile), 1.f));
  for (std::size_t i = 0; i + 1 < starts.size(); ++i) {
    const std::int64_t overlap = starts[i] + tile - starts[i + 1];
    for (std::int64_t p = 0; p < overlap; ++p) {
      const float rise = (static_cast<float>(p) + 0.5f) / static_cast<float>(overlap);
      weights[i + 1][static_cast<std::size_t>(p)] *= rise;
      weights[i][static_cast<std::size_t>(tile - overlap + p)] *= 1 - rise;
    }
  }
  return weights;
}

void copy_tile(ConstView canvas, std::int64_t top, std::int64_t left, View tile) {
  const std::int64_t height = tile.shape().height(), width = tile.shape().width();
  for (std::int64_t line = 0; line < 3 * height; ++line)
    std::copy_n(&canvas.at(line / height, top + line % height, left), width,
                tile.data() + line * width);
}

}  // namespace

std::vector<std::int64_t> tile_starts(std::int64_t length, std::int64_t tile,
                                      std::int64_t overlap) {
  const std::int64_t gaps = (length - tile + (tile - overlap) - 1) / (tile - overlap);
  std::vector<std::int64_t> starts{0};
  for (std::int64_t i = 1; i <= gaps; ++i) starts.push_back(i * (length - tile) / gaps);
  return starts;
}

TiledGradient::TiledGradient(std::unique_ptr<Gradient> gradient, Size canvas)
    : gradient_(std::move(gradient)) {
  const Shape& tile = gradient_->canvas_shape();
  if (tile.height() > canvas.height || tile.width() > canvas.width)
    throw BadShape(fmt::format("tiles of {}x{} do not fit in a canvas of {}x{}", tile.width(),
                               tile.height(), canvas.width, canvas.height));
  // A ramp of at most half a tile, so that no more than two tiles meet on an axis
  rows_ = tile_starts(canvas.height, tile.height(), std::min(2 * halo_px, tile.height() / 2));
  columns_ = tile_starts(canvas.width, tile.width(), std::min(2 * halo_px, tile.width() / 2));
  fade_y_ = fades(rows_, tile.height());
  fade_x_ = fades(columns_, tile.width());
  tile_ = Tensor(tile);
  tile_slope_ = Tensor(tile);
}

double TiledGradient::run(ConstView canvas, View slope) {
  if (tiles() == 1) return gradient_->run(canvas, slope);
  std::fill(slope.elements().begin(), slope.elements().end(), 0.f);
  const std::int64_t height = tile_.shape().height(), width = tile_.shape().width();
  double value = 0;
  for (std::size_t row = 0; row < rows_.size(); ++row)
    for (std::size_t column = 0; column < columns_.size(); ++column) {
      copy_tile(canvas, rows_[row], columns_[column], tile_);
      value += gradient_->run(tile_, tile_slope_);

      // Add the tile's slope, faded
      parallel_for(3 * height, 16, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t line = begin; line < end; ++line) {
          const std::int64_t y = line % height;
          const float fade = fade_y_[row][static_cast<std::size_t>(y)];
          const float* from = tile_slope_.data() + line * width;
          float* to = &slope.at(line / height, rows_[row] + y, columns_[column]);
          for (std::int64_t x = 0; x < width; ++x)
            to[x] += fade * fade_x_[column][static_cast<std::size_t>(x)] * from[x];
        }
      });
    }
  return value;
}

}  // namespace reverie
