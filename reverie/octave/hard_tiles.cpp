#include "reverie/octave/hard_tiles.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "reverie/ascent/normalize.h"
#include "reverie/octave/octave_gradient.h"

namespace reverie {
namespace {

// The pieces [begin, end) of one axis.
struct Piece {
  std::int64_t begin, end;
};

// Pieces that start at multiples of `tile`, for a program's own choice of the last start.
std::vector<Piece> fixed_pieces(Tiling tiling, std::int64_t length, std::int64_t tile) {
  std::int64_t end = tile;  // starts lie below it
  if (tiling == Tiling::strips) end = std::max(length - tile / 2, tile);
  if (tiling == Tiling::skip_last) end = std::max((length + tile - 1) / tile * tile - tile, tile);
  std::vector<Piece> pieces;
  for (std::int64_t at = 0; at < end; at += tile)
    pieces.push_back({at, std::min(at + tile, length)});
  return pieces;
}

// The length of the pieces that cover an axis, each of about `tile`. Rounds halves to even.
std::int64_t even_length(std::int64_t length, std::int64_t tile) {
  const double count = std::nearbyint(static_cast<double>(length) / static_cast<double>(tile));
  return static_cast<std::int64_t>(std::ceil(static_cast<double>(length) / std::max(count, 1.0)));
}

std::vector<Piece> drawn_pieces(std::int64_t length, std::int64_t piece, const Draw& draw) {
  const int quarter = static_cast<int>(piece / 4);
  std::vector<Piece> pieces;
  for (std::int64_t at = draw(-3 * quarter, -quarter); at < length; at += piece)
    if (at + piece > 0)
      pieces.push_back({std::max<std::int64_t>(at, 0), std::min(at + piece, length)});
  return pieces;
}

void copy_out(ConstView from, const Tile& tile, float factor, View grad) {
  for (std::int64_t line = 0; line < 3 * tile.height; ++line) {
    const float* values = from.data() + line * tile.width;
    float* to = &grad.at(line / tile.height, tile.top + line % tile.height, tile.left);
    for (std::int64_t x = 0; x < tile.width; ++x) to[x] = factor * values[x];
  }
}

}  // namespace

std::vector<Tile> hard_tiles(Tiling tiling, Size canvas, int tile_px, const Draw& draw) {
  assert(tiling != Tiling::blended && tile_px > 0);
  std::vector<Tile> tiles;
  const auto add_row = [&](Piece y, const std::vector<Piece>& columns) {
    for (const Piece& x : columns)
      tiles.push_back({y.begin, x.begin, y.end - y.begin, x.end - x.begin});
  };
  if (tiling != Tiling::random) {
    const auto columns = fixed_pieces(tiling, canvas.width, tile_px);
    for (const Piece& y : fixed_pieces(tiling, canvas.height, tile_px)) add_row(y, columns);
    return tiles;
  }
  const std::int64_t height = even_length(canvas.height, tile_px);
  const std::int64_t width = even_length(canvas.width, tile_px);
  for (const Piece& y : drawn_pieces(canvas.height, height, draw))
    add_row(y, drawn_pieces(canvas.width, width, draw));
  return tiles;
}

HardTiledGradient::HardTiledGradient(Compiler& compiler,
                                     std::shared_ptr<const BoundObjective> objective, Tiling tiling,
                                     int tile_px, double epsilon)
    : compiler_(compiler),
      objective_(std::move(objective)),
      tiling_(tiling),
      tile_px_(tile_px),
      epsilon_(epsilon) {}

Gradient& HardTiledGradient::gradient_for(Size tile) {
  constexpr std::size_t most = 4;  // plans kept: those of one step's tiles
  const auto known = std::find_if(compiled_.begin(), compiled_.end(),
                                  [&](const auto& entry) { return entry.first == tile; });
  if (known != compiled_.end()) {
    std::rotate(known, known + 1, compiled_.end());
    return *compiled_.back().second;
  }
  if (compiled_.size() == most) compiled_.erase(compiled_.begin());
  compiled_.emplace_back(
      tile, std::make_unique<Gradient>(compiler_.compile(tile.height, tile.width), objective_));
  return *compiled_.back().second;
}

double HardTiledGradient::run(ConstView canvas, View grad, const Draw& draw) {
  std::fill(grad.elements().begin(), grad.elements().end(), 0.f);
  double value = 0;
  const Size size{canvas.shape().height(), canvas.shape().width()};
  for (const Tile& tile : hard_tiles(tiling_, size, tile_px_, draw)) {
    if (!fits(compiler_.graph(), {tile.height, tile.width})) continue;
    Tensor part = Tensor::uninitialized({3, tile.height, tile.width});
    Tensor part_grad = Tensor::uninitialized(part.shape());
    copy_tile(canvas, tile, part);
    Gradient& gradient = gradient_for({tile.height, tile.width});
    gradient.set_cancel(cancel_);
    value += gradient.run(part, part_grad);
    if (std::isnan(value)) return value;

    double divisor = 1;
    if (tiling_ == Tiling::random) divisor = normalize(part_grad, Normalization::std, epsilon_);
    if (divisor > 0) copy_out(part_grad, tile, static_cast<float>(1 / divisor), grad);
  }
  return value;
}

}  // namespace reverie
