// builder_literals.cpp: nodes that read constants only. Their results are constants too: the
// paddings, shapes and scales that exporters compute, and weights in another type or order.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "reverie/model/formats/onnx/onnx_builder.h"
#include "reverie/model/formats/onnx/onnx_numbers.h"

namespace reverie::onnx {

std::shared_ptr<const Array> Builder::array_of(const Literal& literal) {
  std::shared_ptr<const Array> array = literal.array;
  if (literal.constant != nullptr) {
    std::shared_ptr<const Array>& decoded = arrays_[literal.constant];
    if (!decoded) {
      auto fresh = std::make_shared<Array>();
      Constant flat = *literal.constant;
      if (!is_floating(flat.type) && !is_integer(flat.type))
        refuse("with an array of " + describe(flat.type));
      const std::int64_t size = size_of(flat, file_);
      room_ -= size;
      if (room_ < 0) refuse("with more constants than the file has");
      flat.extents = {size};
      fresh->extents = literal.constant->extents;
      fresh->is_integer = is_integer(flat.type);
      if (fresh->is_integer) {
        fresh->integers = onnx::integers_of(flat, file_);
      } else if (size > 0) {
        const Tensor floats = floats_of(flat, file_);
        fresh->floats.assign(floats.data(), floats.data() + floats.size());
      }
      decoded = std::move(fresh);
    }
    array = decoded;
  }
  if (array->extents == literal.extents) return array;
  auto copy = std::make_shared<Array>(*array);
  room_ -= copy->size();
  if (room_ < 0) refuse("with more constants than the file has");
  copy->extents = literal.extents;
  return copy;
}

std::shared_ptr<const Array> Builder::array_input(const Node& node, std::size_t i) {
  const Literal* literal = literal_input(node, i);
  if (literal == nullptr) refuse("of something that is computed");
  return array_of(*literal);
}

Value Builder::own_literal(Array array) {
  room_ -= array.size();
  if (room_ < 0) refuse("with more constants than the file has");
  Value value;
  value.kind = Value::Kind::literal;
  value.literal.extents = array.extents;
  value.literal.array = std::make_shared<const Array>(std::move(array));
  return value;
}

Value Builder::own_literal(std::optional<Array> array) {
  if (!array) refuse("of constants that do not fit");
  return own_literal(std::move(*array));
}

Value Builder::constant(const Node& node) {
  for (const auto& [name, message] : node.attributes) {
    Attribute found = parse_attribute(message);
    if (found.is_sparse) refuse("a sparse array; save it as a dense one");
    if (name == "value" && found.constant) {
      if (found.constant->external) refuse("a Constant in another file; save it as an initializer");
      own_constants_.push_back(std::make_unique<Constant>(std::move(*found.constant)));
      own_constants_.back()->name = node.outputs[0];
      Value value;
      value.kind = Value::Kind::literal;
      value.literal = {own_constants_.back()->extents, own_constants_.back().get(), nullptr};
      return value;
    }
    if (name == "value_float") return own_literal(Array::of({}, std::vector{found.number}));
    if (name == "value_int") return own_literal(Array::of({}, std::vector{found.integer}));
    const auto count = [](const auto& list) { return static_cast<std::int64_t>(list.size()); };
    if (name == "value_floats")
      return own_literal(Array::of({count(found.numbers)}, found.numbers));
    if (name == "value_ints")
      return own_literal(Array::of({count(found.integers)}, found.integers));
    if (name == "value_string" || name == "value_strings") refuse("a Constant of text");
  }
  refuse("a Constant without a value");
}

// Which branch an exporter's question takes is known once its answer is: the nodes of that branch
// stand in place of the If.
Value Builder::branch(const Node& node) {
  constexpr int max_depth = 8;
  const auto condition = array_input(node, 0);
  const bool is_true = condition->size() == 1 && condition->at(0) != 0;
  const auto found = attribute(node, is_true ? "then_branch" : "else_branch");
  if (!found || condition->size() != 1 || depth_ >= max_depth) refuse("without a branch");
  const Model& part = branches_.emplace_back(parse_branch(found->graph, node.opset));
  add_literals(part);
  ++depth_;
  for (const Node& inner_node : part.nodes) read(inner_node);
  --depth_;
  further_.clear();
  if (part.outputs.empty()) refuse("without a result");
  std::vector<Value> results;
  for (const std::string_view name : part.outputs) {
    const auto value = values_.find(name);
    if (value == values_.end()) refuse("without a result");
    results.push_back(value->second);
  }
  further_.assign(results.begin() + 1, results.end());
  return results[0];
}

Value Builder::literal_cast(const Node& node) {
  Value value = input(node, 0);
  if (node.type == "CastLike") {
    const Literal* like = literal_input(node, 1);
    if (like == nullptr) return value;
    const bool to_integers = array_of(*like)->is_integer;
    return own_literal(mapped(
        *array_input(node, 0), [](double x) { return x; }, to_integers));
  }
  // Only whether the numbers are integers matters here; `to` was a word before operator set 6
  const auto to = attribute(node, "to");
  static const std::map<std::string_view, DataType> words{{"FLOAT", DataType::f32},
                                                          {"FLOAT16", DataType::f16},
                                                          {"DOUBLE", DataType::f64},
                                                          {"BFLOAT16", DataType::bf16}};
  DataType type = DataType::f32;
  if (to && !to->text.empty())
    type = words.contains(to->text) ? words.at(to->text) : DataType::i64;
  else if (to)
    type = static_cast<DataType>(to->integer);
  const auto array = array_input(node, 0);
  const bool to_integers = is_integer(type);
  if (array->is_integer == to_integers && type != DataType::boolean) return value;
  if (type == DataType::boolean)
    return own_literal(mapped(
        *array, [](double x) { return x != 0 ? 1. : 0.; }, true));
  return own_literal(mapped(
      *array, [](double x) { return x; }, to_integers));
}

Value Builder::literal_arithmetic(const Node& node) {
  struct Operation {
    Binary function;
    bool gives_integers = false;  // whatever it is given
  };
  static const std::map<std::string_view, Operation> table{
      {"Add", {std::plus<>()}},
      {"Sum", {std::plus<>()}},
      {"Sub", {std::minus<>()}},
      {"Mul", {std::multiplies<>()}},
      {"Div", {std::divides<>()}},
      {"Pow", {[](double a, double b) { return std::pow(a, b); }}},
      {"Mod", {[](double a, double b) { return b == 0 ? 0 : a - b * std::floor(a / b); }}},
      {"Min", {[](double a, double b) { return std::min(a, b); }}},
      {"Max", {[](double a, double b) { return std::max(a, b); }}},
      {"Equal", {[](double a, double b) { return a == b; }, true}},
      {"Greater", {[](double a, double b) { return a > b; }, true}},
      {"GreaterOrEqual", {[](double a, double b) { return a >= b; }, true}},
      {"Less", {[](double a, double b) { return a < b; }, true}},
      {"LessOrEqual", {[](double a, double b) { return a <= b; }, true}},
      {"And", {[](double a, double b) { return a != 0 && b != 0; }, true}},
      {"Or", {[](double a, double b) { return a != 0 || b != 0; }, true}}};
  const Operation& operation = table.at(node.type);
  Array result = *array_input(node, 0);
  for (std::size_t i = 1; i < node.inputs.size(); ++i) {
    const auto other = array_input(node, i);
    const bool are_integers = result.is_integer && other->is_integer;
    if (node.type == "Div" && are_integers &&
        std::count(other->integers.begin(), other->integers.end(), 0) > 0)
      refuse("by zero");
    auto next =
        combined(result, *other, operation.function, operation.gives_integers || are_integers);
    if (!next) refuse("of constants that do not fit");
    result = std::move(*next);
  }
  return own_literal(std::move(result));
}

Value Builder::literal_function(const Node& node) {
  static const std::map<std::string_view, Unary> table{
      {"Neg", std::negate<>()},
      {"Abs", [](double x) { return std::abs(x); }},
      {"Sqrt", [](double x) { return std::sqrt(x); }},
      {"Exp", [](double x) { return std::exp(x); }},
      {"Log", [](double x) { return std::log(x); }},
      {"Floor", [](double x) { return std::floor(x); }},
      {"Ceil", [](double x) { return std::ceil(x); }},
      {"Round", [](double x) { return std::nearbyint(x); }},
      {"Reciprocal", [](double x) { return 1 / x; }},
      {"Erf", [](double x) { return std::erf(x); }},
      {"Tanh", [](double x) { return std::tanh(x); }},
      {"Sigmoid", [](double x) { return 1 / (1 + std::exp(-x)); }},
      {"Relu", [](double x) { return std::max(x, 0.); }},
      {"Sign", [](double x) { return x > 0   ? 1.
                                     : x < 0 ? -1.
                                             : 0.; }},
      {"Not", [](double x) { return x == 0 ? 1. : 0.; }}};
  const auto array = array_input(node, 0);
  return own_literal(mapped(*array, table.at(node.type), array->is_integer));
}

Value Builder::literal_reduction(const Node& node) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const Binary add_square = [](double sum, double x) { return sum + x * x; };
  static const std::map<std::string_view, Reduction> table{
      {"ReduceSum", {0, std::plus<>(), nullptr}},
      {"ReduceMean", {0, std::plus<>(), std::divides<>()}},
      {"ReduceProd", {1, std::multiplies<>(), nullptr}},
      {"ReduceMax", {-infinity, [](double a, double b) { return std::max(a, b); }, nullptr}},
      {"ReduceMin", {infinity, [](double a, double b) { return std::min(a, b); }, nullptr}},
      {"ReduceL1", {0, [](double a, double b) { return a + std::abs(b); }, nullptr}},
      {"ReduceL2", {0, add_square, [](double sum, double) { return std::sqrt(sum); }}},
      {"ReduceSumSquare", {0, add_square, nullptr}}};
  const auto axes = integers_or_input(node, "axes", 1);
  if (axes.empty() && integer(node, "noop_with_empty_axes", 0) != 0) return input(node, 0);
  return own_literal(
      reduced(*array_input(node, 0), axes, integer(node, "keepdims", 1) != 0, table.at(node.type)));
}

