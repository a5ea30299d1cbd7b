// builder_activations.cpp: nodes that change one number at a time. Source: the operators' pages of
// ONNX's documentation.
#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "reverie/model/formats/onnx/onnx_builder.h"

namespace reverie::onnx {
namespace {

using F = Activation::Function;
constexpr float infinity = std::numeric_limits<float>::infinity();

}  // namespace

Value Builder::function(const Node& node, const Value& data, Activation activation,
                        const std::string& part) {
  Value value = add_like(node, activation, data, part);
  const F f = activation.function;
  value.positive = f == F::sigmoid || f == F::hard_sigmoid || f == F::softplus || f == F::exp ||
                   f == F::absolute || (f == F::clip && activation.a >= 0) ||
                   (f == F::power && (data.positive || activation.a == 2));
  return value;
}

Value Builder::activation(const Node& node) {
  static const std::map<std::string_view, F> table{{"Sigmoid", F::sigmoid},
                                                   {"Tanh", F::tanh},
                                                   {"Erf", F::erf},
                                                   {"Softplus", F::softplus},
                                                   {"Softsign", F::softsign},
                                                   {"Exp", F::exp},
                                                   {"Log", F::log},
                                                   {"Abs", F::absolute},
                                                   {"Mish", F::mish},
                                                   {"HardSwish", F::hard_swish},
                                                   {"HardSigmoid", F::hard_sigmoid},
                                                   {"Elu", F::elu},
                                                   {"Swish", F::silu},
                                                   {"Sqrt", F::power},
                                                   {"Reciprocal", F::power}};
  const Value data = layer_input(node, 0);
  if (node.type == "Relu") {
    Value value = add_like(node, Relu{}, data);
    value.positive = true;
    return value;
  }
  Activation activation;
  activation.function = table.at(node.type);
  if (node.type == "Sqrt") activation.a = 0.5f;
  if (node.type == "Reciprocal") activation.a = -1;
  if (node.type == "Elu" || node.type == "Swish") activation.a = number(node, "alpha", 1);
  if (node.type == "HardSigmoid") {
    activation.a = number(node, "alpha", 0.2f);
    activation.b = number(node, "beta", 0.5f);
  }
  return function(node, data, activation);
}

Value Builder::leaky_relu(const Node& node) {
  const Value data = layer_input(node, 0);
  Relu relu;
  relu.negative_slope = number(node, "alpha", 0.01f);
  return add_like(node, relu, data);
}

Value Builder::prelu(const Node& node) {
  const Value data = layer_input(node, 0);
  const Literal* slope = literal_input(node, 1);
  if (slope == nullptr) refuse("with a computed slope");
  if (const auto one = single(*slope)) {
    Value value = add_like(node, Relu{*one, infinity}, data);
    value.positive = *one == 0;
    return value;
  }
  // Older files give one for each channel without axes for rows and columns
  Literal numbers = *slope;
  if (numbers.extents.size() == 1 && numbers.extents[0] == channels(data) && is_picture(data))
    numbers.extents = {numbers.extents[0], 1, 1};
  auto each = per_channel(data, numbers);
  if (!each) refuse("with slopes that are not one for each channel");
  return add_like(node, Prelu{std::make_shared<const Tensor>(std::move(*each))}, data);
}

Value Builder::clip(const Node& node) {
  const Value data = layer_input(node, 0);
  const auto bound = [&](const char* name, std::size_t i, float fallback) {
    if (node.opset < 11 && !has_input(node, i)) return number(node, name, fallback);
    if (!has_input(node, i)) return fallback;
    const Literal* literal = literal_input(node, i);
    const auto given = literal != nullptr ? single(*literal) : std::nullopt;
    if (!given) refuse("to computed bounds");
    return *given;
  };
  float least = bound("min", 1, -infinity), most = bound("max", 2, infinity);
  // A bound beyond half of all floats is none: exporters write the largest float
  if (least < -1e38f) least = -infinity;
  if (most > 1e38f) most = infinity;
  if (std::isinf(least) && std::isinf(most)) return data;
  // What is never below zero, a lower bound at or under it leaves as it is
  const bool from_zero = least == 0 || (least < 0 && data.positive);
  if (!from_zero || !(most > 0)) return function(node, data, {F::clip, least, most});
  Value value = add_like(node, Relu{0, most}, data);
  value.positive = true;
  return value;
}

Value Builder::scaled_activation(const Node& node) {
  const Value data = layer_input(node, 0);
  if (node.type == "Selu") {
    return function(node, data,
                    {F::elu, number(node, "alpha", 1.67326319217681884765625f),
                     number(node, "gamma", 1.05070102214813232421875f)});
  }
  // Celu: elu of x / alpha, times alpha
  const float alpha = number(node, "alpha", 1);
  if (alpha == 0) refuse("with an alpha of 0");
  if (alpha == 1) return function(node, data, {F::elu, 1, 1});
  const Value inner = scaled(node, data, 1 / alpha, 0, "scaled");
  return function(node, inner, {F::elu, 1, alpha});
}

Value Builder::gelu(const Node& node) {
  const Value data = layer_input(node, 0);
  const bool by_tanh = text(node, "approximate", "none") == "tanh";
  return function(node, data, {by_tanh ? F::gelu_tanh : F::gelu});
}

Value Builder::power(const Node& node) {
  const Value data = layer_input(node, 0);
  const Literal* exponent = literal_input(node, 1);
  const auto given = exponent != nullptr ? single(*exponent) : std::nullopt;
  if (!given) refuse("with more than one exponent");
  if (*given == 1) return data;
  return function(node, data, {F::power, *given});
}

Value Builder::negative(const Node& node) { return scaled(node, layer_input(node, 0), -1, 0); }

Value Builder::softmax(const Node& node) {
  const Value data = layer_input(node, 0);
  const std::size_t rank = data.axes.size();
  const std::size_t axis = axis_of(integer(node, "axis", node.opset < 13 ? 1 : -1), rank);
  // Before operator set 13 it went over all axes from this one on
  const bool is_last = std::all_of(data.axes.begin() + static_cast<std::ptrdiff_t>(axis) + 1,
                                   data.axes.end(), [](const Axis& a) { return a.empty(); });
  if (!is_channel_axis(data, data.axes[axis]) || (node.opset < 13 && !is_last))
    refuse(fmt::format("over axis {}", axis));
  Value value = add_like(node, Softmax{}, data);
  value.positive = true;
  return value;
}

Value Builder::same(const Node& node) {
  if (node.type == "Dropout" && integer(node, "is_test", 1) == 0) refuse("in training");
  return input(node, 0);
}

Value Builder::cast(const Node& node) {
  const Value value = input(node, 0);
  const auto to = static_cast<DataType>(integer(node, "to", 1));
  // To integers it rounds, unless they are what the input was
  if (!is_floating(to) && value.index != 0 && value.is_layer())
    refuse(fmt::format("to {}", describe(to)));
  return value;
}

// What it quantises is passed on as it was, but for what it cuts off: quantisers leave out a ReLU
// whose zero is the smallest number that they can store.
Value Builder::quantize(const Node& node) {
  const Value data = layer_input(node, 0);
  if (node.type == "DequantizeLinear" || data.positive) return data;
  return saturated(node, data, 1, 2, "");
}

std::optional<float> Builder::relu_ceiling(const Node& node, std::size_t scale, std::size_t zero) {
  const Literal* step = literal_input(node, scale);
  const auto size = step != nullptr ? single(*step) : std::nullopt;
  if (!size) return std::nullopt;
  DataType type = DataType::u8;
  double at_zero = 0;
  if (has_input(node, zero)) {
    const Literal* point = literal_input(node, zero);
    const auto given = point != nullptr ? single(*point) : std::nullopt;
    if (!given) return std::nullopt;
    at_zero = *given;
    if (point->constant != nullptr) type = point->constant->type;
  }
  const bool is_signed = type == DataType::i8 || type == DataType::i16;
  const bool is_wide = type == DataType::i16 || type == DataType::u16;
  const double levels = is_wide ? 65535 : 255, least = is_signed ? -(levels + 1) / 2 : 0;
  if (at_zero != least || (type != DataType::u8 && type != DataType::i8 && !is_wide))
    return std::nullopt;
  return static_cast<float>(levels * static_cast<double>(*size));
}

Value Builder::saturated(const Node& node, const Value& data, std::size_t scale, std::size_t zero,
                         const std::string& part) {
  const auto ceiling = relu_ceiling(node, scale, zero);
  if (!ceiling || data.positive || !(*ceiling > 0)) return data;
  Value value = add_like(node, Relu{0, *ceiling}, data, part);
  value.positive = true;
  return value;
}

// The integers are taken for the numbers that they stand for, so one step is 1.
Value Builder::dynamic_quantize(const Node& node) {
  further_ = {own_literal(Array::of({}, std::vector<float>{1})),
              own_literal(Array::of({}, std::vector<std::int64_t>{0}))};
  return layer_input(node, 0);
}

}  // namespace reverie::onnx
