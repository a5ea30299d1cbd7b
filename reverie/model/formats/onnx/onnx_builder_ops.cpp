// builder_ops.cpp: each kind of node. Source: the operators' pages of ONNX's documentation.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "reverie/base/error.h"
#include "reverie/model/formats/onnx/onnx_builder.h"

namespace reverie::onnx {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

bool is_pair(const std::vector<std::int64_t>& list) { return list.size() == 2; }

// Axes counted from the end, as from the beginning of four.
std::int64_t forward_axis(std::int64_t axis, std::int64_t rank) {
  return axis < 0 ? axis + rank : axis;
}

// Numbers that apply to a whole value: a scalar in any number of axes.
bool is_single(const Constant& constant) {
  return std::all_of(constant.extents.begin(), constant.extents.end(),
                     [](std::int64_t extent) { return extent == 1; });
}

}  // namespace

// Windows --------------------------------------------------------------------------------------

std::optional<Window> Builder::window(const Node& node, int kernel_h, int kernel_w,
                                      const Value& input) {
  Window window;
  window.kernel_h = kernel_h;
  window.kernel_w = kernel_w;
  if (const auto strides = integers(node, "strides"); !strides.empty()) {
    if (!is_pair(strides)) fail(node, "has strides that are not two");
    window.stride_h = pixels(node, "a stride", strides[0], 1);
    window.stride_w = pixels(node, "a stride", strides[1], 1);
  }
  if (const auto dilations = integers(node, "dilations"); !dilations.empty()) {
    if (!is_pair(dilations)) fail(node, "has dilations that are not two");
    window.dilation_h = pixels(node, "a dilation", dilations[0], 1);
    window.dilation_w = pixels(node, "a dilation", dilations[1], 1);
  }
  const auto automatic = attribute(node, "auto_pad");
  const std::string_view rule = automatic ? automatic->text : "NOTSET";
  if (rule == "SAME_UPPER" || rule == "SAME_LOWER") {
    if (input.is_padded()) return std::nullopt;
    if (rule == "SAME_UPPER") {
      window.padding.rule = Padding::Rule::same;
      return window;
    }
    // The odd pixel comes first; where it falls depends on the size unless the stride is 1
    if (window.stride_h != 1 || window.stride_w != 1) return std::nullopt;
    const int down = window.dilation_h * (kernel_h - 1),
              across = window.dilation_w * (kernel_w - 1);
    window.padding = {Padding::Rule::given, down - down / 2, across - across / 2, down / 2,
                      across / 2};
    return window;
  }
  std::array<int, 4> pads{};
  if (const auto given = integers(node, "pads"); !given.empty() && rule != "VALID") {
    if (given.size() != 4) fail(node, "has pads that are not four");
    for (std::size_t i = 0; i < 4; ++i) pads[i] = pixels(node, "a pad", given[i], 0);
  }
  window.padding = {Padding::Rule::given, pads[0] + input.pad[0], pads[1] + input.pad[1],
                    pads[2] + input.pad[2], pads[3] + input.pad[3]};
  return window;
}

