// builder_arithmetic.cpp: nodes that combine two values number by number, one of which may be
// numbers of the file. Source: the operators' pages of ONNX's documentation.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reverie/model/formats/onnx/onnx_builder.h"

namespace reverie::onnx {
namespace {

// Values with as many axes as `rank`, missing ones before.
void add_axes(Value& value, std::size_t rank) {
  while (value.axes.size() < rank) value.axes.insert(value.axes.begin(), Axis{});
}

}  // namespace

std::optional<float> Builder::single(const Literal& numbers) {
  const bool is_one = std::all_of(numbers.extents.begin(), numbers.extents.end(),
                                  [](std::int64_t extent) { return extent == 1; });
  if (is_one) return static_cast<float>(array_of(numbers)->at(0));
  return std::nullopt;
}

std::optional<Tensor> Builder::per_channel(const Value& data, const Literal& numbers) {
  const std::int64_t count = channels(data);
  const std::size_t rank = numbers.extents.size(), data_rank = data.axes.size();
  if (count < 1) return std::nullopt;
  room_ -= count;
  if (room_ < 0) refuse("with more constants than the file has");
  Tensor all({count});
  if (const auto one = single(numbers)) {
    std::fill_n(all.data(), count, *one);
    return all;
  }
  if (rank > data_rank) return std::nullopt;

  // How far apart the constants of neighbouring entries of each factor are
  std::vector<std::int64_t> step(data.factors.size(), 0);
  std::int64_t size = 1;
  for (std::size_t i = rank; i-- > 0;) {
    const std::int64_t extent = numbers.extents[i];
    if (extent == 1) continue;
    const Axis& axis = data.axes[data_rank - rank + i];
    std::int64_t inner = size;
    for (std::size_t p = axis.size(); p-- > 0;) {
      if (axis[p] < 0) return std::nullopt;
      step[static_cast<std::size_t>(axis[p])] = inner;
      inner *= data.factors[static_cast<std::size_t>(axis[p])];
    }
    if (inner != size * extent) return std::nullopt;
    size = inner;
  }
  const auto array = array_of(numbers);
  for (std::int64_t c = 0; c < count; ++c) {
    std::int64_t rest = c, place = 0;
    for (std::size_t f = data.factors.size(); f-- > 0;) {
      place += rest % data.factors[f] * step[f];
      rest /= data.factors[f];
    }
    all[c] = static_cast<float>(array->at(place));
  }
  return all;
}

Value Builder::affine(const Node& node, const Value& data, Tensor scale, Tensor shift,
                      const std::string& part) {
  return add_like(node, Affine{share(std::move(scale)), share(std::move(shift))}, data, part);
}

Value Builder::scaled(const Node& node, const Value& data, float scale, float shift,
                      const std::string& part) {
  const std::int64_t count = channels(data);
  if (count < 1) refuse("of a value whose channels are not known");
  room_ -= 2 * count;
  if (room_ < 0) refuse("with more constants than the file has");
  Tensor scales({count}), shifts({count});
  std::fill_n(scales.data(), count, scale);
  std::fill_n(shifts.data(), count, shift);
  Value value = affine(node, data, std::move(scales), std::move(shifts), part);
  value.positive = data.positive && scale >= 0 && shift >= 0;
  return value;
}

// Before operator set 7 the second value's axes began at `axis`.
Literal Builder::aligned(const Node& node, const Value& data, const Literal& numbers) const {
  Literal result = numbers;
  const auto axis = node.opset < 7 ? attribute(node, "axis") : std::nullopt;
  if (axis && axis->integer >= 0)
    while (result.extents.size() + static_cast<std::size_t>(axis->integer) < data.axes.size())
      result.extents.push_back(1);
  return result;
}

Value Builder::repeated(const Node& node, const Value& data, std::int64_t count) {
  if (count > 1 << 16) refuse(fmt::format("to {} channels", count));
  SelectChannels select{std::vector<int>(static_cast<std::size_t>(count), 0)};
  Value value = add(node, std::move(select), {data}, count, "channels");
  value.positive = data.positive;
  return value;
}

Value Builder::with_literal(const Node& node, Value data, const Literal& numbers, bool first) {
  const Literal constants = aligned(node, data, numbers);
  add_axes(data, constants.extents.size());

  // One channel meets many constants: as many channels
  const std::size_t rank = constants.extents.size();
  const bool is_wider =
      is_picture(data) && data.factors.empty() && rank >= 3 && constants.extents[rank - 3] > 1;
  if (is_wider) data = repeated(node, data, constants.extents[rank - 3]);
  const std::string_view type = node.type;
  if (type == "Min" || type == "Max") {
    const auto bound = single(constants);
    if (!bound) refuse("of constants that are more than one");
    if (type == "Max" && *bound == 0) {
      Value value = add_like(node, Relu{}, data);
      value.positive = true;
      return value;
    }
    constexpr float infinity = std::numeric_limits<float>::infinity();
    return function(node, data,
                    {Activation::Function::clip, type == "Max" ? *bound : -infinity,
                     type == "Max" ? infinity : *bound});
  }
  auto each = per_channel(data, constants);
  if (!each) refuse("with constants that are not one for each channel");
  if (type == "Div" && first)
    data = function(node, data, {Activation::Function::power, -1}, "reciprocal");
  const std::int64_t count = channels(data);
  Tensor scale({count}), shift({count});
  bool positive = data.positive;
  for (std::int64_t c = 0; c < count; ++c) {
    const float number = (*each)[c];
    scale[c] = 1;
    shift[c] = 0;
    if (type == "Add" || type == "Sum") shift[c] = number;
    if (type == "Sub") {
      scale[c] = first ? -1.f : 1.f;
      shift[c] = first ? number : -number;
    }
    if (type == "Mul" || (type == "Div" && first)) scale[c] = number;
    if (type == "Div" && !first) scale[c] = 1 / number;
    if (type == "Mean") {
      scale[c] = 0.5f;
      shift[c] = 0.5f * number;
    }
    positive = positive && scale[c] >= 0 && shift[c] >= 0;
  }
  Value value = affine(node, data, std::move(scale), std::move(shift));
  value.positive = positive;
  return value;
}

Value Builder::of_two(const Node& node, const Value& first, const Value& second) {
  Value a = first, b = second;
  const std::size_t rank = std::max(a.axes.size(), b.axes.size());
  add_axes(a, rank);
  add_axes(b, rank);

  // Each axis is the same in both, or one entry of either
  Value like = a;
  if (a.factors.empty())
    like.factors = b.factors;
  else if (!b.factors.empty() && a.factors != b.factors)
    refuse("of values of different sizes");
  for (std::size_t i = 0; i < rank; ++i) {
    if (a.axes[i] != b.axes[i] && !a.axes[i].empty() && !b.axes[i].empty())
      refuse("of values of different sizes");
    if (a.axes[i].empty()) like.axes[i] = b.axes[i];
  }
  const bool both = !a.is_pixel() && !b.is_pixel();
  const bool differ = (height(a) > 0 && height(b) > 0 && height(a) != height(b)) ||
                      (width(a) > 0 && width(b) > 0 && width(a) != width(b));
  if (both && differ) refuse("of values of different sizes");

  const std::string_view type = node.type;
  Eltwise eltwise;
  if (type == "Mul" || type == "Div") eltwise.operation = Eltwise::Operation::product;
  if (type == "Max" || type == "Min") eltwise.operation = Eltwise::Operation::maximum;
  if (type == "Sub") eltwise.coefficients = {1, -1};
  if (type == "Mean") eltwise.coefficients = {0.5f, 0.5f};
  if (type == "Div") b = function(node, b, {Activation::Function::power, -1}, "reciprocal");
  if (type == "Min") {
    a = scaled(node, a, -1, 0, "first");
    b = scaled(node, b, -1, 0, "second");
  }
  const std::int64_t known = channels(a) < 0 ? channels(b) : channels(a);
  const std::int64_t count = like.factors.empty() ? 1 : std::max(known, channels(b));
  Value value = add(node, eltwise, {a, b}, count, type == "Min" ? "negative" : "");
  value.axes = like.axes;
  value.factors = like.factors;
  value.positive = type != "Sub" && a.positive && b.positive;
  if (type == "Mul" && a.index == b.index) value.positive = true;
  return type == "Min" ? scaled(node, value, -1, 0) : value;
}

Value Builder::arithmetic(const Node& node) {
  if (node.inputs.size() == 1) return input(node, 0);
  if (node.inputs.size() == 2) {
    const Value a = input(node, 0), b = input(node, 1);
    if (b.is_literal()) return with_literal(node, layer_input(node, 0), b.literal, false);
    if (a.is_literal()) return with_literal(node, layer_input(node, 1), a.literal, true);
    return of_two(node, layer_input(node, 0), layer_input(node, 1));
  }
  // More than two: layers of one size
  std::vector<Value> inputs;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    inputs.push_back(layer_input(node, i));
    if (inputs[i].axes != inputs[0].axes || inputs[i].factors != inputs[0].factors ||
        height(inputs[i]) != height(inputs[0]) || width(inputs[i]) != width(inputs[0]))
      refuse("of values of different sizes");
  }
  Eltwise eltwise;
  if (node.type == "Max") eltwise.operation = Eltwise::Operation::maximum;
  if (node.type == "Mean")
    eltwise.coefficients.assign(inputs.size(), 1 / static_cast<float>(inputs.size()));
  if (node.type != "Max" && node.type != "Mean" && node.type != "Sum")
    refuse(fmt::format("of {} values", inputs.size()));
  Value value = add(node, eltwise, inputs, channels(inputs[0]));
  value.axes = inputs[0].axes;
  value.factors = inputs[0].factors;
  value.positive =
      std::all_of(inputs.begin(), inputs.end(), [](const Value& input) { return input.positive; });
  return value;
}

// Of files from before the first operator set: scale * x + bias[channel].
Value Builder::image_scaler(const Node& node) {
  const Value data = picture_input(node, 0);
  const auto bias = attribute(node, "bias");
  const std::int64_t count = channels(data);
  if (!bias || static_cast<std::int64_t>(bias->numbers.size()) != count)
    refuse("without a bias for each channel");
  Tensor scale({count}), shift({count});
  std::fill_n(scale.data(), count, number(node, "scale", 1));
  std::copy_n(bias->numbers.begin(), count, shift.data());
  return affine(node, data, std::move(scale), std::move(shift));
}

}  // namespace reverie::onnx
