#include "reverie/graph/footprint.h"

#include <algorithm>
#include <numeric>

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
  axis.receptive_field = std::max(axis.receptive_field, field.size());
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

std::vector<ReceptiveField> receptive_fields(const Graph& graph, std::int64_t height,
                                             std::int64_t width) {
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
    if (const Window* window = window_of(layer); window && here.field.is_bounded)
      pass_window(*window, rounds_up(layer), here);
    fields.push_back(here.field);
    reached.push_back(here);
  }
  return fields;
}

Footprint footprint(const Graph& graph, const std::vector<int>& layers, std::int64_t height,
                    std::int64_t width) {
  const std::vector<ReceptiveField> fields = receptive_fields(graph, height, width);
  Footprint result;
  for (int layer : layers) {
    const ReceptiveField& field = fields[static_cast<std::size_t>(layer)];
    result.is_bounded = result.is_bounded && field.is_bounded;
    include(result.y, field.y);
    include(result.x, field.x);
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
