// builder_matrices.cpp: products with a matrix of the file: over rows of numbers, where the network
// has become a classifier, or over the channels of each pixel. Source: the operators' pages of
// ONNX's documentation.
#include <fmt/format.h>

#include "reverie/model/formats/onnx/onnx_builder.h"

namespace reverie::onnx {
namespace {

// Rows and columns exchanged, times a number.
Weights turned(const Tensor& numbers, float factor, bool exchange) {
  const std::int64_t rows = numbers.shape()[0], columns = numbers.shape()[1];
  Tensor result(exchange ? Shape{columns, rows} : Shape{rows, columns});
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t c = 0; c < columns; ++c)
      result[exchange ? c * rows + r : r * columns + c] = factor * numbers[r * columns + c];
  return std::make_shared<const Tensor>(std::move(result));
}

Weights as_kernel(const Tensor& rows) {
  Tensor result({rows.shape()[0], rows.shape()[1], 1, 1});
  std::copy_n(rows.data(), rows.size(), result.data());
  return std::make_shared<const Tensor>(std::move(result));
}

}  // namespace

Value Builder::linear(const Node& node, const Value& data, const Weights& rows,
                      const Weights& bias) {
  const std::int64_t out = rows->shape()[0], in = rows->shape()[1];
  if (bias && bias->size() != out)
    refuse(fmt::format("of {} biases for {} outputs", bias->size(), out));

  // Over the last axis: the channels of each pixel
  const Axis& last = data.axes.back();
  if (!is_row(data) && !data.factors.empty() && is_channel_axis(data, last)) {
    if (channels(data) >= 0 && channels(data) != in)
      refuse(fmt::format("of weights [{},{}] for {} channels", out, in, channels(data)));
    room_ -= rows->size();
    Convolution conv;
    conv.weights = as_kernel(*rows);
    conv.bias = bias;
    Value value = add(node, std::move(conv), {data}, out);
    value.axes = data.axes;
    value.factors = out == 1 ? Axes{} : Axes{out};
    value.axes.back() = channel_axis(value);
    return value;
  }
  if (!is_row(data)) refuse("of other than a row or the channels of pixels");
  if (data.is_pixel() && channels(data) >= 0 && channels(data) != in)
    refuse(fmt::format("of weights [{},{}] for {} channels", out, in, channels(data)));
  Value value = add(node, InnerProduct{rows, bias}, {data}, out);
  set_picture_axes(value, out, true);
  value.axes = {{}, channel_axis(value)};
  return value;
}

Value Builder::gemm(const Node& node) {
  const Value data = layer_input(node, 0);
  const Literal* matrix = literal_input(node, 1);
  if (matrix == nullptr) refuse("of computed weights");
  if (integer(node, "transA", 0) != 0) refuse("transposed");
  if (matrix->extents.size() != 2)
    refuse(fmt::format("with a matrix of {} axes", matrix->extents.size()));

  // Ours are [out, in]
  const bool out_first = integer(node, "transB", 0) != 0;
  const float alpha = number(node, "alpha", 1), beta = number(node, "beta", 1);
  Weights rows = weights(*matrix);
  if (!out_first || alpha != 1) {
    room_ -= rows->size();
    rows = turned(*rows, alpha, !out_first);
  }
  const std::int64_t out = rows->shape()[0];
  Weights bias;
  if (has_input(node, 2) && beta != 0) {
    const Literal* literal = literal_input(node, 2);
    if (literal == nullptr) refuse("with a computed bias");
    const Weights given = weights(*literal);
    const bool is_row = literal->extents.empty() || literal->extents.back() == given->size();
    if ((given->size() != out && given->size() != 1) || !is_row)
      refuse(fmt::format("of {} biases for {} outputs", given->size(), out));
    Tensor all({out});
    for (std::int64_t o = 0; o < out; ++o) all[o] = beta * (*given)[given->size() == 1 ? 0 : o];
    bias = std::make_shared<const Tensor>(std::move(all));
  }
  return linear(node, data, rows, bias);
}

Value Builder::matmul(const Node& node) {
  const Value data = layer_input(node, 0);
  const Literal* matrix = literal_input(node, 1);
  if (matrix == nullptr) refuse("of two values, as attention has");
  if (matrix->extents.size() != 2)
    refuse(fmt::format("with a matrix of {} axes", matrix->extents.size()));
  const bool is_transposed = integer(node, "transB", 0) != 0;
  if (integer(node, "transA", 0) != 0) refuse("transposed");
  Weights rows = weights(*matrix);
  const float alpha = number(node, "alpha", 1);
  room_ -= rows->size();
  rows = turned(*rows, alpha, !is_transposed);
  return linear(node, data, rows, nullptr);
}

}  // namespace reverie::onnx
