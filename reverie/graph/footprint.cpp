#include "reverie/graph/footprint.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "reverie/graph/axis_map.h"
#include "reverie/graph/shapes.h"

namespace reverie {
namespace {

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a >= 0 ? a / b : -((-a + b - 1) / b);
}

const Window* window_of(const Layer& layer) {
  if (const auto* convolution = std::get_if<Convolution>(&layer.op)) return &convolution->window;
  if (const auto* pool = std::get_if<Pool>(&layer.op))
    return pool->global ? nullptr : &pool->window;
  return nullptr;
}

bool rounds_up(const Layer& layer) {
  const auto* pool = std::get_if<Pool>(&layer.op);
  return pool && pool->rounding == Pool::Rounding::up;
}

bool sees_everything(const Layer& layer) {
  const auto* pool = std::get_if<Pool>(&layer.op);
  const auto* normalize = std::get_if<Normalize>(&layer.op);
  return (pool && pool->global) || std::holds_alternative<InnerProduct>(layer.op) ||
         (normalize && normalize->over == Normalize::Over::plane);
}

struct Strides {
  std::int64_t y = 1, x = 1;
};

// How many positions a layer has for each of its input's, where that is not by a window.
struct Scale {
  double y = 1, x = 1;
};
std::optional<Scale> scale_of(const Layer& layer) {
  if (const auto* conv = std::get_if<TransposedConvolution>(&layer.op))
    return Scale{double(conv->window.stride_h), double(conv->window.stride_w)};
  if (const auto* depth = std::get_if<DepthToSpace>(&layer.op))
    return Scale{double(depth->block), double(depth->block)};
  if (const auto* resize = std::get_if<Resize>(&layer.op))
    return Scale{double{resize->scale_h}, double{resize->scale_w}};
  return std::nullopt;
}

// The stride after scaling, in whole pixels; or 0, where it is none.
std::int64_t scaled_stride(std::int64_t stride, double scale) {
  const double exact = static_cast<double>(stride) / scale;
  const double whole = std::round(exact);
  return whole == exact && whole >= 1 ? static_cast<std::int64_t>(whole) : 0;
}

// The stride of each layer's positions on the canvas; the largest where branches disagree.
std::vector<Strides> strides_of(const Graph& graph) {
  std::vector<Strides> strides;
  for (const Layer& layer : graph.layers) {
    Strides here;
    for (int input : layer.inputs) {
      here.y = std::max(here.y, strides[static_cast<std::size_t>(input)].y);
      here.x = std::max(here.x, strides[static_cast<std::size_t>(input)].x);
    }
    if (const Window* window = window_of(layer)) {
      here.y *= window->stride_h;
      here.x *= window->stride_w;
    }
    if (const auto scale = scale_of(layer)) {
      here.y = std::max<std::int64_t>(scaled_stride(here.y, scale->y), 1);
      here.x = std::max<std::int64_t>(scaled_stride(here.x, scale->x), 1);
    }
    strides.push_back(here);
  }
  return strides;
}

// A length that is `length` modulo `alignment` and long enough for every layer to have positions
// that depend on no edge.
std::int64_t roomy_length(std::int64_t length, std::int64_t alignment) {
  constexpr std::int64_t room_px = 1 << 14;
  return length % alignment + (room_px / alignment + 64) * alignment;
}

// A layer's receptive field, and how many positions it has on a roomy canvas.
struct Reached {
  ReceptiveField field;
  std::int64_t height = 0, width = 0;
};

void widen(FieldAxis& axis, const FieldAxis& other) {
  axis.before = std::max(axis.before, other.before);
  axis.after = std::max(axis.after, other.after);
}

// What a layer reads: the hull of what its inputs depend on.
Reached merged_inputs(const Layer& layer, const std::vector<Reached>& reached) {
  Reached merged = reached[static_cast<std::size_t>(layer.inputs[0])];
  for (int input : layer.inputs) {
    const ReceptiveField& field = reached[static_cast<std::size_t>(input)].field;
    const bool is_same_grid =
        field.y.stride == merged.field.y.stride && field.x.stride == merged.field.x.stride;
    merged.field.is_bounded = merged.field.is_bounded && field.is_bounded && is_same_grid;
    widen(merged.field.y, field.y);
    widen(merged.field.x, field.x);
  }
  return merged;
}

FieldAxis through(FieldAxis axis, int kernel, int stride, int dilation, int padding) {
  axis.before += padding * axis.stride;
  axis.after += (std::int64_t{kernel - 1} * dilation - padding) * axis.stride;
  axis.stride *= stride;
  return axis;
}

void pass_window(const Window& window, bool round_up, Reached& reached) {
  const Padding pad = resolve_padding(window, reached.height, reached.width);
  reached.field.y =
      through(reached.field.y, window.kernel_h, window.stride_h, window.dilation_h, pad.top);
  reached.field.x =
      through(reached.field.x, window.kernel_w, window.stride_w, window.dilation_w, pad.left);
  reached.height = window_positions(reached.height, pad.top, pad.bottom, window.kernel_h,
                                    window.stride_h, window.dilation_h, round_up);
  reached.width = window_positions(reached.width, pad.left, pad.right, window.kernel_w,
                                   window.stride_w, window.dilation_w, round_up);
}

// ---- Layers whose positions are not those of a window

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return -floor_div(-a, b); }

