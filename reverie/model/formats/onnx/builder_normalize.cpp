// builder_normalize.cpp: nodes whose numbers depend on others of the same pixel or plane. Source:
// the operators' pages of ONNX's documentation.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reverie/model/formats/onnx/onnx_builder.h"

namespace reverie::onnx {
namespace {

// The parts of axes, those from `first` on.
Axis parts_from(const Value& value, std::size_t first) {
  Axis parts;
  for (std::size_t i = first; i < value.axes.size(); ++i)
    parts.insert(parts.end(), value.axes[i].begin(), value.axes[i].end());
  return parts;
}

// Whether these are all of the channels and nothing else; or all of height and width too.
bool is_all(const Value& value, Axis parts, bool with_pixels) {
  Axis all = channel_axis(value);
  if (with_pixels) all.insert(all.end(), {height_part, width_part});
  std::sort(parts.begin(), parts.end());
  std::sort(all.begin(), all.end());
  return parts == all;
}

}  // namespace

Value Builder::lrn(const Node& node) {
  const Value data = picture_input(node, 0);
  Lrn lrn;
  lrn.size = pixels("a size", integer(node, "size", 0), 1);
  lrn.alpha = number(node, "alpha", 1e-4f) / static_cast<float>(lrn.size);
  lrn.beta = number(node, "beta", 0.75f);
  lrn.k = number(node, "bias", 1);
  Value value = add_like(node, lrn, data);
  value.positive = data.positive;
  return value;
}

Value Builder::batch_norm(const Node& node) {
  const Value data = layer_input(node, 0);
  std::array<Weights, 4> numbers;
  for (std::size_t i = 0; i < 4; ++i) {
    const Literal* literal = literal_input(node, i + 1);
    if (literal == nullptr) refuse("with computed statistics");
    numbers[i] = weights(*literal);
  }
  if (integer(node, "training_mode", 0) != 0) refuse("in training");
  const bool is_spatial = node.opset >= 9 || integer(node, "spatial", 1) != 0;
  if (data.axes.size() < 2 || !is_channel_axis(data, data.axes[1]) ||
      (!is_spatial && !data.is_pixel()))
    refuse("of another axis than the channels");
  const std::int64_t count = numbers[0]->size();
  if (channels(data) >= 0 && count != channels(data))
    refuse(fmt::format("of {} scales for {} channels", count, channels(data)));
  const double epsilon = number(node, "epsilon", 1e-5f);
  const auto& [gamma, beta, mean, variance] = numbers;
  for (const Weights& list : numbers)
    if (list->size() != count) refuse("with statistics of different lengths");
  room_ -= 2 * count;
  Tensor scale({count}), shift({count});
  for (std::int64_t c = 0; c < count; ++c) {
    const double factor = (*gamma)[c] / std::sqrt((*variance)[c] + epsilon);
    scale[c] = static_cast<float>(factor);
    shift[c] = static_cast<float>((*beta)[c] - factor * (*mean)[c]);
  }
  Value value = add(node, Affine{share(std::move(scale)), share(std::move(shift))}, {data}, count);
  value.axes = data.axes;
  value.factors = data.factors;
  if (channels(data) < 0) set_picture_axes(value, count, false);
  return value;
}

Value Builder::normalized(const Node& node, const Value& data, Normalize normalize,
                          const std::string& part) {
  if (channels(data) < 1 || channels(data) % normalize.groups != 0)
    refuse(fmt::format("of {} channels in {} groups", channels(data), normalize.groups));
  return add_like(node, std::move(normalize), data, part);
}

// Over each plane, or, where a Reshape made groups of the channels, over the planes of each group.
Value Builder::instance_norm(const Node& node) {
  const Value data = layer_input(node, 0);
  const Literal *scale = literal_input(node, 1), *shift = literal_input(node, 2);
  if (scale == nullptr || shift == nullptr) refuse("with computed scales");
  if (data.axes.size() < 3 || !data.axes[0].empty()) refuse("of a value in another order of axes");
  const Axis& groups = data.axes[1];
  Axis all = groups;
  const Axis rest = parts_from(data, 2);
  all.insert(all.end(), rest.begin(), rest.end());
  const bool is_in_order = groups.empty() || (groups.size() == 1 && groups[0] == 0);
  if (!is_in_order || !is_all(data, all, true)) refuse("of a value in another order of axes");

  Normalize normalize;
  normalize.over = Normalize::Over::plane;
  normalize.epsilon = number(node, "epsilon", 1e-5f);
  normalize.groups = groups.empty() ? 1 : static_cast<int>(data.factors[0]);
  const Weights scales = weights(*scale), shifts = weights(*shift);
  if (scales->size() != normalize.groups || shifts->size() != normalize.groups)
    refuse(fmt::format("of {} scales for {} channels", scales->size(), normalize.groups));
  const std::int64_t count = channels(data), each = count / normalize.groups;
  if (count < 1) refuse("of a value whose channels are not known");
  room_ -= 2 * count;
  if (room_ < 0) refuse("with more constants than the file has");
  Tensor all_scales({count}), all_shifts({count});
  for (std::int64_t c = 0; c < count; ++c) {
    all_scales[c] = (*scales)[c / each];
    all_shifts[c] = (*shifts)[c / each];
  }
  normalize.scale = share(std::move(all_scales));
  normalize.shift = share(std::move(all_shifts));
  return normalized(node, data, std::move(normalize));
}

Value Builder::group_norm(const Node& node) {
  const Value data = picture_input(node, 0);
  const Literal *scale = literal_input(node, 1), *shift = literal_input(node, 2);
  if (scale == nullptr || shift == nullptr) refuse("with computed scales");
  Normalize normalize;
  normalize.over = Normalize::Over::plane;
  normalize.epsilon = number(node, "epsilon", 1e-5f);
  // ONNX Runtime's own says `groups`
  normalize.groups = pixels("a group", integer(node, "num_groups", integer(node, "groups", 0)), 1);
  const Weights scales = weights(*scale), shifts = weights(*shift);
  const std::int64_t count = channels(data);
  // In operator set 18 there was a scale for each group
  const bool is_by_group = scales->size() == normalize.groups && node.opset < 21;
  if (count < 1 || count % normalize.groups != 0 || scales->size() != shifts->size() ||
      (!is_by_group && scales->size() != count))
    refuse(fmt::format("of {} scales for {} channels", scales->size(), count));
  const std::int64_t each = is_by_group ? count / normalize.groups : 1;
  Tensor all_scales({count}), all_shifts({count});
  for (std::int64_t c = 0; c < count; ++c) {
    all_scales[c] = (*scales)[c / each];
    all_shifts[c] = (*shifts)[c / each];
  }
  normalize.scale = share(std::move(all_scales));
  normalize.shift = share(std::move(all_shifts));
  const bool has_silu = integer(node, "activation", 0) == 1;
  const Value value = normalized(node, data, std::move(normalize), has_silu ? "norm" : "");
  return has_silu ? function(node, value, {Activation::Function::silu}) : value;
}

// ONNX Runtime's has its channels last and may end with SiLU; its scales are floats of the file
// too.
Value Builder::channels_last_group_norm(const Node& node) {
  Value data = layer_input(node, 0);
  const bool is_last = integer(node, "channels_last", 1) != 0;
  const std::vector<Axis> axes = data.axes;
  if (is_last) {
    if (axes.size() != 4) refuse("of other than 4 axes");
    data.axes = {axes[0], axes[3], axes[1], axes[2]};
  }
  Node plain = node;
  plain.inputs[0] = keep_value(node, "/channels first", data);
  Value value = group_norm(plain);
  if (is_last) value.axes = axes;
  return value;
}

Value Builder::layer_norm(const Node& node) {
  const Value data = layer_input(node, 0);
  const std::size_t first = axis_of(integer(node, "axis", -1), data.axes.size());
  const Axis over = parts_from(data, first);
  const bool is_whole = is_all(data, over, true);
  if (!is_whole && !is_all(data, over, false)) refuse("over other axes than the channels");
  Normalize normalize;
  normalize.over = is_whole && !data.is_pixel() ? Normalize::Over::plane : Normalize::Over::pixel;
  normalize.epsilon = number(node, "epsilon", 1e-5f);
  const auto each = [&](std::size_t i) -> Weights {
    if (!has_input(node, i)) return nullptr;
    const Literal* literal = literal_input(node, i);
    auto numbers = literal != nullptr ? per_channel(data, *literal) : std::nullopt;
    if (!numbers) refuse("with scales that are not one for each channel");
    return share(std::move(*numbers));
  };
  normalize.scale = each(1);
  normalize.shift = each(2);
  return normalized(node, data, std::move(normalize));
}

Value Builder::mean_variance_norm(const Node& node) {
  const Value data = picture_input(node, 0);
  auto axes = integers(node, "axes");
  if (axes.empty()) axes = {0, 2, 3};
  for (std::int64_t& axis : axes) axis = static_cast<std::int64_t>(axis_of(axis, 4));
  std::sort(axes.begin(), axes.end());
  std::erase(axes, 0);
  Normalize normalize;
  normalize.epsilon = 1e-9f;
  if (axes == std::vector<std::int64_t>{2, 3} && channels(data) > 0) {
    normalize.over = Normalize::Over::plane;
    normalize.groups = static_cast<int>(channels(data));
  } else if (axes == std::vector<std::int64_t>{1, 2, 3}) {
    normalize.over = Normalize::Over::plane;
  } else if (axes != std::vector<std::int64_t>{1}) {
    refuse("over other axes than rows and columns");
  }
  return normalized(node, data, std::move(normalize));
}

Value Builder::mean_over_channels(const Node& node, const Value& data, float weight,
                                  const std::string& part) {
  const std::int64_t count = channels(data);
  if (count < 1) refuse("of a value whose channels are not known");
  room_ -= count;
  if (room_ < 0) refuse("of too many channels");
  Convolution conv;
  Tensor all({1, count, 1, 1});
  std::fill_n(all.data(), count, weight);
  conv.weights = share(std::move(all));
  Value value = add(node, std::move(conv), {data}, 1, part);
  value.positive = data.positive && weight >= 0;
  return value;
}

// Means, maxima and sums over rows and columns, over channels, or both.
Value Builder::reduce(const Node& node) {
  const Value data = layer_input(node, 0);
  const auto axes = integers_or_input(node, "axes", 1);
  const std::size_t rank = data.axes.size();
  if (axes.empty() && integer(node, "noop_with_empty_axes", 0) != 0) return data;
  std::vector<bool> over(rank, axes.empty());
  for (const std::int64_t axis : axes) over[axis_of(axis, rank)] = true;
  Axis parts;
  for (std::size_t i = 0; i < rank; ++i)
    if (over[i]) parts.insert(parts.end(), data.axes[i].begin(), data.axes[i].end());
  const auto has = [&](int part) {
    return std::find(parts.begin(), parts.end(), part) != parts.end();
  };
  const bool over_rows = has(height_part), over_columns = has(width_part);
  const auto over_channels =
      std::count_if(parts.begin(), parts.end(), [](int p) { return p >= 0; });
  const bool over_all_channels =
      over_channels == static_cast<std::ptrdiff_t>(data.factors.size()) && over_channels > 0;
  if (over_rows != over_columns || (over_channels > 0 && !over_all_channels))
    refuse("over other axes than rows and columns, or the channels");
  const bool is_max = node.type == "ReduceMax", is_sum = node.type == "ReduceSum";
  if ((is_max && over_channels > 0) || (is_sum && over_rows))
    refuse(is_max ? "over channels" : "over rows and columns");

  Value value = data;
  Pool pool;
  pool.kind = is_max ? Pool::Kind::max : Pool::Kind::average;
  pool.global = true;
  if (over_rows) value = add(node, pool, {data}, channels(data), over_channels > 0 ? "plane" : "");
  const float weight =
      is_sum ? 1 : 1 / static_cast<float>(std::max<std::int64_t>(channels(data), 1));
  if (over_channels > 0) value = mean_over_channels(node, value, weight);
  if (value.index == data.index && !parts.empty()) refuse("over axes of one entry");
  const bool keeps = integer(node, "keepdims", 1) != 0;
  value.factors = over_channels > 0 ? Axes{} : data.factors;
  value.axes.clear();
  for (std::size_t i = 0; i < rank; ++i) {
    if (!over[i]) value.axes.push_back(data.axes[i]);
    if (over[i] && keeps) value.axes.push_back({});
  }
  value.positive = data.positive;
  return value;
}

}  // namespace reverie::onnx