Value Builder::literal_extents(const Node& node) {
  Value value = input(node, 0);
  const Axes& now = value.literal.extents;
  std::optional<Axes> extents;
  if (node.type == "Flatten") {
    const std::int64_t stated = integer(node, "axis", 1);
    const auto rank = static_cast<std::int64_t>(now.size());
    const std::size_t axis = stated == rank ? now.size() : axis_of(stated, now.size());
    Axes two{1, 1};
    for (std::size_t i = 0; i < now.size(); ++i) {
      std::int64_t& product = two[i < axis ? 0 : 1];
      if (now[i] != 0 && product > (std::int64_t{1} << 40) / now[i]) refuse("of too many numbers");
      product *= now[i];
    }
    extents = two;
  } else if (node.type == "Reshape") {
    extents =
        reshaped(now, integers_or_input(node, "shape", 1), integer(node, "allowzero", 0) != 0);
  } else {
    const Axes axes = integers_or_input(node, "axes", 1);
    extents = node.type == "Squeeze" ? squeezed(now, axes) : unsqueezed(now, axes);
  }
  if (!extents || extents->size() > max_extents) refuse("of constants that do not fit");
  value.literal.extents = *extents;
  return value;
}

std::optional<Array> Builder::picked(const Node& node) {
  if (node.type == "Concat") {
    std::vector<Array> parts;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) parts.push_back(*array_input(node, i));
    return concatenated(parts, integer(node, "axis", node.opset < 4 ? 1 : 0));
  }
  const auto array = array_input(node, 0);
  if (node.type == "Transpose") return transposed(*array, integers(node, "perm"));
  if (node.type == "Gather")
    return gathered(*array, *array_input(node, 1), integer(node, "axis", 0));
  if (node.type == "Expand") return expanded(*array, integers_or_input(node, "shape", 1));
  if (node.type == "Tile") return tiled(*array, integers_or_input(node, "repeats", 1));
  if (node.type == "Where") return chosen(*array, *array_input(node, 1), *array_input(node, 2));

  // Since operator set 10 bounds are inputs; without axes they are of the first ones
  const Axes starts = integers_or_input(node, "starts", 1),
             ends = integers_or_input(node, "ends", 2);
  Axes axes = integers_or_input(node, "axes", 3), steps = integers_or_input(node, "steps", 4);
  for (std::size_t i = axes.size(); i < starts.size(); ++i)
    axes.push_back(static_cast<std::int64_t>(i));
  if (steps.empty()) steps.assign(starts.size(), 1);
  return sliced(*array, starts, ends, axes, steps);
}