// The cells of the input that one output is made of; none where last < first.
struct CellRange {
  std::int64_t first, last;
};

// Of outputs from..to - 1 of a layer that has `stride`.
template <class Cells>
FieldAxis through_cells(const FieldAxis& axis, std::int64_t stride, std::int64_t from,
                        std::int64_t to, const Cells& cells_of) {
  FieldAxis result{stride, -(std::int64_t{1} << 40), -(std::int64_t{1} << 40)};
  for (std::int64_t q = from; q < to; ++q) {
    const CellRange cells = cells_of(q);
    if (cells.last < cells.first) continue;
    result.before = std::max(result.before, axis.before + q * stride - cells.first * axis.stride);
    result.after = std::max(result.after, axis.after + cells.last * axis.stride - q * stride);
  }
  return result;
}

// One axis of a transposed convolution; padding is cut off.
struct TransposedAxis {
  int kernel, stride, dilation, before, after;
};

FieldAxis through_transposed(const FieldAxis& axis, const TransposedAxis& t, bool with_edges) {
  const std::int64_t reach = std::int64_t{t.dilation} * (t.kernel - 1);
  FieldAxis result = through_cells(axis, axis.stride / t.stride, 0, t.stride, [&](std::int64_t q) {
    return CellRange{ceil_div(q + t.before - reach, t.stride), floor_div(q + t.before, t.stride)};
  });
  if (!with_edges) return result;
  // What is cut off at an edge of a tile may be made of cells inside it
  const auto missing = [&](int cut) {
    return std::max<std::int64_t>(ceil_div(cut - (reach + 1 - t.stride), t.stride), 0);
  };
  result.before += missing(t.before) * axis.stride;
  result.after += missing(t.after) * axis.stride;
  return result;
}

FieldAxis through_blocks(const FieldAxis& axis, int block) {
  return through_cells(axis, axis.stride / block, 0, block, [&](std::int64_t q) {
    return CellRange{q / block, q / block};
  });
}

// map: of so many cells that outputs in the middle depend on no edge.
FieldAxis through_map(const FieldAxis& axis, std::int64_t stride, const AxisMap& map,
                      bool with_edges) {
  const int count = map.outputs();
  FieldAxis result =
      through_cells(axis, stride, count / 4, count / 4 + std::max(count / 2, 1), [&](auto q) {
        const auto o = static_cast<std::size_t>(q);
        const auto first = static_cast<std::size_t>(map.begin[o]);
        const auto last = static_cast<std::size_t>(map.begin[o + 1]) - 1;
        return CellRange{map.cells[first], map.cells[last]};
      });
  // Cells past an edge are the outermost one, and a last output may be missing
  if (!with_edges) return result;
  result.before += axis.stride + stride;
  result.after += axis.stride + stride;
  return result;
}