Value Builder::convolution(const Node& node) {
  const Value data = input(node, 0);
  const Constant* kernel = constant_input(node, 1);
  const Constant* bias = constant_input(node, 2);
  if (!data.is_layer() || data.channels_last || data.flat) return unknown(node);
  if (kernel == nullptr || (has_input(node, 2) && bias == nullptr))
    return unknown(node, "with computed weights");
  if (kernel->extents.size() != 4)
    return unknown(node, fmt::format("of {} axes", kernel->extents.size()));
  Convolution conv;
  conv.weights = weights(*kernel);
  if (bias != nullptr) conv.bias = weights(*bias);
  conv.groups = pixels(node, "a group", integer(node, "group", 1), 1);

  // Check the shapes before anything relies on them
  const Shape& shape = conv.weights->shape();
  if (const auto stated = integers(node, "kernel_shape");
      !stated.empty() && (!is_pair(stated) || stated[0] != shape[2] || stated[1] != shape[3]))
    fail(node,
         fmt::format("has a kernel_shape that is not that of its weights {}", shape.to_string()));
  if (shape[0] % conv.groups != 0)
    fail(node, fmt::format("has weights {} for {} groups", shape.to_string(), conv.groups));
  if (channels(data) >= 0 && shape[1] * conv.groups != channels(data))
    fail(node, fmt::format("has weights {} in {} groups for {} channels", shape.to_string(),
                           conv.groups, channels(data)));
  if (conv.bias && conv.bias->size() != shape[0])
    fail(node, fmt::format("has {} biases for {} channels", conv.bias->size(), shape[0]));
  const auto found = window(node, pixels(node, "a kernel", shape[2], 1),
                            pixels(node, "a kernel", shape[3], 1), data);
  if (!found) return unknown(node, "with auto_pad and a stride or a Pad");
  conv.window = *found;
  const std::int64_t out = shape[0];
  const bool keeps_size = conv.window == Window{};
  Value value = add(node, std::move(conv), {data}, out);
  value.pixel = data.pixel && keeps_size;
  return value;
}

Value Builder::pool(const Node& node) {
  const Value data = input(node, 0);
  if (!data.is_layer() || data.channels_last || data.flat) return unknown(node);
  Pool pool;
  pool.kind = node.type == "MaxPool" ? Pool::Kind::max : Pool::Kind::average;
  const auto kernel = integers(node, "kernel_shape");
  if (!is_pair(kernel)) return unknown(node, fmt::format("of {} axes", kernel.size() + 2));
  const auto found = window(node, pixels(node, "a kernel", kernel[0], 1),
                            pixels(node, "a kernel", kernel[1], 1), data);
  if (!found) return unknown(node, "with auto_pad and a stride or a Pad");
  pool.window = *found;
  if (pool.window.dilation_h != 1 || pool.window.dilation_w != 1)
    return unknown(node, "with dilations");
  const bool counts = integer(node, "count_include_pad", 0) != 0;
  pool.count_padding = counts;
  if (integer(node, "ceil_mode", 0) != 0) {
    if (data.is_padded() || pool.window.stride_h > pool.window.kernel_h ||
        pool.window.stride_w > pool.window.kernel_w)
      return unknown(node, "with ceil_mode and a Pad or a wide stride");
    pool.rounding = Pool::Rounding::up;
  }
  if (data.is_padded()) {
    // Zeros of a Pad count in every average, and win a maximum over what is below them
    const Padding& all = pool.window.padding;
    const bool own = all.top > data.pad[0] || all.left > data.pad[1] || all.bottom > data.pad[2] ||
                     all.right > data.pad[3];
    if (pool.kind == Pool::Kind::average && own && !counts) return unknown(node, "after a Pad");
    if (pool.kind == Pool::Kind::max && !data.positive) return unknown(node, "after a Pad");
    pool.count_padding = true;
  }
  Value value = add(node, pool, {data}, channels(data));
  value.positive = data.positive;
  value.pixel = data.pixel && pool.window == Window{};
  return value;
}

Value Builder::global_pool(const Node& node) {
  const Value data = input(node, 0);
  if (!is_plain(data) || data.flat) return unknown(node);
  Pool pool;
  pool.kind = node.type == "GlobalMaxPool" ? Pool::Kind::max : Pool::Kind::average;
  pool.global = true;
  Value value = add(node, pool, {data}, channels(data));
  value.pixel = true;
  value.positive = data.positive;
  return value;
}

Value Builder::reduce_mean(const Node& node) {
  const Value data = input(node, 0);
  std::vector<std::int64_t> axes = integers_or_input(node, "axes", 1);
  for (std::int64_t& axis : axes) axis = forward_axis(axis, 4);
  std::sort(axes.begin(), axes.end());
  if (!is_plain(data) || data.flat || axes != std::vector<std::int64_t>{2, 3})
    return unknown(node, "over other axes than rows and columns");
  Pool pool;
  pool.kind = Pool::Kind::average;
  pool.global = true;
  Value value = add(node, pool, {data}, channels(data));
  value.pixel = true;
  value.flat = integer(node, "keepdims", 1) == 0;
  return value;
}

