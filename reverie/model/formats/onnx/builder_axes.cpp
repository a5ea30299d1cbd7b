// builder_axes.cpp: nodes that divide, join or move axes. Source: the operators' pages of ONNX's
// documentation.
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

// How many entries of all channels one of each factor skips.
std::vector<std::int64_t> steps_of(const Axes& factors) {
  std::vector<std::int64_t> steps(factors.size(), 1);
  for (std::size_t f = factors.size(); f-- > 1;) steps[f - 1] = steps[f] * factors[f];
  return steps;
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
  const auto steps = steps_of(value.factors);
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

Value Builder::flatten(const Node& node) {
  Value value = layer_input(node, 0);
  const std::int64_t stated = integer(node, "axis", 1);
  const std::size_t rank = value.axes.size();
  const std::size_t axis = stated == static_cast<std::int64_t>(rank) ? rank : axis_of(stated, rank);
  std::vector<Axis> two(2);
  for (std::size_t i = 0; i < rank; ++i) {
    Axis& into = two[i < axis ? 0 : 1];
    into.insert(into.end(), value.axes[i].begin(), value.axes[i].end());
  }
  value.axes = two;
  return settled(node, value);
}

Value Builder::reshape(const Node& node) {
  Value data = layer_input(node, 0);
  const auto flat = [&] {
    Value value = data;
    Axis all;
    for (const Axis& axis : data.axes) all.insert(all.end(), axis.begin(), axis.end());
    value.axes = {{}, all};
    return settled(node, value);
  };
  if (has_input(node, 1) && literal_input(node, 1) == nullptr) {
    // Sizes that could not be followed: what exporters write for a flattening
    if (!is_picture(data)) refuse("to computed sizes");
    return flat();
  }
  auto target = integers_or_input(node, "shape", 1);
  if (!target.empty() && size_.batch > 1 && target[0] == size_.batch) target[0] = 1;
  const Axes now = extents(data);
  if (std::any_of(now.begin(), now.end(), [](std::int64_t extent) { return extent < 1; })) {
    // Of an unknown size: flattenings only
    if (target.size() == 2 && is_picture(data)) return flat();
    refuse("of a value whose size is not known");
  }
  const auto wanted = reshaped(now, target, integer(node, "allowzero", 0) != 0);
  if (!wanted) {
    if (target.size() == 2 && is_picture(data)) return flat();
    refuse(fmt::format("from [{}] to [{}]", fmt::join(now, ","), fmt::join(target, ",")));
  }
  const auto value = with_extents(data, *wanted, height(data), width(data));
  if (!value)
    refuse(fmt::format("from [{}] to [{}]", fmt::join(now, ","), fmt::join(*wanted, ",")));
  return settled(node, *value);
}

// Channels whose order differs from the layer's are put in order; where factors stand beside rows
// and columns, pixels are made of them.
Value Builder::settled(const Node& node, Value value) {
  join_factors(value);
  const auto is_all_factors = [&](const Axis& axis) {
    return axis.size() == value.factors.size() && axis.size() > 1 &&
           std::all_of(axis.begin(), axis.end(), [](int part) { return part >= 0; });
  };
  const auto ordered = [&](const Axis& order, const std::string& part) {
    const auto steps = steps_of(value.factors);
    std::vector<int> which{0};
    for (const int f : order) {
      const auto factor = static_cast<std::size_t>(f);
      std::vector<int> longer;
      for (const int base : which)
        for (std::int64_t entry = 0; entry < value.factors[factor]; ++entry)
          longer.push_back(base + static_cast<int>(entry * steps[factor]));
      which = std::move(longer);
    }
    return select(node, value, std::move(which), part);
  };
  for (std::size_t i = 0; i < value.axes.size(); ++i) {
    if (!is_all_factors(value.axes[i])) continue;
    const Value selected = ordered(value.axes[i], "");
    value.index = selected.index;
    value.factors = {channels(value)};
    value.axes[i] = {0};
    return value;
  }

  // {}, {channels}, {height, a}, {width, b}
  const bool is_shuffle = value.axes.size() == 4 && value.axes[0].empty() &&
                          value.axes[2].size() == 2 && value.axes[3].size() == 2 &&
                          value.axes[2][0] == height_part && value.axes[2][1] >= 0 &&
                          value.axes[3][0] == width_part && value.axes[3][1] >= 0;
  if (!is_shuffle) return value;
  Axis order = value.axes[1];
  const int a = value.axes[2][1], b = value.axes[3][1];
  const std::int64_t block = value.factors[static_cast<std::size_t>(a)];
  order.insert(order.end(), {a, b});
  if (order.size() != value.factors.size() || block != value.factors[static_cast<std::size_t>(b)] ||
      block > 256)
    return value;
  Value selected = ordered(order, "order");
  DepthToSpace depth;
  depth.block = static_cast<int>(block);
  depth.order = DepthToSpace::Order::color_first;
  const std::int64_t count = channels(value) / (block * block);
  Value result = add(node, depth, {selected}, count);
  set_picture_axes(result, count, false);
  result.positive = value.positive;
  return result;
}

Value Builder::squeeze(const Node& node) {
  Value value = layer_input(node, 0);
  const auto axes = integers_or_input(node, "axes", 1);
  std::vector<bool> dropped(value.axes.size(), false);
  for (const std::int64_t axis : axes) dropped[axis_of(axis, value.axes.size())] = true;
  std::vector<Axis> kept;
  for (std::size_t i = 0; i < value.axes.size(); ++i) {
    const bool is_one = value.axes[i].empty();
    if (dropped[i] && !is_one) refuse("of an axis that is not one at every size");
    if (axes.empty() ? !is_one : !dropped[i]) kept.push_back(value.axes[i]);
  }
  value.axes = kept;
  return value;
}

Value Builder::unsqueeze(const Node& node) {
  Value value = layer_input(node, 0);
  const auto axes = integers_or_input(node, "axes", 1);
  const std::size_t rank = value.axes.size() + axes.size();
  if (rank > max_extents) refuse(fmt::format("to {} axes", rank));
  std::vector<bool> added(rank, false);
  for (const std::int64_t axis : axes) added[axis_of(axis, rank)] = true;
  std::vector<Axis> all;
  std::size_t next = 0;
  for (std::size_t i = 0; i < rank; ++i) {
    if (!added[i] && next == value.axes.size()) refuse("of an axis named twice");
    all.push_back(added[i] ? Axis{} : value.axes[next++]);
  }
  if (next != value.axes.size()) refuse("of an axis named twice");
  value.axes = all;
  return value;
}

Value Builder::transpose(const Node& node) {
  Value value = layer_input(node, 0);
  auto order = integers(node, "perm");
  const std::size_t rank = value.axes.size();
  if (order.empty())
    for (std::size_t i = rank; i-- > 0;) order.push_back(static_cast<std::int64_t>(i));
  std::vector<Axis> moved;
  std::vector<bool> used(rank, false);
  if (order.size() != rank) refuse("into another number of axes");
  for (const std::int64_t axis : order) {
    const std::size_t from = axis_of(axis, rank);
    if (used[from]) refuse("of an axis named twice");
    used[from] = true;
    moved.push_back(value.axes[from]);
  }
  value.axes = moved;
  return settled(node, value);
}

// To more channels; rows and columns of one pixel stay as they are, as arithmetic broadcasts them.
Value Builder::expand(const Node& node) {
  Value value = layer_input(node, 0);
  Axes target;
  if (node.type == "Tile") {
    target = integers_or_input(node, "repeats", 1);
    const Axes now = extents(value);
    if (target.size() != now.size()) refuse("with repeats that are not one for each axis");
    for (std::size_t i = 0; i < target.size(); ++i) {
      if (target[i] != 1 && now[i] != 1) refuse("of more than one entry");
    }
  } else {
    target = integers_or_input(node, "shape", 1);
  }
  while (value.axes.size() < target.size() && value.axes.size() < max_extents)
    value.axes.insert(value.axes.begin(), Axis{});
  const Axes now = extents(value);
  const std::size_t before = value.axes.size() - target.size();
  if (target.size() > value.axes.size()) refuse("to computed sizes");
  for (std::size_t i = 0; i < target.size(); ++i) {
    const std::size_t axis = before + i;
    if (target[i] == 1 || target[i] == now[axis]) continue;
    const bool is_channels = axis == 1 && is_picture(value) && value.factors.empty();
    if (now[axis] != 1 || !is_channels || target[i] < 1 || target[i] > 1 << 16)
      refuse("to more rows and columns");
    value = repeated(node, value, target[i]);
  }
  return value;
}

Value Builder::literal_shape(const Node& node) {
  const Literal* literal = literal_input(node, 0);
  if (literal == nullptr) refuse("");
  return own_literal(extents_asked(node, literal->extents));
}

Value Builder::shape(const Node& node) {
  const Value data = layer_input(node, 0);
  const Axes all = extents(data);
  if (std::any_of(all.begin(), all.end(), [](std::int64_t extent) { return extent < 1; }))
    return Value{};
  return own_literal(extents_asked(node, all));
}

// What Shape or Size gives.
std::optional<Array> Builder::extents_asked(const Node& node, const Axes& all) const {
  const auto count = static_cast<std::int64_t>(all.size());
  if (node.type == "Size") {
    std::int64_t product = 1;
    for (const std::int64_t extent : all) product *= extent;
    return Array::of({}, std::vector{product});
  }
  return sliced(Array::of({count}, all), {integer(node, "start", 0)}, {integer(node, "end", count)},
                {0}, {1});
}

}  // namespace reverie::onnx
