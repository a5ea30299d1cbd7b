// builder_constants.cpp: nodes that read constants only. Their results are constants too: the
// paddings and shapes that exporters compute, and weights in another shape.
#include <algorithm>
#include <cstring>

#include "reverie/model/formats/onnx/integer_array.h"
#include "reverie/model/formats/onnx/onnx_builder.h"

namespace reverie::onnx {
namespace {

constexpr std::int64_t uint8_type = 2, int64_type = 7;

bool is_integer(const Constant& constant) {
  return constant.type >= uint8_type && constant.type <= int64_type;
}

}  // namespace

Value Builder::own_constant(const Node& node, Constant constant, std::vector<std::byte> numbers) {
  own_constants_.push_back(
      std::make_unique<OwnConstant>(OwnConstant{std::move(constant), std::move(numbers)}));
  OwnConstant& own = *own_constants_.back();
  own.constant.name = node.outputs[0];
  if (!own.numbers.empty()) own.constant.raw = own.numbers;
  Value value;
  value.kind = Value::Kind::constant;
  value.constant = &own.constant;
  return value;
}

std::optional<IntegerArray> Builder::integer_array(const Node& node, std::size_t i) const {
  const Constant* constant = constant_input(node, i);
  if (constant == nullptr || !is_integer(*constant) || constant->size(file_) > max_integers)
    return std::nullopt;
  return IntegerArray{constant->extents, integers_of(*constant, file_)};
}

// What a node makes of constants; integers that nobody knows where it is none of those below.
Value Builder::computed(const Node& node) {
  if (node.type == "Reshape" || node.type == "Squeeze" || node.type == "Unsqueeze")
    return in_another_shape(node);
  const std::optional<IntegerArray> result = computed_integers(node);
  if (!result) return Value{};
  Constant constant;
  constant.type = int64_type;
  constant.extents = result->extents;
  std::vector<std::byte> numbers(result->values.size() * sizeof(std::int64_t));
  if (!numbers.empty()) std::memcpy(numbers.data(), result->values.data(), numbers.size());
  return own_constant(node, std::move(constant), std::move(numbers));
}

std::optional<IntegerArray> Builder::computed_integers(const Node& node) const {
  if (node.type == "ConstantOfShape") {
    const auto extents = integer_array(node, 0);
    const auto fill = attribute(node, "value");
    if (!extents || !fill || !fill->constant || !is_integer(*fill->constant)) return std::nullopt;
    const auto value = integers_of(*fill->constant, file_);
    return value.size() == 1 ? filled(extents->values, value[0]) : std::nullopt;
  }
  std::vector<IntegerArray> arrays;
  for (std::size_t i = 0; i < node.inputs.size() && has_input(node, i); ++i) {
    auto array = integer_array(node, i);
    if (!array) return std::nullopt;
    arrays.push_back(std::move(*array));
  }
  if (arrays.empty()) return std::nullopt;
  if (node.type == "Concat") return concatenated(arrays, integer(node, "axis", 0));
  if (node.type == "Transpose") return transposed(arrays[0], integers(node, "perm"));
  if (node.type != "Slice") return std::nullopt;

  // Since operator set 10 bounds are inputs; without axes they are of the first ones
  const Axes starts = integers_or_input(node, "starts", 1),
             ends = integers_or_input(node, "ends", 2);
  Axes axes = integers_or_input(node, "axes", 3), steps = integers_or_input(node, "steps", 4);
  for (std::size_t i = 0; axes.size() < starts.size() && i < starts.size(); ++i)
    axes.push_back(static_cast<std::int64_t>(i));
  if (steps.empty()) steps.assign(starts.size(), 1);
  return sliced(arrays[0], starts, ends, axes, steps);
}

Value Builder::in_another_shape(const Node& node) {
  const Constant* constant = constant_input(node, 0);
  if (constant == nullptr || (has_input(node, 1) && constant_input(node, 1) == nullptr))
    return Value{};
  const Axes argument = integers_or_input(node, node.type == "Reshape" ? "shape" : "axes", 1);
  const auto extents = node.type == "Reshape"   ? reshaped(constant->extents, argument)
                       : node.type == "Squeeze" ? squeezed(constant->extents, argument)
                                                : unsqueezed(constant->extents, argument);
  if (!extents) return Value{};
  Constant changed = *constant;
  changed.extents = *extents;
  return own_constant(node, std::move(changed), {});
}

}  // namespace reverie::onnx