// One value at a time ----------------------------------------------------------------------------

Value Builder::relu(const Node& node) {
  const Value data = input(node, 0);
  if (!is_plain(data)) return unknown(node);
  Relu relu;
  if (node.type == "LeakyRelu") relu.negative_slope = number(node, "alpha", 0.01f);
  if (node.type == "PRelu") {
    const Constant* slope = constant_input(node, 1);
    if (slope == nullptr || !is_single(*slope))
      return unknown(node, "with a slope for each channel");
    relu.negative_slope = (*weights(*slope))[0];
  }
  Value value = add(node, relu, {data}, channels(data));
  value.positive = relu.negative_slope == 0;
  return value;
}

Value Builder::clip(const Node& node) {
  const Value data = input(node, 0);
  if (!is_plain(data)) return unknown(node);
  const auto bound = [&](const char* name, std::size_t i, float fallback) {
    if (!has_input(node, i)) return number(node, name, fallback);
    const Constant* constant = constant_input(node, i);
    if (constant == nullptr || !is_single(*constant)) return std::nanf("");
    return (*weights(*constant))[0];
  };
  const float least = bound("min", 1, -infinity), most = bound("max", 2, infinity);
  // A bound beyond half of all floats is none: exporters write the largest float
  if (least < -1e38f && most > 1e38f) return data;
  // What is never below zero, a lower bound at or under it leaves as it is
  const bool from_zero = least == 0 || (least < 0 && data.positive);
  if (!from_zero || !(most > 0)) return unknown(node, fmt::format("to {}..{}", least, most));
  Value value = add(node, Relu{0, most > 1e38f ? infinity : most}, {data}, channels(data));
  value.positive = true;
  return value;
}

Value Builder::sigmoid(const Node& node) {
  const Value data = input(node, 0);
  if (!is_plain(data)) return unknown(node);
  Value value = add(node, Activation{}, {data}, channels(data));
  value.positive = true;
  return value;
}

Value Builder::lrn(const Node& node) {
  const Value data = input(node, 0);
  if (!is_plain(data) || data.flat) return unknown(node);
  Lrn lrn;
  lrn.size = pixels(node, "a size", integer(node, "size", 0), 1);
  lrn.alpha = number(node, "alpha", 1e-4f) / static_cast<float>(lrn.size);
  lrn.beta = number(node, "beta", 0.75f);
  lrn.k = number(node, "bias", 1);
  Value value = add(node, lrn, {data}, channels(data));
  value.positive = data.positive;
  return value;
}

Value Builder::softmax(const Node& node) {
  const Value data = input(node, 0);
  if (!is_plain(data)) return unknown(node);
  const std::int64_t rank = data.flat ? 2 : 4;
  const std::int64_t axis = forward_axis(integer(node, "axis", model_.opset < 13 ? 1 : -1), rank);
  // Before operator set 13 it went over all axes from this one on
  if (axis != 1 || (model_.opset < 13 && !data.flat && !data.pixel))
    return unknown(node, fmt::format("over axis {}", axis));
  return add(node, Softmax{}, {data}, channels(data));
}

Value Builder::same(const Node& node) {
  Value value = input(node, 0);
  if (node.type == "Cast" && value.kind == Value::Kind::layer) {
    const std::int64_t to = integer(node, "to", 1);
    if (to != 1 && to != 10 && to != 11 && to != 16)
      return unknown(node, fmt::format("to data type {}", to));
  }
  return value;
}

Value Builder::constant(const Node& node) {
  auto found = attribute(node, "value");
  if (!found || !found->constant) return Value{};
  return own_constant(node, std::move(*found->constant), {});
}

// Channels ---------------------------------------------------------------------------------------

