// builder_resampling.cpp: nodes that change height and width without weights. Source: the
// operators' pages of ONNX's documentation.
#include <fmt/format.h>

#include <algorithm>

#include "reverie/model/formats/onnx/onnx_builder.h"

namespace reverie::onnx {

// Cells before each axis, then those after each.
std::vector<std::int64_t> Builder::pads_of(const Node& node, std::size_t rank) {
  auto pads = integers_or_input(node, "pads", 1);
  if (pads.empty()) pads = integers(node, "paddings");
  if (has_input(node, 3)) {
    const auto axes = integers_or_input(node, "axes", 3);
    if (pads.size() != 2 * axes.size()) refuse("with pads that are not two for each axis");
    std::vector<std::int64_t> all(2 * rank, 0);
    for (std::size_t i = 0; i < axes.size(); ++i) {
      const std::size_t axis = axis_of(axes[i], rank);
      all[axis] = pads[i];
      all[rank + axis] = pads[axes.size() + i];
    }
    pads = all;
  }
  if (pads.size() != 2 * rank) refuse(fmt::format("of {} axes", pads.size() / 2));
  return pads;
}

Value Builder::pad(const Node& node) {
  Value data = input(node, 0);
  if (!data.is_layer() || data.axes.empty()) refuse("of something that is no picture");
  const std::string mode = text(node, "mode", "constant");
  float fill = number(node, "value", 0);
  if (has_input(node, 2)) {
    const Literal* literal = literal_input(node, 2);
    const auto given = literal != nullptr ? single(*literal) : std::nullopt;
    if (!given) refuse("with a computed value");
    fill = *given;
  }
  const std::size_t rank = data.axes.size();
  const auto pads = pads_of(node, rank);

  // Which axes it pads; none: nothing to do
  std::array<std::int64_t, 4> around{};
  for (std::size_t axis = 0; axis < rank; ++axis) {
    const std::int64_t before = pads[axis], after = pads[rank + axis];
    if (before == 0 && after == 0) continue;
    if (before < 0 || after < 0) refuse("that crops");
    const std::size_t side = data.axes[axis] == Axis{height_part} ? 0 : 1;
    const bool is_side = side == 0 || data.axes[axis] == Axis{width_part};
    if (!is_side && is_channel_axis(data, data.axes[axis]) && rank == 5 && fill == 0 &&
        data.zeros_before == 0 && data.zeros_after == 0) {
      data.zeros_before = before;  // for the pool that follows
      data.zeros_after = after;
      return data;
    }
    if (!is_side) refuse("of other axes than rows and columns");
    around[side] = before;
    around[side + 2] = after;
  }
  if (around == std::array<std::int64_t, 4>{}) return data;
  if (data.zeros_before != 0 || data.zeros_after != 0) refuse("of padded channels");
  Pad pad;
  if (mode == "reflect") {
    pad.mode = Pad::Mode::reflect;
  } else if (mode == "edge") {
    pad.mode = Pad::Mode::edge;
  } else if (mode != "constant" || fill != 0) {
    refuse(mode == "constant" ? fmt::format("with {}", fill) : mode);
  }
  pad.top = pixels("a pad", around[0], 0);
  pad.left = pixels("a pad", around[1], 0);
  pad.bottom = pixels("a pad", around[2], 0);
  pad.right = pixels("a pad", around[3], 0);
  Value value = add_like(node, pad, data);
  value.positive = data.positive;
  return value;
}

// A scale for each axis, given or from the sizes.
std::vector<double> Builder::scales_of(const Node& node, const Value& data, bool is_new) {
  const std::size_t rank = data.axes.size();
  std::vector<double> scales;
  const std::size_t scales_at = is_new ? 2 : 1;
  if (const Literal* given = literal_input(node, scales_at);
      given && array_of(*given)->size() > 0) {
    for (std::int64_t i = 0; i < array_of(*given)->size(); ++i)
      scales.push_back(array_of(*given)->at(i));
  } else if (is_new && has_input(node, 3)) {
    const auto sizes = integers_or_input(node, "sizes", 3);
    const auto axes = integers(node, "axes");
    const Axes now = extents(data);
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      const std::size_t axis = axes.empty() ? i : axis_of(axes[i], rank);
      if (axis >= rank || now[axis] < 1 || sizes[i] < 1) refuse("to computed sizes");
      scales.push_back(static_cast<double>(sizes[i]) / static_cast<double>(now[axis]));
    }
  } else if (const auto listed = attribute(node, "scales")) {
    scales.assign(listed->numbers.begin(), listed->numbers.end());
  } else if (attribute(node, "height_scale")) {
    scales = {1, 1, number(node, "height_scale", 1), number(node, "width_scale", 1)};
  } else {
    refuse("to computed sizes");
  }
  if (const auto axes = integers(node, "axes"); !axes.empty() && axes.size() == scales.size()) {
    std::vector<double> all(rank, 1);
    for (std::size_t i = 0; i < axes.size(); ++i) all[axis_of(axes[i], rank)] = scales[i];
    scales = all;
  }
  if (scales.size() != rank) refuse(fmt::format("with {} scales", scales.size()));
  return scales;
}

