// builder_runtime.cpp: nodes of ONNX Runtime (com.microsoft), which its optimizer and its quantizer
// write; integer products of the standard, which they share parts with. Source: ONNX Runtime's
// ContribOperators page.
//
// Integers that stand for numbers, q with a scale and a zero point, are taken for those numbers:
// (q - zero) * scale. What rounding does to them is left out, but not what a range cuts off.
#include <fmt/format.h>

#include <algorithm>

#include "reverie/model/formats/onnx/onnx_builder.h"

namespace reverie::onnx {

// The activation that a fused node ends with.
Value Builder::activated(const Node& node, const Value& data, std::string_view function_name,
                         const std::vector<float>& parameters, const char* part) {
  const auto parameter = [&](std::size_t i, float fallback) {
    return i < parameters.size() ? parameters[i] : fallback;
  };
  if (function_name.empty()) return data;
  if (function_name == "Relu" || function_name == "LeakyRelu" || function_name == "Clip") {
    Relu relu;
    if (function_name == "LeakyRelu") relu.negative_slope = parameter(0, 0.01f);
    if (function_name == "Clip") {
      const float least = parameter(0, 0), most = parameter(1, relu.ceiling);
      if (least != 0) return function(node, data, {Activation::Function::clip, least, most}, part);
      relu.ceiling = most;
    }
    Value value = add_like(node, relu, data, part);
    value.positive = relu.negative_slope == 0;
    return value;
  }
  using F = Activation::Function;
  if (function_name == "Sigmoid") return function(node, data, {F::sigmoid}, part);
  if (function_name == "Tanh") return function(node, data, {F::tanh}, part);
  if (function_name == "HardSigmoid")
    return function(node, data, {F::hard_sigmoid, parameter(0, 0.2f), parameter(1, 0.5f)}, part);
  refuse(fmt::format("with activation {}", function_name));
}

// A node for a layer that is not the last of its own: named after it.
Node Builder::inner(const Node& node, const char* part, std::size_t inputs) {
  Node result = node;
  const std::string_view own = node.name.empty() ? node.outputs[0] : node.name;
  result.name = own_names_.emplace_back(fmt::format("{}/{}", own, part));
  result.outputs = {result.name};
  result.inputs.resize(std::min(result.inputs.size(), inputs));
  return result;
}

// A literal under a name of its own, which an inner node can read.
std::string_view Builder::keep_value(const Node& node, const char* part, const Value& value) {
  const std::string& name = own_names_.emplace_back(fmt::format("{}{}", node.outputs[0], part));
  values_[name] = value;
  return name;
}

Value Builder::fused_convolution(const Node& node) {
  // Convolution, then another value added, then the activation; the last has the node's name
  const std::string name = text(node, "activation", "");
  const auto listed = attribute(node, "activation_params");
  const Node plain = inner(node, "conv", 3);
  Value value = convolution(plain);
  if (has_input(node, 3)) {
    Node sum = inner(node, "sum", 0);
    sum.type = "Add";
    value = of_two(sum, value, layer_input(node, 3));
  }
  return activated(node, value, name, listed ? listed->numbers : std::vector<float>{}, "");
}

Value Builder::fused_matmul(const Node& node) {
  if (integer(node, "transBatchA", 0) != 0 || integer(node, "transBatchB", 0) != 0)
    refuse("transposed");
  return matmul(node);
}

Value Builder::fused_gemm(const Node& node) {
  std::vector<float> parameters;
  for (const char* name : {"activation_alpha", "activation_beta"})
    if (const auto found = attribute(node, name)) parameters.push_back(found->number);
  return activated(node, gemm(inner(node, "product", 3)), text(node, "activation", ""), parameters,
                   "");
}

Value Builder::bias_gelu(const Node& node) {
  Value data = layer_input(node, 0);
  if (has_input(node, 1)) {
    const Literal* bias = literal_input(node, 1);
    if (bias == nullptr) refuse("with a computed bias");
    Node sum = inner(node, "sum", 0);
    sum.type = "Add";
    data = with_literal(sum, data, *bias, false);
  }
  const bool by_tanh = node.type == "FastGelu";
  return function(node, data,
                  {by_tanh ? Activation::Function::gelu_tanh : Activation::Function::gelu});
}

Value Builder::quick_gelu(const Node& node) {
  return function(node, layer_input(node, 0),
                  {Activation::Function::silu, number(node, "alpha", 1.702f)});
}

// The sum of two values, and of a bias, normalized.
Value Builder::skip_layer_norm(const Node& node) {
  Node sum = inner(node, "sum", 0);
  sum.type = "Add";
  Value value = of_two(sum, layer_input(node, 0), layer_input(node, 1));
  const std::size_t bias_at = node.inputs.size() > 4 ? 4 : node.inputs.size();
  if (has_input(node, bias_at)) {
    const Literal* bias = literal_input(node, bias_at);
    if (bias == nullptr) refuse("with a computed bias");
    value = with_literal(sum, value, *bias, false);
  }
  values_[node.outputs[0]] = value;
  Node norm = node;
  norm.type = "LayerNormalization";
  norm.inputs = {node.outputs[0], node.inputs.size() > 2 ? node.inputs[2] : std::string_view{},
                 node.inputs.size() > 3 ? node.inputs[3] : std::string_view{}};
  return layer_norm(norm);
}

// Integers
// -----------------------------------------------------------------------------------------

Literal Builder::dequantized(const Literal& numbers, const Literal& scale, const Literal* zero,
                             std::int64_t axis, std::int64_t block) {
  const auto step = array_of(scale);
  const auto at_zero = zero != nullptr ? array_of(*zero) : nullptr;
  const std::size_t rank = numbers.extents.size();
  const auto given = weights(numbers);
  room_ -= given->size();
  if (room_ < 0) refuse("with more constants than the file has");

  // Where a number's scale is: one for all, one for each entry of an axis, or for blocks of them
  std::size_t along = 0;
  std::int64_t entries = 1, inner_size = 1, extent = 1;
  if (step->size() != 1) {
    along = axis_of(axis, rank);
    extent = numbers.extents[along];
    for (std::size_t i = along + 1; i < rank; ++i) inner_size *= numbers.extents[i];
    const bool is_blocked = block > 0 && scale.extents.size() == rank;
    entries = is_blocked ? scale.extents[along] : step->size();
    const std::int64_t expected = is_blocked ? given->size() / extent * entries : extent;
    if (step->size() != expected || (is_blocked && entries < (extent + block - 1) / block))
      refuse(fmt::format("with {} scales for {} entries", step->size(), extent));
  }
  if (at_zero && at_zero->size() != step->size()) refuse("with other zero points than scales");
  auto result = std::make_shared<Array>();
  result->extents = numbers.extents;
  result->is_integer = false;
  result->floats.reserve(static_cast<std::size_t>(given->size()));
  for (std::int64_t i = 0; i < given->size(); ++i) {
    std::int64_t place = 0;
    if (step->size() != 1) {
      const std::int64_t entry = i / inner_size % extent;
      place =
          entries == extent && block <= 0
              ? entry
              : (i / inner_size / extent * entries + entry / block) * inner_size + i % inner_size;
    }
    const double offset = at_zero ? at_zero->at(place) : 0;
    result->floats.push_back(static_cast<float>((double{(*given)[i]} - offset) * step->at(place)));
  }
  return {numbers.extents, nullptr, std::move(result)};
}

// An input that is a layer, or integers of the file as the numbers that they stand for.
Value Builder::dequantized(const Node& node, std::size_t i, std::size_t scale, std::size_t zero) {
  Value value = input(node, i);
  if (value.is_layer()) return value;
  const Literal* numbers = literal_input(node, i);
  const Literal* step = literal_input(node, scale);
  if (numbers == nullptr || step == nullptr) refuse("with computed scales");
  value.literal = dequantized(*numbers, *step, literal_input(node, zero), 0, 0);
  return value;
}

// x, x_scale, x_zero, w, w_scale, w_zero, y_scale, y_zero, bias
Value Builder::quantized_convolution(const Node& node) {
  Value kernel = dequantized(node, 3, 4, 5);
  const std::string_view weights_name = keep_value(node, "/weights", kernel);
  Node conv = inner(node, "conv", 0);
  conv.type = "Conv";
  conv.inputs = {node.inputs[0], weights_name};
  if (has_input(node, 8)) {
    // The bias has the scale of the products
    const Literal* bias = literal_input(node, 8);
    const Literal *x_scale = literal_input(node, 1), *w_scale = literal_input(node, 4);
    if (bias == nullptr || x_scale == nullptr || w_scale == nullptr) refuse("with computed scales");
    const auto step =
        combined(*array_of(*x_scale), *array_of(*w_scale), std::multiplies<>(), false);
    const auto all = step ? combined(*array_of(*bias), *step, std::multiplies<>(), false) : step;
    if (!all) refuse("with scales that do not fit");
    conv.inputs.push_back(keep_value(node, "/bias", own_literal(*all)));
  }
  return saturated(node, convolution(conv), 6, 7, "");
}

// a, a_scale, a_zero, b, b_scale, b_zero, y_scale, y_zero; QGemm: ..., c, y_scale, y_zero
Value Builder::quantized_matmul(const Node& node) {
  const bool is_gemm = node.type == "QGemm";
  const Literal* numbers = literal_input(node, 3);
  const Literal* step = literal_input(node, 4);
  if (numbers == nullptr || step == nullptr) refuse("of computed weights");
  const bool out_first = is_gemm && integer(node, "transB", 0) != 0;
  Value matrix = input(node, 3);
  matrix.literal = dequantized(*numbers, *step, literal_input(node, 5), out_first ? 0 : -1, 0);
  const std::string_view weights_name = keep_value(node, "/weights", matrix);
  Node product = inner(node, "product", 0);
  product.type = is_gemm ? "Gemm" : "MatMul";
  product.inputs = {node.inputs[0], weights_name};
  if (is_gemm && has_input(node, 6)) {
    const Literal *bias = literal_input(node, 6), *x_scale = literal_input(node, 1);
    if (bias == nullptr || x_scale == nullptr) refuse("with a computed bias");
    const auto both = combined(*array_of(*x_scale), *array_of(*step), std::multiplies<>(), false);
    const auto all = both ? combined(*array_of(*bias), *both, std::multiplies<>(), false) : both;
    if (!all) refuse("with scales that do not fit");
    product.inputs.push_back(keep_value(node, "/bias", own_literal(*all)));
  }
  const Value value = is_gemm ? gemm(product) : matmul(product);
  return saturated(node, value, is_gemm ? 7 : 6, is_gemm ? 8 : 7, "");
}

// A, A_scale, A_zero, B, B_scale, B_zero, C_scale, C_zero
Value Builder::quantized_arithmetic(const Node& node) {
  const Value a = dequantized(node, 0, 1, 2), b = dequantized(node, 3, 4, 5);
  Node plain = inner(node, "sum", 0);
  plain.type = node.type == "QLinearAdd" ? "Add" : "Mul";
  Value value;
  if (a.is_layer() && b.is_layer())
    value = of_two(plain, a, b);
  else
    value = with_literal(plain, a.is_layer() ? a : b, a.is_layer() ? b.literal : a.literal,
                         !a.is_layer());
  return saturated(node, value, 6, 7, "");
}

// X, X_scale, X_zero, Y_scale, Y_zero
Value Builder::quantized_unary(const Node& node) {
  Node plain = node;
  plain.inputs.resize(1);
  plain.domain = {};
  plain.type = node.type.substr(std::string_view("QLinear").size());
  if (integer(node, "channels_last", 0) != 0) refuse("with channels last");
  const auto found = readers().find(plain.type);
  if (found == readers().end()) refuse("");
  return (this->*found->second)(plain);
}

// Y_scale, Y_zero, then three for each input
Value Builder::quantized_concat(const Node& node) {
  Node plain = node;
  plain.type = "Concat";
  plain.inputs.clear();
  for (std::size_t i = 2; i < node.inputs.size(); i += 3) plain.inputs.push_back(node.inputs[i]);
  return concat(plain);
}

// ConvInteger and MatMulInteger: x, w, x_zero, w_zero. With x the numbers themselves (see
// dynamic_quantize), the weights are integers less their zero point.
Value Builder::integer_product(const Node& node) {
  const Literal* numbers = literal_input(node, 1);
  if (numbers == nullptr) refuse("with computed weights");
  const bool is_conv = node.type == "ConvInteger";
  Value kernel = input(node, 1);
  const Literal one{{}, nullptr, std::make_shared<Array>(Array::of({}, std::vector<float>{1}))};
  const Literal* zero = literal_input(node, 3);
  if (zero != nullptr && !single(*zero)) refuse("with a zero point for each channel");
  kernel.literal = dequantized(*numbers, one, zero, 0, 0);
  const std::string_view weights_name = keep_value(node, "/weights", kernel);
  Node plain = inner(node, "product", 0);
  plain.inputs = {node.inputs[0], weights_name};
  plain.type = is_conv ? "Conv" : "MatMul";
  return is_conv ? convolution(plain) : matmul(plain);
}

}  // namespace reverie::onnx