std::optional<Tensor> Builder::per_channel(const Value& data, const Constant& constant) {
  const std::int64_t count = channels(data);
  if (count < 1) return std::nullopt;
  // Which axis of the constant meets the channels; all others must be 1
  const std::size_t rank = constant.extents.size(), data_rank = data.flat ? 2 : 4;
  if (rank > data_rank) return std::nullopt;
  const std::size_t from_end = data.flat || data.channels_last ? 1 : 3;
  for (std::size_t axis = 0; axis < rank; ++axis)
    if (rank - axis != from_end && constant.extents[axis] != 1) return std::nullopt;
  const std::int64_t given = rank >= from_end ? constant.extents[rank - from_end] : 1;
  if (given != 1 && given != count) return std::nullopt;
  const Weights numbers = weights(constant);
  Tensor all({count});
  for (std::int64_t c = 0; c < count; ++c) all[c] = (*numbers)[given == 1 ? 0 : c];
  return all;
}

Value Builder::with_constant(const Node& node, const Value& data, const Constant& constant,
                             bool first) {
  // [N, channels] of one number a channel only: elsewhere a channel is many numbers
  if (data.is_padded() || (data.flat && !data.pixel))
    return unknown(node, "with constants on a reshaped value");
  const auto numbers = per_channel(data, constant);
  if (!numbers) return unknown(node, "with constants that are not one for each channel");
  const std::int64_t count = channels(data);
  Tensor scale({count}), shift({count});
  for (std::int64_t c = 0; c < count; ++c) {
    const float number = (*numbers)[c];
    scale[c] = 1;
    shift[c] = 0;
    if (node.type == "Add" || node.type == "Sum") shift[c] = number;
    if (node.type == "Sub") {
      scale[c] = first ? -1.f : 1.f;
      shift[c] = first ? number : -number;
    }
    if (node.type == "Mul") scale[c] = number;
    if (node.type == "Div") scale[c] = 1 / number;
  }
  if (node.type == "Max" || (node.type == "Div" && first)) return unknown(node, "of a constant");
  Value value = add(node,
                    Affine{std::make_shared<const Tensor>(std::move(scale)),
                           std::make_shared<const Tensor>(std::move(shift))},
                    {data}, count);
  value.channels_last = data.channels_last;
  return value;
}

Value Builder::arithmetic(const Node& node) {
  if (node.inputs.size() == 1) return same(node);
  if (node.inputs.size() == 2) {
    const Value a = input(node, 0), b = input(node, 1);
    if (a.is_layer() && b.constant != nullptr) return with_constant(node, a, *b.constant, false);
    if (b.is_layer() && a.constant != nullptr) return with_constant(node, b, *a.constant, true);
  }
  std::vector<Value> inputs;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    inputs.push_back(input(node, i));
    if (!is_plain(inputs.back())) return unknown(node);
    if (inputs[i].flat != inputs[0].flat || inputs[i].pixel != inputs[0].pixel ||
        channels(inputs[i]) != channels(inputs[0]))
      return unknown(node, "of values of different sizes");
  }
  Eltwise eltwise;
  if (node.type == "Mul") eltwise.operation = Eltwise::Operation::product;
  if (node.type == "Max") eltwise.operation = Eltwise::Operation::maximum;
  if (node.type == "Sub") eltwise.coefficients = {1, -1};
  if (node.type == "Div") return unknown(node, "of two values");
  Value value = add(node, eltwise, inputs, channels(inputs[0]));
  value.positive =
      node.type != "Sub" &&
      std::all_of(inputs.begin(), inputs.end(), [](const Value& input) { return input.positive; });
  return value;
}