// Cells beyond an edge of a tile are made of cells inside it, which a zero is not; and what is cut
// off there is missing.
FieldAxis through_pad(const FieldAxis& axis, Pad::Mode mode, int before, int after,
                      bool with_edges) {
  FieldAxis result = through(axis, 1, 1, 1, before);
  if (!with_edges) return result;
  const int folds = mode == Pad::Mode::reflect ? 2 : mode == Pad::Mode::edge ? 1 : 0;
  result.before += (std::max(folds * after, 0) + std::max(-before, 0)) * axis.stride;
  result.after += (std::max(folds * before, 0) + std::max(-after, 0)) * axis.stride;
  return result;
}

void pass(const Pad& pad, bool with_edges, Reached& reached) {
  reached.field.y = through_pad(reached.field.y, pad.mode, pad.top, pad.bottom, with_edges);
  reached.field.x = through_pad(reached.field.x, pad.mode, pad.left, pad.right, with_edges);
  reached.height += pad.top + pad.bottom;
  reached.width += pad.left + pad.right;
}

void pass(const TransposedConvolution& conv, bool with_edges, Reached& reached) {
  const Window& w = conv.window;
  reached.height = (reached.height - 1) * w.stride_h + w.dilation_h * (w.kernel_h - 1) + 1 -
                   w.padding.top - w.padding.bottom + conv.output_padding_h;
  reached.width = (reached.width - 1) * w.stride_w + w.dilation_w * (w.kernel_w - 1) + 1 -
                  w.padding.left - w.padding.right + conv.output_padding_w;
  const Padding& cut = w.padding;
  const TransposedAxis down{w.kernel_h, w.stride_h, w.dilation_h, cut.top,
                            cut.bottom - conv.output_padding_h};
  const TransposedAxis across{w.kernel_w, w.stride_w, w.dilation_w, cut.left,
                              cut.right - conv.output_padding_w};
  reached.field.y = through_transposed(reached.field.y, down, with_edges);
  reached.field.x = through_transposed(reached.field.x, across, with_edges);
}

void pass(const DepthToSpace& depth, Reached& reached) {
  reached.height *= depth.block;
  reached.width *= depth.block;
  reached.field.y = through_blocks(reached.field.y, depth.block);
  reached.field.x = through_blocks(reached.field.x, depth.block);
}

void pass(const Resize& resize, bool with_edges, Reached& reached) {
  if (resize.coordinates == Resize::Coordinates::align_corners) {
    reached.field.is_bounded = false;  // positions depend on the size of the whole
    return;
  }
  const auto outputs = [](std::int64_t cells, float scale) {
    return std::max<std::int64_t>(
        static_cast<std::int64_t>(static_cast<double>(cells) * double{scale}), 1);
  };
  reached.height = outputs(reached.height, resize.scale_h);
  reached.width = outputs(reached.width, resize.scale_w);
  constexpr std::int64_t cells = 256;
  const PlaneMap map =
      plane_map(resize, {1, cells, cells},
                {1, outputs(cells, resize.scale_h), outputs(cells, resize.scale_w)});
  FieldAxis &y = reached.field.y, &x = reached.field.x;
  y = through_map(y, scaled_stride(y.stride, double{resize.scale_h}), map.rows, with_edges);
  x = through_map(x, scaled_stride(x.stride, double{resize.scale_w}), map.columns, with_edges);
}

void pass_layer(const Layer& layer, bool with_edges, Reached& reached) {
  const ReceptiveField& field = reached.field;
  if (const auto scale = scale_of(layer)) {
    reached.field.is_bounded =
        scaled_stride(field.y.stride, scale->y) > 0 && scaled_stride(field.x.stride, scale->x) > 0;
    if (!reached.field.is_bounded) return;
  }
  if (const Window* window = window_of(layer)) pass_window(*window, rounds_up(layer), reached);
  if (const auto* pad = std::get_if<Pad>(&layer.op)) pass(*pad, with_edges, reached);
  if (const auto* resize = std::get_if<Resize>(&layer.op)) pass(*resize, with_edges, reached);
  if (const auto* depth = std::get_if<DepthToSpace>(&layer.op)) pass(*depth, reached);
  if (const auto* conv = std::get_if<TransposedConvolution>(&layer.op))
    pass(*conv, with_edges, reached);
}

