// builder_channels.cpp: nodes that take or join channels, rows or columns. Source: the operators'
// pages of ONNX's documentation.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "reverie/model/formats/onnx/onnx_builder.h"

namespace reverie::onnx {
namespace {

// The numbers from `first` on, `count` of them.
std::vector<std::int64_t> counted(std::int64_t first, std::int64_t count) {
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(std::max<std::int64_t>(count, 0)));
  std::iota(numbers.begin(), numbers.end(), first);
  return numbers;
}

}  // namespace

Value Builder::select(const Node& node, const Value& data, std::vector<int> which,
                      const std::string& part) {
  bool is_all = static_cast<std::int64_t>(which.size()) == channels(data);
  for (std::size_t i = 0; i < which.size() && is_all; ++i) is_all = which[i] == static_cast<int>(i);
  if (is_all) return data;
  room_ -= static_cast<std::int64_t>(which.size());
  if (which.empty() || room_ < 0) refuse(which.empty() ? "of no channel" : "of too many channels");
  const auto count = static_cast<std::int64_t>(which.size());
  Value value = add(node, SelectChannels{std::move(which)}, {data}, count, part);
  value.positive = data.positive;
  return value;
}

Value Builder::select_along(const Node& node, const Value& data, std::size_t axis,
                            const std::vector<std::int64_t>& entries, const std::string& part) {
  Value value = data;
  if (value.axes[axis].empty()) {
    // One entry, or that one several times
    if (entries.size() == 1) return value;
    if (!is_picture(value) || axis != 1 || entries.empty()) refuse("of other axes than channels");
    return repeated(node, value, static_cast<std::int64_t>(entries.size()));
  }
  for (const int part_of : value.axes[axis])
    if (part_of < 0) refuse("of rows or columns");
  if (channels(value) < 1) refuse("of a value whose channels are not known");

  // The channels of each entry: those of all combinations of the other factors
  const Axis chosen = value.axes[axis];
  const auto steps = factor_steps(value.factors);
  std::int64_t extent = 1;
  for (const int f : chosen) extent *= value.factors[static_cast<std::size_t>(f)];
  if (chosen.size() > 1) refuse("of channels in several parts");
  const auto factor = static_cast<std::size_t>(chosen[0]);
  const std::int64_t outer = channels(value) / (steps[factor] * extent), inner = steps[factor];
  const auto total = outer * static_cast<std::int64_t>(entries.size()) * inner;
  if (total > 1 << 18) refuse("of too many channels");
  std::vector<int> which;
  for (std::int64_t o = 0; o < outer; ++o)
    for (std::int64_t entry : entries) {
      if (entry < 0) entry += extent;
      if (entry < 0 || entry >= extent) refuse(fmt::format("of entry {} of {}", entry, extent));
      for (std::int64_t i = 0; i < inner; ++i)
        which.push_back(static_cast<int>((o * extent + entry) * inner + i));
    }
  const Value selected = select(node, value, std::move(which), part);
  value.index = selected.index;
  value.factors[factor] = static_cast<std::int64_t>(entries.size());
  if (entries.size() == 1) {
    // A factor of one entry is none
    value.factors.erase(value.factors.begin() + static_cast<std::ptrdiff_t>(factor));
    for (Axis& each : value.axes) {
      std::erase(each, static_cast<int>(factor));
      for (int& other : each)
        if (other > static_cast<int>(factor)) --other;
    }
  }
  return value;
}

Value Builder::concat(const Node& node) {
  std::vector<Value> inputs;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    if (input(node, i).is_literal()) refuse("with constants");
    inputs.push_back(layer_input(node, i));
  }
  const std::size_t rank = inputs[0].axes.size();
  const std::size_t axis = axis_of(integer(node, "axis", 1), rank);
  std::int64_t sum = 0;
  bool positive = true, all_known = true;
  for (const Value& each : inputs) {
    if (each.axes.size() != rank) refuse("of values of different sizes");
    const bool is_channels =
        each.axes[axis].empty() ? each.factors.empty() : is_channel_axis(each, each.axes[axis]);
    if (!is_channels) refuse(fmt::format("along axis {}", axis));
    for (std::size_t i = 0; i < rank; ++i)
      if (i != axis && each.axes[i] != inputs[0].axes[i]) refuse("of values of different sizes");
    const bool differ =
        (height(each) > 0 && height(inputs[0]) > 0 && height(each) != height(inputs[0])) ||
        (width(each) > 0 && width(inputs[0]) > 0 && width(each) != width(inputs[0]));
    if (differ) refuse("of values of different sizes");
    all_known = all_known && channels(each) >= 0;
    sum += std::max<std::int64_t>(channels(each), 0);
    positive = positive && each.positive;
  }
  if (inputs.size() == 1) return inputs[0];
  Value value = add(node, Concat{}, inputs, all_known ? sum : -1);
  value.factors = {channels(value)};
  value.axes = inputs[0].axes;
  value.axes[axis] = {0};
  value.positive = positive;
  return value;
}

