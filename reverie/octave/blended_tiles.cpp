#include "reverie/octave/blended_tiles.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reverie/base/error.h"
#include "reverie/base/threads.h"

namespace reverie {
namespace {

// A feature of the usual dreaming layers sees about this far: within it a tile's gradient is not
// the whole's.
constexpr std::int64_t halo_px = 64;

// The product of the strides that the usual networks have: tiles that begin at multiples of it see
// the picture on the same grid as the whole would.
constexpr std::int64_t grid_px = 32;

// One weight per pixel of each tile of an axis: ramps at the inner ends, scaled so that the weights
// of all tiles over a pixel add up to one.
std::vector<std::vector<float>> blend_weights(const std::vector<std::int64_t>& starts,
                                              std::int64_t tile) {
  const std::int64_t length = starts.back() + tile;
  std::vector<std::vector<double>> ramps;
  std::vector<double> total(static_cast<std::size_t>(length));
  for (std::int64_t start : starts) {
    std::vector<double>& ramp = ramps.emplace_back();
    for (std::int64_t p = 0; p < tile; ++p) {
      const std::int64_t from_start = start == 0 ? tile : p + 1;
      const std::int64_t from_end = start + tile == length ? tile : tile - p;
      ramp.push_back(static_cast<double>(std::min({from_start, from_end, 2 * halo_px})));
      total[static_cast<std::size_t>(start + p)] += ramp.back();
    }
  }
  std::vector<std::vector<float>> weights;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    std::vector<float>& weight = weights.emplace_back();
    for (std::int64_t p = 0; p < tile; ++p)
      weight.push_back(static_cast<float>(ramps[i][static_cast<std::size_t>(p)] /
                                          total[static_cast<std::size_t>(starts[i] + p)]));
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
  const std::int64_t step = tile - overlap;
  const std::int64_t grid = step >= 2 * grid_px ? grid_px : 1;
  // A start moves by less than one grid cell, so neighbours come apart by less than that
  const std::int64_t gaps = (length - tile + (step - grid)) / (step - grid + 1);
  std::vector<std::int64_t> starts{0};
  for (std::int64_t i = 1; i < gaps; ++i)
    starts.push_back(i * (length - tile) / gaps / grid * grid);
  if (gaps > 0) starts.push_back(length - tile);
  return starts;
}

std::int64_t tile_on_grid(std::int64_t length, std::int64_t wanted) {
  if (wanted >= length) return length;
  return std::min(wanted + (length - wanted) % grid_px, length);
}

TiledGradient::TiledGradient(std::unique_ptr<Gradient> gradient, Size canvas)
    : gradient_(std::move(gradient)) {
  const Shape& tile = gradient_->canvas_shape();
  if (tile.height() > canvas.height || tile.width() > canvas.width)
    throw BadShape(fmt::format("tiles of {}x{} do not fit in a canvas of {}x{}", tile.width(),
                               tile.height(), canvas.width, canvas.height));
  rows_ = tile_starts(canvas.height, tile.height(), std::min(2 * halo_px, tile.height() / 2));
  columns_ = tile_starts(canvas.width, tile.width(), std::min(2 * halo_px, tile.width() / 2));
  weight_y_ = blend_weights(rows_, tile.height());
  weight_x_ = blend_weights(columns_, tile.width());
  tile_ = Tensor(tile);
  tile_grad_ = Tensor(tile);
}

double TiledGradient::run(ConstView canvas, View grad, Offset rolled) {
  CropPlacement placement{
      canvas.shape().width(), canvas.shape().height(), rolled.x, rolled.y, 0, 0};
  if (tiles() == 1) return gradient_->run(canvas, grad, placement);
  std::fill(grad.elements().begin(), grad.elements().end(), 0.f);
  const std::int64_t height = tile_.shape().height(), width = tile_.shape().width();
  double value = 0;
  for (std::size_t row = 0; row < rows_.size(); ++row)
    for (std::size_t column = 0; column < columns_.size(); ++column) {
      copy_tile(canvas, rows_[row], columns_[column], tile_);
      placement.left = columns_[column];
      placement.top = rows_[row];
      value += gradient_->run(tile_, tile_grad_, placement);
      if (std::isnan(value)) return value;

      // Add the tile's gradient, faded
      parallel_for(3 * height, 16, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t line = begin; line < end; ++line) {
          const std::int64_t y = line % height;
          const float fade = weight_y_[row][static_cast<std::size_t>(y)];
          const float* from = tile_grad_.data() + line * width;
          float* to = &grad.at(line / height, rows_[row] + y, columns_[column]);
          for (std::int64_t x = 0; x < width; ++x)
            to[x] += fade * weight_x_[column][static_cast<std::size_t>(x)] * from[x];
        }
      });
    }
  return value;
}

}  // namespace reverie
