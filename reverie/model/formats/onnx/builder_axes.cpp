// builder_axes.cpp: nodes that divide, join or move axes, or ask for their extents. Source: the
// operators' pages of ONNX's documentation.
#include <fmt/format.h>

#include <algorithm>

#include "reverie/model/formats/onnx/onnx_builder.h"

namespace reverie::onnx {

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
    const auto steps = factor_steps(value.factors);
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