Value Builder::literal_pick(const Node& node) { return own_literal(picked(node)); }

Value Builder::literal_split(const Node& node) {
  const auto array = array_input(node, 0);
  const std::size_t axis = axis_of(integer(node, "axis", 0), array->extents.size());
  auto sizes = integers_or_input(node, "split", 1);
  const auto count = static_cast<std::int64_t>(node.outputs.size());
  const std::int64_t extent = array->extents[axis], each = (extent + count - 1) / count;
  for (std::int64_t i = 0; sizes.size() < node.outputs.size(); ++i)
    sizes.push_back(std::min(each, extent - i * each));
  std::vector<Value> parts;
  std::int64_t first = 0;
  for (const std::int64_t size : sizes) {
    if (size < 0 || size > extent - first) refuse("into parts that do not fit");
    parts.push_back(own_literal(
        sliced(*array, {first}, {first + size}, {static_cast<std::int64_t>(axis)}, {1})));
    first += size;
  }
  if (parts.empty()) refuse("into nothing");
  further_.assign(parts.begin() + 1, parts.end());
  return parts[0];
}

Value Builder::literal_quantize(const Node& node) {
  const Literal *numbers = literal_input(node, 0), *scale = literal_input(node, 1);
  if (numbers == nullptr || scale == nullptr) refuse("with computed scales");
  // Numbers that are quantised here are dequantised next: rounding them is left out
  if (node.type == "QuantizeLinear") {
    Value value = input(node, 0);
    value.was_quantized = true;
    return value;
  }
  Value value = input(node, 0);
  if (value.was_quantized) {
    value.was_quantized = false;
    return value;
  }
  value.literal = dequantized(*numbers, *scale, literal_input(node, 2), integer(node, "axis", 1),
                              integer(node, "block_size", 0));
  return value;
}

Value Builder::literal_fill(const Node& node) {
  if (node.type == "Range") {
    const auto start = array_input(node, 0), limit = array_input(node, 1),
               step = array_input(node, 2);
    if (start->size() != 1 || limit->size() != 1 || step->size() != 1 || step->at(0) == 0)
      refuse("of constants that do not fit");
    const double count = std::ceil((limit->at(0) - start->at(0)) / step->at(0));
    if (!(count <= static_cast<double>(max_numbers))) refuse("of too many numbers");
    Array result;
    result.is_integer = start->is_integer;
    for (double i = 0; i < count; ++i) result.append(start->at(0) + i * step->at(0));
    result.extents = {result.size()};
    return own_literal(std::move(result));
  }
  const auto fill = attribute(node, "value");
  Array number = Array::of({}, std::vector<float>{0});
  if (fill && fill->constant) {
    const Constant& constant = *fill->constant;
    if (size_of(constant, file_) != 1) refuse("of more than one number");
    number = is_integer(constant.type)
                 ? Array::of({}, onnx::integers_of(constant, file_))
                 : Array::of({}, std::vector<float>{floats_of(constant, file_)[0]});
  }
  return own_literal(filled(integers_or_input(node, "shape", 0), number));
}

}  // namespace reverie::onnx