Value Builder::resize(const Node& node) {
  const Value data = layer_input(node, 0);
  const std::size_t rank = data.axes.size();
  const bool is_new = node.type == "Resize" && node.opset >= 11;

  const std::vector<double> scales = scales_of(node, data, is_new);
  Resize resize;
  for (std::size_t axis = 0; axis < rank; ++axis) {
    const bool is_rows = data.axes[axis] == Axis{height_part};
    const bool is_columns = data.axes[axis] == Axis{width_part};
    if (is_rows) resize.scale_h = static_cast<float>(scales[axis]);
    if (is_columns) resize.scale_w = static_cast<float>(scales[axis]);
    if (!is_rows && !is_columns && scales[axis] != 1)
      refuse(data.axes[axis].empty() ? "of one pixel" : "of channels");
  }
  for (const float scale : {resize.scale_h, resize.scale_w})
    if (!(scale > 1e-3f && scale < 1e3f)) refuse(fmt::format("by {}", scale));
  set_method(node, is_new, resize);
  Value value = add_like(node, resize, data);
  value.positive = data.positive;
  return value;
}

void Builder::set_method(const Node& node, bool is_new, Resize& resize) const {
  const std::string mode = text(node, "mode", "nearest");
  if (mode == "linear" || mode == "bilinear")
    resize.method = Resize::Method::linear;
  else if (mode != "nearest")
    refuse(mode);
  // Before operator set 11 cells were counted from the first's corner
  const std::string where =
      is_new ? text(node, "coordinate_transformation_mode", "half_pixel") : "asymmetric";
  if (where == "asymmetric")
    resize.coordinates = Resize::Coordinates::asymmetric;
  else if (where == "align_corners")
    resize.coordinates = Resize::Coordinates::align_corners;
  else if (where != "half_pixel" && where != "pytorch_half_pixel")
    refuse(where);
  if (resize.method != Resize::Method::linear && where == "pytorch_half_pixel") refuse(where);
  const std::string round = is_new ? text(node, "nearest_mode", "round_prefer_floor") : "floor";
  if (round == "floor")
    resize.rounding = Resize::Rounding::down;
  else if (round == "ceil")
    resize.rounding = Resize::Rounding::up;
  else if (round == "round_prefer_ceil")
    resize.rounding = Resize::Rounding::to_nearest_up;
  if (integer(node, "antialias", 0) != 0 && (resize.scale_h < 1 || resize.scale_w < 1))
    refuse("with antialias");
}

Value Builder::depth_to_space(const Node& node) {
  const Value data = picture_input(node, 0);
  DepthToSpace depth;
  depth.block = pixels("a block", integer(node, "blocksize", 0), 1);
  if (text(node, "mode", "DCR") == "CRD") depth.order = DepthToSpace::Order::color_first;
  const std::int64_t each = std::int64_t{depth.block} * depth.block;
  if (channels(data) < 1 || channels(data) % each != 0)
    refuse(fmt::format("of {} channels", channels(data)));
  Value value = add(node, depth, {data}, channels(data) / each);
  set_picture_axes(value, channels(data) / each, false);
  value.positive = data.positive;
  return value;
}

// A convolution that takes one cell each: channel = (row * block + column) * C + c.
Value Builder::space_to_depth(const Node& node) {
  const Value data = picture_input(node, 0);
  const int block = pixels("a block", integer(node, "blocksize", 0), 1);
  const std::int64_t count = channels(data), each = std::int64_t{block} * block;
  if (count < 1 || count * each > 4096) refuse(fmt::format("of {} channels", count));
  room_ -= count * each * count * each;
  if (room_ < 0) refuse("of too many channels");
  Tensor one({count * each, count, block, block});
  std::fill_n(one.data(), one.size(), 0.f);
  for (std::int64_t cell = 0; cell < each; ++cell)
    for (std::int64_t c = 0; c < count; ++c)
      one[((cell * count + c) * count + c) * each + cell] = 1;
  Convolution conv;
  conv.weights = std::make_shared<const Tensor>(std::move(one));
  conv.window.kernel_h = conv.window.kernel_w = conv.window.stride_h = conv.window.stride_w = block;
  Value value = add(node, std::move(conv), {data}, count * each);
  set_picture_axes(value, count * each, false);
  value.positive = data.positive;
  return value;
}

}  // namespace reverie::onnx
