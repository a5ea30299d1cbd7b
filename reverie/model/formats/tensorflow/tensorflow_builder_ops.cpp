// What each kind of node becomes.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "reverie/base/error.h"
#include "reverie/model/formats/layout_conversion.h"
#include "reverie/model/formats/tensorflow/tensorflow_builder.h"

namespace reverie::tensorflow {
namespace {

bool is_unknown(const Op& op) { return std::holds_alternative<UnknownLayer>(op); }

// An axis as a constant states it, counted from the front of four; -1 when it is none.
std::int64_t axis_of(const Value& value, std::int64_t rank = 4) {
  if (!value.constant || value.constant->count() != 1) return -1;
  const double axis = value.constant->numbers()[0];
  if (!(axis >= -4 && axis < 4)) return -1;
  return static_cast<std::int64_t>(axis) + (axis < 0 ? rank : 0);
}

std::vector<std::int64_t> whole_numbers(const Constant& constant) {
  std::vector<std::int64_t> whole;
  if (constant.count() > 8) return whole;
  for (const double number : constant.numbers())
    whole.push_back(std::abs(number) < 1e15 ? static_cast<std::int64_t>(number) : 0);
  return whole;
}

}  // namespace

// Windows ----------------------------------------------------------------------------------------

Value Builder::convolution(const Node& node, const Inputs& inputs) {
  if (inputs.empty() || !inputs[0].is_data()) return unknown(node, inputs);
  Op op = make_convolution(source(node, inputs), loader_);
  if (is_unknown(op)) return add(node, std::move(op), {inputs[0]});
  Value data = inputs[0];
  fold_padding(network_.graph, std::get<Convolution>(op), data.layer);
  return add(node, std::move(op), {data});
}

Value Builder::pool(const Node& node, const Inputs& inputs) {
  if (inputs.size() != 1 || !inputs[0].is_data()) return unknown(node, inputs);
  Op op = make_pool(source(node, inputs));
  if (is_unknown(op)) return add(node, std::move(op), inputs);
  Value data = inputs[0];
  fold_padding(network_.graph, std::get<Pool>(op), data.layer);
  return add(node, std::move(op), {data});
}

Value Builder::pad(const Node& node, const Inputs& inputs) {
  if (inputs.empty() || !inputs[0].is_data()) return unknown(node, inputs);
  const std::optional<Padding> padding = read_padding(source(node, inputs));
  const std::int64_t count = channels(inputs[0]);
  if (!padding || count < 1)
    return unknown(node, inputs, "with other than zeros around the picture");
  return add(node, zero_padding(count, *padding), {inputs[0]});
}

Value Builder::reduce(const Node& node, const Inputs& inputs) {
  if (inputs.size() != 2 || !inputs[0].is_data() || is_flat(inputs[0].order) || !inputs[1].constant)
    return unknown(node, inputs);
  std::vector<std::int64_t> axes = whole_numbers(*inputs[1].constant);
  for (std::int64_t& axis : axes) axis += axis < 0 ? 4 : 0;
  std::sort(axes.begin(), axes.end());
  const std::int64_t height = inputs[0].order == Order::nchw ? 2 : 1;
  if (axes != std::vector<std::int64_t>{height, height + 1})
    return unknown(node, inputs, "over other axes than height and width");
  Pool pool;
  pool.kind = node.op == "Max" ? Pool::Kind::max : Pool::Kind::average;
  pool.global = true;
  Value value = add(node, pool, {inputs[0]});
  value.single = true;
  return value;
}

// One value to one value -------------------------------------------------------------------------

Value Builder::lrn(const Node& node, const Inputs& inputs) {
  if (inputs.size() != 1 || !inputs[0].is_data()) return unknown(node, inputs);
  return add(node, make_lrn(source(node, inputs)), inputs);
}

Value Builder::batch_norm(const Node& node, const Inputs& inputs) {
  if (inputs.empty() || !inputs[0].is_data()) return unknown(node, inputs);
  if (node.op.starts_with("Fused") && node.integer("is_training", 1) != 0)
    return unknown(node, inputs, "in training");
  return add(node, make_batch_norm(source(node, inputs)), {inputs[0]});
}

Value Builder::relu(const Node& node, const Inputs& inputs) {
  if (inputs.size() != 1 || !inputs[0].is_data()) return unknown(node, inputs);
  Relu relu;
  if (node.op == "Relu6") relu.ceiling = 6;
  if (node.op == "LeakyRelu") relu.negative_slope = node.real("alpha", 0.2f);
  return add(node, relu, inputs);
}

Value Builder::softmax(const Node& node, const Inputs& inputs) {
  if (inputs.size() != 1 || !inputs[0].is_data()) return unknown(node, inputs);
  if (inputs[0].order != Order::nhwc && !inputs[0].single)
    return unknown(node, inputs, "over another axis than the channels");
  return add(node, Softmax{}, inputs);
}

// Another name of the same value.
Value Builder::same(const Node& node, const Inputs& inputs) {
  if (inputs.empty()) return {};
  if (inputs[0].is_data()) network_.graph.aliases.emplace(node.name, inputs[0].layer);
  return inputs[0];
}

// What makes a batch of one size of any picture: nothing here, where every size runs.
Value Builder::same_on_picture(const Node& node, const Inputs& inputs) {
  if (inputs.empty() || inputs[0].layer != 0) return unknown(node, inputs);
  return same(node, inputs);
}

// Sums and products ------------------------------------------------------------------------------

std::optional<Value> Builder::with_bias(const Node& node, const Value& data,
                                        const std::vector<double>& bias) {
  const Layer& layer = network_.graph.layers[static_cast<std::size_t>(data.layer)];
  Op op = layer.op;
  const Op shift = make_affine({}, bias);
  const Weights& weights = std::get<Affine>(shift).shift;
  auto* conv = std::get_if<Convolution>(&op);
  auto* product = std::get_if<InnerProduct>(&op);
  if (conv != nullptr && !conv->bias)
    conv->bias = weights;
  else if (product != nullptr && !product->bias)
    product->bias = weights;
  else
    return std::nullopt;
  Value before = data;
  before.layer = layer.inputs[0];
  Value value = add(node, std::move(op), {before});
  value.order = data.order;
  value.single = data.single;
  return value;
}

Value Builder::bias(const Node& node, const Inputs& inputs) {
  if (inputs.size() != 2 || !inputs[0].is_data() || !inputs[1].constant)
    return unknown(node, inputs);
  const std::int64_t count = channels(inputs[0]);
  const Constant& constant = *inputs[1].constant;
  const bool channels_first = node.text("data_format", "NHWC") == "NCHW";
  const Order order = inputs[0].order;
  if (!inputs[0].single && order != (channels_first ? Order::nchw : Order::nhwc))
    return unknown(node, inputs, "along another axis than the channels");
  if (count < 0) return unknown(node, inputs);
  if (constant.count() != count)
    fail(node, fmt::format("{} biases for {} channels", constant.count(), count));
  const std::vector<double> shift = constant.numbers();
  if (auto value = with_bias(node, inputs[0], shift)) return *value;
  return add(node, make_affine(std::vector<double>(shift.size(), 1), shift), {inputs[0]});
}

Value Builder::with_constant(const Node& node, const Value& data, const Constant& constant,
                             bool first) {
  const auto numbers = per_channel(constant, channels(data), data.order, data.single);
  if (!numbers) return unknown(node, {data}, "by a constant that is not one number per channel");
  std::vector<double> scale(numbers->size(), 1), shift(numbers->size(), 0);
  if (node.op == "Maximum") {
    const bool all_zero =
        std::all_of(numbers->begin(), numbers->end(), [](double number) { return number == 0; });
    return all_zero ? add(node, Relu{}, {data}) : unknown(node, {data}, "with a constant");
  }
  if (node.op.starts_with("Add")) {
    if (auto value = with_bias(node, data, *numbers)) return *value;
    shift = *numbers;
  } else if (node.op == "Sub") {
    if (first) std::fill(scale.begin(), scale.end(), -1);
    std::transform(numbers->begin(), numbers->end(), shift.begin(),
                   [first](double number) { return first ? number : -number; });
  } else if (node.op == "Mul") {
    scale = *numbers;
  } else if (first) {
    return unknown(node, {data}, "of a constant by a value");
  } else {
    std::transform(numbers->begin(), numbers->end(), scale.begin(),
                   [](double number) { return 1 / number; });
  }
  return add(node, make_affine(scale, shift), {data});
}

Value Builder::arithmetic(const Node& node, const Inputs& inputs) {
  if (inputs.size() == 2 && inputs[0].is_data() && inputs[1].constant)
    return with_constant(node, inputs[0], *inputs[1].constant, false);
  if (inputs.size() == 2 && inputs[1].is_data() && inputs[0].constant)
    return with_constant(node, inputs[1], *inputs[0].constant, true);
  const bool all_data =
      std::all_of(inputs.begin(), inputs.end(), [](const Value& input) { return input.is_data(); });
  if (inputs.empty() || !all_data || (node.op != "AddN" && inputs.size() != 2))
    return unknown(node, inputs);
  for (const Value& input : inputs)
    if (input.order != inputs[0].order || input.single != inputs[0].single ||
        channels(input) != channels(inputs[0]))
      return unknown(node, inputs, "of values of different shapes");
  Eltwise eltwise;
  if (node.op == "Sub") eltwise.coefficients = {1, -1};
  if (node.op == "Mul") eltwise.operation = Eltwise::Operation::product;
  if (node.op == "Maximum") eltwise.operation = Eltwise::Operation::maximum;
  if (node.op == "RealDiv" || node.op == "Div") return unknown(node, inputs);
  return add(node, eltwise, inputs);
}

Value Builder::concat(const Node& node, const Inputs& inputs) {
  // The old form has its axis first, the new one last
  if (inputs.size() < 2) return unknown(node, inputs);
  const bool is_old = node.op == "Concat";
  const Inputs data(inputs.begin() + (is_old ? 1 : 0), inputs.end() - (is_old ? 0 : 1));
  const std::int64_t axis = axis_of(is_old ? inputs.front() : inputs.back());
  for (const Value& input : data) {
    if (!input.is_data() || input.order != data[0].order || is_flat(input.order))
      return unknown(node, inputs);
  }
  const bool channels_first = data[0].order == Order::nchw;
  const bool all_single =
      std::all_of(data.begin(), data.end(), [](const Value& input) { return input.single; });
  if (axis != (channels_first ? 1 : 3) && !(all_single && axis == 1))
    return unknown(node, inputs, "along another axis than the channels");
  return add(node, Concat{}, data);
}

// Where a picture becomes a list of features -----------------------------------------------------

Value Builder::matrix_product(const Node& node, const Inputs& inputs) {
  if (inputs.size() != 2 || !inputs[0].is_data() || !inputs[1].constant ||
      node.integer("transpose_a", 0) != 0)
    return unknown(node, inputs);
  const Constant& matrix = *inputs[1].constant;
  const bool transposed = node.integer("transpose_b", 0) != 0;
  const std::int64_t count = channels(inputs[0]);
  if (matrix.extents.size() != 2 || matrix.extents[0] < 1 || matrix.extents[1] < 1)
    fail(node, "its matrix is not one of two axes");
  const std::int64_t in = matrix.extents[transposed ? 1 : 0];
  if (count > 0 && in % count != 0)
    fail(node, fmt::format("its matrix has {} inputs, which {} channels do not divide", in, count));
  if (count < 1 || (in != count && !is_flat(inputs[0].order))) return unknown(node, inputs);
  InnerProduct product;
  product.weights = loader_.matrix(matrix, transposed, count, inputs[0].order);
  Value value = add(node, std::move(product), {inputs[0]});
  value.order = Order::nhwc;
  value.single = true;
  return value;
}

// A shape of which only some numbers are known.
Value Builder::shape(const Node& node, const Inputs& inputs) {
  if (std::any_of(inputs.begin(), inputs.end(), [](const Value& v) { return v.is_data(); }))
    return unknown(node, inputs);
  Value value;
  value.shape_rank = static_cast<int>(std::min<std::size_t>(inputs.size(), 8));
  if (!inputs.empty() && inputs.back().constant && inputs.back().constant->count() == 1)
    value.shape_last = whole_numbers(*inputs.back().constant)[0];
  return value;
}

Value Builder::reshape(const Node& node, const Inputs& inputs) {
  if (inputs.size() != 2 || !inputs[0].is_data()) return unknown(node, inputs);
  const Value& data = inputs[0];
  if (data.layer == 0) return same(node, inputs);
  std::vector<std::int64_t> extents;
  if (inputs[1].constant) extents = whole_numbers(*inputs[1].constant);
  const std::size_t rank =
      inputs[1].constant ? extents.size() : static_cast<std::size_t>(inputs[1].shape_rank);
  const std::int64_t last = extents.empty() ? inputs[1].shape_last : extents.back();
  const std::int64_t count = channels(data);

  // Each position a row, or a value that has only one
  if (data.single && rank != 4) return same(node, inputs);
  if (rank == 2 && last == count && data.order == Order::nhwc) return same(node, inputs);
  Value value = data;
  if (rank == 2) {
    if (!is_flat(value.order))
      value.order = value.order == Order::nchw ? Order::flat_chw : Order::flat_hwc;
  } else if (rank == 4 && data.single && extents.size() == 4 && extents[3] == count) {
    value.order = Order::nhwc;
  } else if (rank == 4 && data.single && extents.size() == 4 && extents[1] == count) {
    value.order = Order::nchw;
  } else {
    return unknown(node, inputs, "to another shape than a list");
  }
  network_.graph.aliases.emplace(node.name, value.layer);
  return value;
}

Value Builder::transpose(const Node& node, const Inputs& inputs) {
  if (inputs.size() != 2 || !inputs[0].is_data() || !inputs[1].constant)
    return unknown(node, inputs);
  using Axes = std::vector<std::int64_t>;
  const Axes axes = whole_numbers(*inputs[1].constant);
  Value value = inputs[0];
  if (axes == Axes{0, 3, 1, 2} && value.order == Order::nhwc)
    value.order = Order::nchw;
  else if (axes == Axes{0, 2, 3, 1} && value.order == Order::nchw)
    value.order = Order::nhwc;
  else if (axes != Axes{0, 1, 2, 3})
    return unknown(node, inputs, "to another order of axes");
  network_.graph.aliases.emplace(node.name, value.layer);
  return value;
}

}  // namespace reverie::tensorflow
