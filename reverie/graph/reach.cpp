#include "reverie/graph/reach.h"

#include <algorithm>
#include <set>

namespace reverie {
namespace {

// Where the positions of a layer's value lie on the canvas.
struct Grid {
  int stride_h = 1, stride_w = 1;
  int field_h = 1;
  bool has_places = true;
};

// The grid on which a layer reads: the coarsest of its inputs.
Grid read_grid(const Layer& layer, const std::vector<Grid>& grids) {
  Grid grid;
  for (int input : layer.inputs) {
    const Grid& one = grids[static_cast<std::size_t>(input)];
    grid.stride_h = std::max(grid.stride_h, one.stride_h);
    grid.stride_w = std::max(grid.stride_w, one.stride_w);
    grid.field_h = std::max(grid.field_h, one.field_h);
    grid.has_places = grid.has_places && one.has_places;
  }
  return grid;
}

Grid through(const Window& window, Grid grid) {
  grid.field_h += (window.kernel_h - 1) * window.dilation_h * grid.stride_h;
  grid.stride_h *= window.stride_h;
  grid.stride_w *= window.stride_w;
  return grid;
}

Grid written_grid(const Layer& layer, Grid grid) {
  if (const auto* convolution = std::get_if<Convolution>(&layer.op))
    return through(convolution->window, grid);
  if (const auto* pool = std::get_if<Pool>(&layer.op)) {
    if (!pool->global) return through(pool->window, grid);
    grid.has_places = false;
  }
  if (std::holds_alternative<InnerProduct>(layer.op)) grid.has_places = false;
  return grid;
}

// Forward and backward of this layer alone, per pixel of the canvas.
double flop_per_pixel(const Layer& layer, const Grid& grid) {
  const auto* convolution = std::get_if<Convolution>(&layer.op);
  if (convolution == nullptr || !grid.has_places) return 0;
  return 4.0 * static_cast<double>(convolution->weights->size()) / grid.stride_h / grid.stride_w;
}

}  // namespace

std::vector<Reach> reaches(const Graph& graph) {
  std::vector<Grid> grids;
  std::vector<double> own;            // flop of each layer alone
  std::vector<std::set<int>> needed;  // the layers below each, with itself
  std::vector<Reach> result;
  for (int i = 0; i < static_cast<int>(graph.layers.size()); ++i) {
    const Layer& layer = graph.layers[static_cast<std::size_t>(i)];
    const Grid grid = written_grid(layer, read_grid(layer, grids));
    grids.push_back(grid);
    own.push_back(flop_per_pixel(layer, grid));
    std::set<int> below{i};
    for (int input : layer.inputs) below.merge(std::set(needed[static_cast<std::size_t>(input)]));
    double flop = 0;
    for (int one : below) flop += own[static_cast<std::size_t>(one)];
    needed.push_back(std::move(below));
    result.push_back({grid.has_places ? grid.stride_h : 0, grid.has_places ? grid.field_h : 0,
                      flop * 1e6 * 1e-9});
  }
  return result;
}

}  // namespace reverie