Value Builder::batch_norm(const Node& node) {
  const Value data = input(node, 0);
  std::array<Weights, 4> numbers;
  for (std::size_t i = 0; i < 4; ++i) {
    const Constant* constant = constant_input(node, i + 1);
    if (constant == nullptr) return unknown(node, "with computed statistics");
    numbers[i] = weights(*constant);
  }
  if (!is_plain(data) || (data.flat && !data.pixel)) return unknown(node);
  if (integer(node, "training_mode", 0) != 0) return unknown(node, "in training");
  const std::int64_t count = numbers[0]->size();
  if (channels(data) >= 0 && count != channels(data))
    fail(node, fmt::format("has {} scales for {} channels", count, channels(data)));
  const double epsilon = number(node, "epsilon", 1e-5f);
  Tensor scale({count}), shift({count});
  const auto& [gamma, beta, mean, variance] = numbers;
  for (const Weights& list : numbers)
    if (list->size() != count) fail(node, "has statistics of different lengths");
  for (std::int64_t c = 0; c < count; ++c) {
    const double factor = (*gamma)[c] / std::sqrt((*variance)[c] + epsilon);
    scale[c] = static_cast<float>(factor);
    shift[c] = static_cast<float>((*beta)[c] - factor * (*mean)[c]);
  }
  return add(node,
             Affine{std::make_shared<const Tensor>(std::move(scale)),
                    std::make_shared<const Tensor>(std::move(shift))},
             {data}, count);
}

Value Builder::concat(const Node& node) {
  std::vector<Value> inputs;
  std::int64_t sum = 0;
  bool positive = true;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    inputs.push_back(input(node, i));
    if (!is_plain(inputs.back()) || inputs[i].flat != inputs[0].flat ||
        inputs[i].pixel != inputs[0].pixel || (inputs[i].flat && !inputs[i].pixel))
      return unknown(node);
    const std::int64_t count = channels(inputs[i]);
    sum = count < 0 || sum < 0 ? -1 : sum + count;
    positive = positive && inputs[i].positive;
  }
  const std::int64_t axis = forward_axis(integer(node, "axis", 1), inputs[0].flat ? 2 : 4);
  if (axis != 1) return unknown(node, fmt::format("along axis {}", axis));
  Value value = add(node, Concat{}, inputs, sum);
  value.positive = positive;
  return value;
}

// Shapes -----------------------------------------------------------------------------------------

Value Builder::pad(const Node& node) {
  Value data = input(node, 0);
  if (!data.is_layer() || data.flat || data.channels_last) return unknown(node);
  const auto mode = attribute(node, "mode");
  if (mode && mode->text != "constant") return unknown(node, std::string(mode->text));
  float fill = number(node, "value", 0);
  if (has_input(node, 2)) {
    const Constant* constant = constant_input(node, 2);
    if (constant == nullptr) return unknown(node, "with a computed value");
    fill = (*weights(*constant))[0];
  }
  const std::vector<std::int64_t> pads = integers_or_input(node, "pads", 1);
  if (has_input(node, 3) || (has_input(node, 1) && constant_input(node, 1) == nullptr))
    return unknown(node, "of computed or chosen axes");
  if (pads.size() != 8) return unknown(node, fmt::format("of {} axes", pads.size() / 2));
  for (const std::int64_t value : pads)
    if (value < 0) return unknown(node, "that crops");
  if (fill != 0 || pads[0] != 0 || pads[1] != 0 || pads[4] != 0 || pads[5] != 0)
    return unknown(node, "with other than zeros around rows and columns");
  const std::array<std::int64_t, 4> around{pads[2], pads[3], pads[6], pads[7]};
  for (std::size_t i = 0; i < 4; ++i)
    data.pad[i] = pixels(node, "a pad", data.pad[i] + pixels(node, "a pad", around[i], 0), 0);
  return data;
}