// Those layers and all below them.
std::vector<bool> needed_for(const Graph& graph, const std::vector<int>& layers) {
  std::vector<bool> needed(graph.layers.size());
  for (int layer : layers) needed[static_cast<std::size_t>(layer)] = true;
  for (std::size_t i = graph.layers.size(); i-- > 0;)
    if (needed[i])
      for (int input : graph.layers[i].inputs) needed[static_cast<std::size_t>(input)] = true;
  return needed;
}

void include(FootprintAxis& axis, const FieldAxis& field) {
  axis.halo_before = std::max(axis.halo_before, field.halo_before());
  axis.halo_after = std::max(axis.halo_after, field.halo_after());
  axis.halo = std::max(axis.halo, field.size() - 1);
}

}  // namespace

// A pixel counts in every position that depends on it, and each of those depends on all of its own
// pixels. The core begins at pixel 0; the first position that depends on it is
// ceil(-after / stride).
std::int64_t FieldAxis::halo_before() const {
  return std::max<std::int64_t>(before + floor_div(after, stride) * stride, 0);
}

// The core ends before pixel 0; the last position that depends on pixel -1 is
// floor((before - 1) / stride).
std::int64_t FieldAxis::halo_after() const {
  return std::max<std::int64_t>(floor_div(before - 1, stride) * stride + after + 1, 0);
}

static std::vector<ReceptiveField> fields_of(const Graph& graph, std::int64_t height,
                                             std::int64_t width, bool with_edges) {
  Strides alignment;
  for (const Strides& strides : strides_of(graph)) {
    alignment.y = std::lcm(alignment.y, strides.y);
    alignment.x = std::lcm(alignment.x, strides.x);
  }
  std::vector<Reached> reached;
  std::vector<ReceptiveField> fields;
  for (const Layer& layer : graph.layers) {
    Reached here;
    if (layer.inputs.empty()) {
      here.height = roomy_length(height, alignment.y);
      here.width = roomy_length(width, alignment.x);
    } else {
      here = merged_inputs(layer, reached);
    }
    if (sees_everything(layer)) here.field.is_bounded = false;
    if (here.field.is_bounded) pass_layer(layer, with_edges, here);
    fields.push_back(here.field);
    reached.push_back(here);
  }
  return fields;
}

std::vector<ReceptiveField> receptive_fields(const Graph& graph, std::int64_t height,
                                             std::int64_t width) {
  return fields_of(graph, height, width, false);
}

Footprint footprint(const Graph& graph, const std::vector<int>& layers, std::int64_t height,
                    std::int64_t width) {
  const std::vector<ReceptiveField> fields = receptive_fields(graph, height, width);
  const std::vector<ReceptiveField> with_edges = fields_of(graph, height, width, true);
  Footprint result;
  for (int layer : layers) {
    const auto l = static_cast<std::size_t>(layer);
    result.is_bounded = result.is_bounded && fields[l].is_bounded;
    include(result.y, with_edges[l].y);
    include(result.x, with_edges[l].x);
    result.y.receptive_field = std::max(result.y.receptive_field, fields[l].y.size());
    result.x.receptive_field = std::max(result.x.receptive_field, fields[l].x.size());
  }
  const std::vector<bool> needed = needed_for(graph, layers);
  for (std::size_t i = 0; i < fields.size(); ++i)
    if (needed[i]) {
      result.y.alignment = std::lcm(result.y.alignment, fields[i].y.stride);
      result.x.alignment = std::lcm(result.x.alignment, fields[i].x.stride);
    }
  return result;
}

}  // namespace reverie