Value Builder::split(const Node& node) {
  const Value data = layer_input(node, 0);
  const std::size_t axis = axis_of(integer(node, "axis", 0), data.axes.size());
  std::vector<std::int64_t> sizes = integers_or_input(node, "split", 1);
  const std::int64_t extent = extents(data)[axis];
  const auto count = static_cast<std::int64_t>(node.outputs.size());
  if (extent < 1) refuse("of a value whose channels are not known");
  if (sizes.empty()) {
    const std::int64_t each = (extent + count - 1) / count;
    for (std::int64_t i = 0; i < count; ++i) sizes.push_back(std::min(each, extent - i * each));
  }
  if (static_cast<std::int64_t>(sizes.size()) != count) refuse("into other than its outputs");
  std::vector<Value> parts;
  std::int64_t first = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] < 1 || sizes[i] > extent - first)
      refuse(fmt::format("into parts of {} of {}", sizes[i], extent));
    // Each part's layer has the name of its output
    Node one = node;
    one.name = node.outputs[i];
    one.outputs = {node.outputs[i]};
    parts.push_back(select_along(one, data, axis, counted(first, sizes[i])));
    first += sizes[i];
  }
  further_.assign(parts.begin() + 1, parts.end());
  return parts[0];
}

// Ranges of channels; every other cell of rows and columns, or all but a border, by a convolution
// with a single weight.
Value Builder::slice(const Node& node) {
  Value value = layer_input(node, 0);
  const auto starts = integers_or_input(node, "starts", 1);
  const auto ends = integers_or_input(node, "ends", 2);
  auto axes = integers_or_input(node, "axes", 3);
  auto steps = integers_or_input(node, "steps", 4);
  if (axes.empty()) axes = counted(0, static_cast<std::int64_t>(starts.size()));
  if (steps.empty()) steps.assign(starts.size(), 1);
  if (ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size())
    refuse("with bounds of different numbers");
  Window window;
  std::array<std::int64_t, 2> first{}, cut{};
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const std::size_t axis = axis_of(axes[i], value.axes.size());
    const std::int64_t extent = extents(value)[axis];
    const bool is_rows = value.axes[axis] == Axis{height_part};
    const bool is_columns = value.axes[axis] == Axis{width_part};
    const bool is_everything = starts[i] == 0 && steps[i] == 1 && ends[i] > (1 << 30);
    if (is_everything) continue;
    if (extent < 1) refuse("of a value whose size is not known");
    const auto whole = Array::of({extent}, counted(0, extent));
    const auto entries = sliced(whole, {starts[i]}, {ends[i]}, {0}, {steps[i]});
    if (!entries || entries->size() == 0) refuse("of nothing");
    const auto& list = entries->integers;
    if (!is_rows && !is_columns) {
      value = select_along(node, value, axis, list);
      continue;
    }
    if (steps[i] < 1) refuse("backwards");
    (is_rows ? window.stride_h : window.stride_w) = pixels("a step", steps[i], 1);
    first[is_rows ? 0 : 1] = list.front();
    // What the last step does not reach is not cut off
    if (steps[i] == 1) cut[is_rows ? 0 : 1] = extent - 1 - list.back();
  }
  window.kernel_h = pixels("a border", first[0] + cut[0] + 1, 1);
  window.kernel_w = pixels("a border", first[1] + cut[1] + 1, 1);
  if (window == Window{}) return value;
  return one_cell(node, value, window, first);
}

Value Builder::one_cell(const Node& node, const Value& data, const Window& window,
                        const std::array<std::int64_t, 2>& cell) {
  const std::int64_t count = channels(data), taps = std::int64_t{window.kernel_h} * window.kernel_w;
  if (count < 1 || taps > 1024) refuse("of a wide border");
  room_ -= count * taps;
  if (room_ < 0) refuse("of too many channels");
  Convolution conv;
  conv.window = window;
  conv.groups = static_cast<int>(count);
  Tensor one({count, 1, window.kernel_h, window.kernel_w});
  std::fill_n(one.data(), count * taps, 0.f);
  for (std::int64_t c = 0; c < count; ++c) one[c * taps + cell[0] * window.kernel_w + cell[1]] = 1;
  conv.weights = std::make_shared<const Tensor>(std::move(one));
  Value value = add_like(node, std::move(conv), data);
  value.positive = data.positive;
  return value;
}

Value Builder::gather(const Node& node) {
  const Value data = layer_input(node, 0);
  const Literal* indices = literal_input(node, 1);
  if (indices == nullptr) refuse("by computed indices");
  const std::size_t axis = axis_of(integer(node, "axis", 0), data.axes.size());
  const auto list = integers_of(*indices);
  if (indices->extents.size() > 1) refuse("by indices of several axes");
  Value value = select_along(node, data, axis, list);
  if (data.axes[axis].empty())
    for (const std::int64_t entry : list)
      if (entry != 0 && entry != -1) refuse(fmt::format("of entry {} of 1", entry));
  if (indices->extents.empty())
    value.axes.erase(value.axes.begin() + static_cast<std::ptrdiff_t>(axis));
  return value;
}

}  // namespace reverie::onnx
