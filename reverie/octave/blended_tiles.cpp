#include "reverie/octave/blended_tiles.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reverie/base/error.h"
#include "reverie/base/threads.h"
#include "reverie/graph/shapes.h"
#include "reverie/octave/tile.h"

namespace reverie {
namespace {

std::int64_t ceil_div(std::int64_t a, std::int64_t b) {
  return a >= 0 ? (a + b - 1) / b : -(-a / b);
}

// One weight per pixel of each tile of an axis: ramps at the inner ends, scaled so that the weights
// of all tiles over a pixel add up to one.
std::vector<std::vector<float>> blend_weights(const std::vector<std::int64_t>& starts,
                                              std::int64_t tile, const Blend& blend) {
  const std::int64_t length = starts.back() + tile;
  std::vector<std::vector<double>> ramps;
  std::vector<double> total(static_cast<std::size_t>(length));
  for (std::int64_t start : starts) {
    std::vector<double>& ramp = ramps.emplace_back();
    for (std::int64_t p = 0; p < tile; ++p) {
      const std::int64_t from_start = start == 0 ? blend.ramp : p + 1 - blend.halo;
      const std::int64_t from_end = start + tile == length ? blend.ramp : tile - p - blend.halo;
      const std::int64_t height = std::min({from_start, from_end, blend.ramp});
      ramp.push_back(static_cast<double>(std::max<std::int64_t>(height, 0)));
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

// A range of a layer's positions along an axis, without the last.
struct Range {
  std::int64_t begin = 0, end = 0;
};

// The positions of the whole canvas whose receptive field has its middle from pixel `begin` to
// before pixel `end`.
Range positions_within(std::int64_t begin, std::int64_t end, const FieldAxis& field,
                       std::int64_t positions) {
  const auto first_from = [&](std::int64_t pixel) {
    const std::int64_t middle = field.after - field.before;  // of position 0, in half px
    return std::clamp<std::int64_t>(ceil_div(2 * pixel - middle, 2 * field.stride), 0, positions);
  };
  return {first_from(begin), first_from(end)};
}

// The positions that each tile of an axis counts: as those of the whole canvas.
std::vector<Range> counted_ranges(const std::vector<std::int64_t>& starts, std::int64_t tile,
                                  std::int64_t margin, const FieldAxis& field,
                                  std::int64_t positions) {
  const std::int64_t length = starts.back() + tile, far = length + field.size();
  std::vector<std::int64_t> edges{margin > 0 ? margin : -far};
  for (std::size_t i = 1; i < starts.size(); ++i)
    edges.push_back((starts[i] + starts[i - 1] + tile) / 2);
  edges.push_back(margin > 0 ? length - margin : 2 * far);
  std::vector<Range> ranges;
  for (std::size_t i = 0; i < starts.size(); ++i)
    ranges.push_back(
        positions_within(edges[i], std::max(edges[i], edges[i + 1]), field, positions));
  return ranges;
}

}  // namespace

CanvasGeometry canvas_geometry(const Graph& graph, const std::vector<int>& targets, Size canvas,
                               Size margin) {
  CanvasGeometry geometry;
  geometry.footprint = footprint(graph, targets, canvas.height, canvas.width);
  const std::vector<ReceptiveField> fields = receptive_fields(graph, canvas.height, canvas.width);
  const std::vector<Shape> shapes = infer_shapes(graph, canvas.height, canvas.width);
  for (int target : targets) {
    geometry.fields.push_back(fields[static_cast<std::size_t>(target)]);
    geometry.shapes.push_back(shapes[static_cast<std::size_t>(target)]);
  }
  geometry.margin_y = margin.height;
  geometry.margin_x = margin.width;
  return geometry;
}

Blend blend_of(const FootprintAxis& axis, bool is_bounded, std::int64_t tile) {
  const std::int64_t room = tile / 2;
  const Blend exact{axis.halo, axis.alignment, true};
  if (is_bounded && exact.overlap() <= room) return exact;
  // Gradients are the better, the further from the edge: a short ramp where they are equally bad
  const std::int64_t ramp = std::max<std::int64_t>(room / 4, 1);
  return {(room - ramp) / 2, ramp, false};
}

std::vector<std::int64_t> tile_starts(std::int64_t length, std::int64_t tile, std::int64_t overlap,
                                      std::int64_t alignment) {
  // In units of the alignment
  const std::int64_t way = ceil_div(length - tile, alignment);
  const std::int64_t max_step = std::max<std::int64_t>((tile - overlap) / alignment, 1);
  const std::int64_t gaps = ceil_div(way, max_step);
  std::vector<std::int64_t> starts{0};
  for (std::int64_t i = 1; i < gaps; ++i) starts.push_back(i * way / gaps * alignment);
  if (gaps > 0) starts.push_back(length - tile);
  return starts;
}

std::int64_t aligned_tile(std::int64_t length, std::int64_t wanted, std::int64_t alignment) {
  if (wanted >= length) return length;
  return std::min(wanted + (length - wanted) % alignment, length);
}

TiledGradient::TiledGradient(std::unique_ptr<Gradient> gradient, Size canvas,
                             CanvasGeometry geometry)
    : gradient_(std::move(gradient)), canvas_(canvas), geometry_(std::move(geometry)) {
  const Shape& tile = gradient_->canvas_shape();
  if (tile.height() > canvas.height || tile.width() > canvas.width)
    throw BadShape(fmt::format("tiles of {}x{} are larger than the canvas of {}x{}", tile.width(),
                               tile.height(), canvas.width, canvas.height));
  const Footprint& needs = geometry_.footprint;
  blend_y_ = blend_of(needs.y, needs.is_bounded, tile.height());
  blend_x_ = blend_of(needs.x, needs.is_bounded, tile.width());
  rows_ = tile_starts(canvas.height, tile.height(), blend_y_.overlap(), needs.y.alignment);
  columns_ = tile_starts(canvas.width, tile.width(), blend_x_.overlap(), needs.x.alignment);
  weight_y_ = blend_weights(rows_, tile.height(), blend_y_);
  weight_x_ = blend_weights(columns_, tile.width(), blend_x_);
  tile_ = Tensor(tile);
  tile_grad_ = Tensor(tile);
  if (tiles() > 1 || geometry_.margin_y > 0 || geometry_.margin_x > 0) count_positions();
}

bool TiledGradient::is_exact() const {
  return (rows_.size() == 1 || blend_y_.is_exact) && (columns_.size() == 1 || blend_x_.is_exact);
}

void TiledGradient::count_positions() {
  counted_.resize(static_cast<std::size_t>(tiles()));
  for (std::size_t target = 0; target < geometry_.fields.size(); ++target) {
    const ReceptiveField& field = geometry_.fields[target];
    const Shape& whole = geometry_.shapes[target];
    const Shape& part = gradient_->plan().target_shape(static_cast<int>(target));
    if (!field.is_bounded) {  // each tile has positions of its own
      for (auto& of_tile : counted_)
        of_tile.push_back(
            {0, part.height(), 0, part.width(), part.height() * part.width() * tiles()});
      continue;
    }
    const std::vector<Range> y =
        counted_ranges(rows_, tile_.shape().height(), geometry_.margin_y, field.y, whole.height());
    const std::vector<Range> x =
        counted_ranges(columns_, tile_.shape().width(), geometry_.margin_x, field.x, whole.width());
    const std::int64_t total = (y.back().end - y[0].begin) * (x.back().end - x[0].begin);
    for (std::size_t row = 0; row < rows_.size(); ++row)
      for (std::size_t column = 0; column < columns_.size(); ++column) {
        const std::int64_t top = rows_[row] / field.y.stride,
                           left = columns_[column] / field.x.stride;
        counted_[row * columns_.size() + column].push_back({y[row].begin - top, y[row].end - top,
                                                            x[column].begin - left,
                                                            x[column].end - left, total});
      }
  }
}

// Adds a tile's gradient, weighted.
void TiledGradient::add_tile(std::size_t row, std::size_t column, View grad) const {
  const std::int64_t height = tile_.shape().height(), width = tile_.shape().width();
  parallel_for(3 * height, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t line = begin; line < end; ++line) {
      const std::int64_t y = line % height;
      const float weight = weight_y_[row][static_cast<std::size_t>(y)];
      const float* from = tile_grad_.data() + line * width;
      float* to = &grad.at(line / height, rows_[row] + y, columns_[column]);
      for (std::int64_t x = 0; x < width; ++x)
        to[x] += weight * weight_x_[column][static_cast<std::size_t>(x)] * from[x];
    }
  });
}

double TiledGradient::run(ConstView canvas, View grad, Offset rolled) {
  CropPlacement placement{
      canvas.shape().width(), canvas.shape().height(), rolled.x, rolled.y, 0, 0, {}};
  if (!counted_.empty()) placement.counted = counted_[0];
  if (tiles() == 1) return gradient_->run(canvas, grad, placement);
  std::fill(grad.elements().begin(), grad.elements().end(), 0.f);
  double value = 0;
  for (std::size_t row = 0; row < rows_.size(); ++row)
    for (std::size_t column = 0; column < columns_.size(); ++column) {
      copy_tile(canvas,
                {rows_[row], columns_[column], tile_.shape().height(), tile_.shape().width()},
                tile_);
      placement.left = columns_[column];
      placement.top = rows_[row];
      placement.counted = counted_[row * columns_.size() + column];
      value += gradient_->run(tile_, tile_grad_, placement);
      if (std::isnan(value)) return value;
      add_tile(row, column, grad);
    }
  return value;
}

}  // namespace reverie