Value Builder::product(const Node& node) {
  const Value data = input(node, 0);
  const Constant* matrix = constant_input(node, 1);
  const bool gemm = node.type == "Gemm";
  if (!is_plain(data) || !data.flat || matrix == nullptr)
    return unknown(node, "of other than a flat value and constants");
  if (gemm && integer(node, "transA", 0) != 0) return unknown(node, "transposed");
  const Weights numbers = weights(*matrix);
  if (numbers->shape().rank() != 2 || matrix->extents.size() != 2)
    return unknown(node, fmt::format("with a matrix of {} axes", matrix->extents.size()));

  // Ours are [out, in]
  const bool out_first = gemm && integer(node, "transB", 0) != 0;
  const float alpha = gemm ? number(node, "alpha", 1) : 1;
  const std::int64_t rows = numbers->shape()[0], columns = numbers->shape()[1];
  const std::int64_t out = out_first ? rows : columns, in = out_first ? columns : rows;
  InnerProduct inner;
  if (out_first && alpha == 1) {
    inner.weights = numbers;
  } else {
    Tensor turned({out, in});
    for (std::int64_t o = 0; o < out; ++o)
      for (std::int64_t i = 0; i < in; ++i)
        turned[o * in + i] = alpha * (*numbers)[out_first ? o * in + i : i * out + o];
    inner.weights = std::make_shared<const Tensor>(std::move(turned));
  }
  if (gemm && has_input(node, 2)) {
    const Constant* bias = constant_input(node, 2);
    if (bias == nullptr) return unknown(node, "with a computed bias");
    const Weights given = weights(*bias);
    const bool row = bias->extents.empty() || bias->extents.back() == given->size();
    if ((given->size() != out && given->size() != 1) || !row)
      fail(node, fmt::format("has {} biases for {} outputs", given->size(), out));
    Tensor scaled({out});
    for (std::int64_t o = 0; o < out; ++o)
      scaled[o] = number(node, "beta", 1) * (*given)[given->size() == 1 ? 0 : o];
    inner.bias = std::make_shared<const Tensor>(std::move(scaled));
  }
  Value value = add(node, std::move(inner), {data}, out);
  value.flat = value.pixel = true;
  return value;
}

Value Builder::flatten(const Node& node) {
  Value data = input(node, 0);
  // Channels last are in another order, unless there is but one pixel
  if (!data.is_layer() || data.is_padded() || (data.channels_last && !data.pixel))
    return unknown(node);
  if (forward_axis(integer(node, "axis", 1), data.flat ? 2 : 4) != 1)
    return unknown(node, "from another axis than the first");
  data.flat = true;
  data.channels_last = false;
  return data;
}

Value Builder::reshape(const Node& node) {
  Value data = input(node, 0);
  if (!data.is_layer() || data.is_padded() || (data.channels_last && !data.pixel))
    return unknown(node);
  const Constant* target = constant_input(node, 1);
  if (target == nullptr) {
    // Sizes computed from the batch's: what exporters write for a flattening
    data.flat = true;
    data.channels_last = false;
    return data;
  }
  const std::vector<std::int64_t> extents = integers_of(*target, file_);
  if (extents.size() == 2) {
    data.flat = true;
    data.channels_last = false;
    return data;
  }
  const bool one_pixel = extents.size() == 4 && extents[2] == 1 && extents[3] == 1;
  if (!one_pixel || !data.pixel) return unknown(node, "into a picture");
  data.flat = false;
  data.channels_last = false;
  return data;
}

Value Builder::squeeze(const Node& node) {
  Value data = input(node, 0);
  std::vector<std::int64_t> axes = integers_or_input(node, "axes", 1);
  for (std::int64_t& axis : axes) axis = forward_axis(axis, 4);
  std::sort(axes.begin(), axes.end());
  if (!is_plain(data) || !data.pixel || axes != std::vector<std::int64_t>{2, 3})
    return unknown(node, "of other axes than rows and columns of one pixel");
  data.flat = true;
  return data;
}

Value Builder::transpose(const Node& node) {
  Value data = input(node, 0);
  const std::vector<std::int64_t> order = integers(node, "perm");
  if (!data.is_layer() || data.is_padded() || data.flat) return unknown(node);
  const bool to_first = order == std::vector<std::int64_t>{0, 3, 1, 2};
  const bool to_last = order == std::vector<std::int64_t>{0, 2, 3, 1};
  if (!(to_first && data.channels_last) && !(to_last && !data.channels_last))
    return unknown(node, "into another order of axes");
  data.channels_last = to_last;
  return data;
}

}  // namespace reverie::onnx
