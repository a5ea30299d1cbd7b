#include "reverie/model/formats/tensorflow/tensorflow_builder.h"

#include <fmt/format.h>

#include <algorithm>

#include "reverie/base/error.h"
#include "reverie/graph/shapes.h"

namespace reverie::tensorflow {
namespace {

constexpr std::size_t max_layers = 5000;

bool is_placeholder(const Node& node) { return node.op.starts_with("Placeholder"); }

// What turns a file's bytes into a picture of 0..255.
bool is_decoder(const Node& node) {
  return node.op == "DecodeJpeg" || node.op == "DecodePng" || node.op == "DecodeImage";
}

bool is_convolution(const Node& node) {
  return node.op == "Conv2D" || node.op == "DepthwiseConv2dNative";
}

// The value that the first data input is.
const Value* first_data(const std::vector<Value>& inputs) {
  const auto found =
      std::find_if(inputs.begin(), inputs.end(), [](const Value& v) { return v.is_data(); });
  return found == inputs.end() ? nullptr : &*found;
}

}  // namespace

Builder::Builder(const std::vector<Node>& nodes, Links links, const std::string& file,
                 std::size_t file_bytes)
    : nodes_(nodes),
      links_(std::move(links)),
      file_(file),
      loader_(file, file_bytes),
      values_(nodes.size()) {}

void Builder::fail(const Node& node, const std::string& what) const {
  throw BadModel(fmt::format("'{}': node '{}' ({}): {}", file_, node.name, node.op, what));
}

// The picture ------------------------------------------------------------------------------------

std::optional<std::size_t> Builder::find_picture(const std::vector<std::size_t>& order) const {
  const auto gives_picture = [&](std::size_t i) {
    return is_placeholder(nodes_[i]) || is_decoder(nodes_[i]);
  };
  const auto first = std::find_if(order.begin(), order.end(),
                                  [&](std::size_t i) { return is_convolution(nodes_[i]); });
  if (first == order.end()) {
    const auto any = std::find_if(order.begin(), order.end(), gives_picture);
    return any == order.end() ? std::nullopt : std::optional(*any);
  }

  // Back from the first convolution, along what it reads
  std::vector<std::size_t> waiting{*first};
  std::vector<bool> seen(nodes_.size());
  while (!waiting.empty()) {
    const std::size_t node = waiting.back();
    waiting.pop_back();
    if (seen[node]) continue;
    seen[node] = true;
    if (gives_picture(node)) return node;
    for (auto input = links_[node].rbegin(); input != links_[node].rend(); ++input)
      if (*input) waiting.push_back(**input);
  }
  return std::nullopt;
}

// Where the picture has its channels: as its shape says, else as the first convolution wants them.
Order Builder::order_of_picture(const std::vector<std::size_t>& order) const {
  const Node& node = nodes_[*picture_];
  const Attribute* shape = node.find("shape");
  if (shape != nullptr && shape->extents && shape->extents->size() >= 3) {
    const auto& extents = *shape->extents;
    const std::int64_t last = extents.back(), third = extents[extents.size() - 3];
    if (last == 3 || (last < 0 && third != 3)) return Order::nhwc;
    if (third == 3) return Order::nchw;
    throw Unsupported(
        fmt::format("'{}': input '{}' has {} channels; Reverie dreams in colour and needs 3", file_,
                    node.name, last));
  }
  if (is_decoder(node)) return Order::nhwc;
  for (const std::size_t i : order) {
    if (nodes_[i].op == "Transpose") return Order::nhwc;
    if (is_convolution(nodes_[i]))
      return nodes_[i].text("data_format", "NHWC") == "NCHW" ? Order::nchw : Order::nhwc;
  }
  return Order::nhwc;
}

void Builder::add_input(const std::vector<std::size_t>& order) {
  picture_ = find_picture(order);
  if (!picture_)
    throw BadModel(
        fmt::format("'{}' has no placeholder that its first convolution reads: there is nowhere to "
                    "put a picture",
                    file_));
  const Node& node = nodes_[*picture_];
  if (is_decoder(node) && node.integer("channels", 3) != 3 && node.integer("channels", 3) != 0)
    throw Unsupported(fmt::format("'{}': input '{}' is not in colour", file_, node.name));
  Value value = add(node, Input{3}, {});
  value.order = order_of_picture(order);
  value.single = false;
  values_[*picture_] = value;
}

// Nodes ------------------------------------------------------------------------------------------

void Builder::read(std::size_t index) {
  if (index == *picture_) return;
  std::vector<Value> inputs;
  for (const auto& link : links_[index]) inputs.push_back(link ? values_[*link] : Value{});
  values_[index] = value_of(nodes_[index], inputs);
}

const std::map<std::string_view, Builder::Reader>& Builder::readers() {
  static const std::map<std::string_view, Reader> all = {
      {"Conv2D", &Builder::convolution},
      {"DepthwiseConv2dNative", &Builder::convolution},
      {"MaxPool", &Builder::pool},
      {"AvgPool", &Builder::pool},
      {"LRN", &Builder::lrn},
      {"FusedBatchNorm", &Builder::batch_norm},
      {"FusedBatchNormV2", &Builder::batch_norm},
      {"FusedBatchNormV3", &Builder::batch_norm},
      {"BatchNormWithGlobalNormalization", &Builder::batch_norm},
      {"Relu", &Builder::relu},
      {"Relu6", &Builder::relu},
      {"LeakyRelu", &Builder::relu},
      {"BiasAdd", &Builder::bias},
      {"Add", &Builder::arithmetic},
      {"AddV2", &Builder::arithmetic},
      {"AddN", &Builder::arithmetic},
      {"Sub", &Builder::arithmetic},
      {"Mul", &Builder::arithmetic},
      {"RealDiv", &Builder::arithmetic},
      {"Div", &Builder::arithmetic},
      {"Maximum", &Builder::arithmetic},
      {"Concat", &Builder::concat},
      {"ConcatV2", &Builder::concat},
      {"Pad", &Builder::pad},
      {"PadV2", &Builder::pad},
      {"Mean", &Builder::reduce},
      {"Max", &Builder::reduce},
      {"MatMul", &Builder::matrix_product},
      {"Reshape", &Builder::reshape},
      {"Squeeze", &Builder::same},
      {"Transpose", &Builder::transpose},
      {"Softmax", &Builder::softmax},
      {"Pack", &Builder::shape},
      {"Identity", &Builder::same},
      {"CheckNumerics", &Builder::same},
      {"StopGradient", &Builder::same},
      {"PreventGradient", &Builder::same},
      {"Snapshot", &Builder::same},
      {"Cast", &Builder::same},
      {"PlaceholderWithDefault", &Builder::same},
      {"ExpandDims", &Builder::same_on_picture},
      {"ResizeBilinear", &Builder::same_on_picture},
      {"ResizeNearestNeighbor", &Builder::same_on_picture},
      {"ResizeBicubic", &Builder::same_on_picture},
  };
  return all;
}

Value Builder::value_of(const Node& node, const Inputs& inputs) {
  if (node.op == "Const") {
    Value value;
    if (auto constant = read_constant(node, file_))
      value.constant = std::make_shared<const Constant>(std::move(*constant));
    return value;
  }

  // How much a dropout keeps, where that is left to the caller: everything
  if (node.op == "Placeholder" && node.name.find("keep_prob") != std::string::npos) {
    Constant one;
    one.type = DataType::float32;
    one.values = {1};
    Value value;
    value.constant = std::make_shared<const Constant>(std::move(one));
    return value;
  }
  if (auto folded = fold(node, inputs)) return *folded;
  const auto reader = readers().find(node.op);
  if (reader == readers().end()) return unknown(node, inputs);
  return (this->*reader->second)(node, inputs);
}

TensorFlowNetwork Builder::finish() {
  // A network that scales its picture itself wants it as it is
  bool any = false, all = true;
  for (const Layer& layer : network_.graph.layers)
    if (std::find(layer.inputs.begin(), layer.inputs.end(), 0) != layer.inputs.end()) {
      any = true;
      all = all && std::holds_alternative<Affine>(layer.op);
    }
  if ((any && all) || is_decoder(nodes_[*picture_])) network_.transform = InputTransform{};
  return std::move(network_);
}

// Making layers ----------------------------------------------------------------------------------

OpSource Builder::source(const Node& node, const Inputs& inputs) const {
  const Value* data = first_data(inputs);
  return {node, inputs, data == nullptr ? -1 : channels(*data),
          data == nullptr ? Order::nhwc : data->order, file_};
}

std::int64_t Builder::channels(const Value& value) const {
  return channels_[static_cast<std::size_t>(value.layer)];
}

Value Builder::add(const Node& node, Op op, const std::vector<Value>& inputs) {
  if (network_.graph.layers.size() == max_layers)
    throw BadModel(fmt::format("'{}' has more than {} layers", file_, max_layers));
  Value value;
  value.single = true;
  std::vector<int> layers;
  std::vector<std::int64_t> input_channels;
  for (const Value& input : inputs) {
    layers.push_back(input.layer);
    input_channels.push_back(channels(input));
    value.single = value.single && input.single;
  }
  if (!inputs.empty()) value.order = inputs[0].order;
  channels_.push_back(output_channels(op, input_channels));
  value.layer = network_.graph.add(node.name, std::move(op), std::move(layers));
  return value;
}

Value Builder::unknown(const Node& node, const Inputs& inputs, const std::string& why) {
  std::vector<Value> data;
  std::copy_if(inputs.begin(), inputs.end(), std::back_inserter(data),
               [](const Value& value) { return value.is_data(); });
  if (data.empty()) return {};  // it does not depend on the picture
  return add(node, UnknownLayer{why.empty() ? node.op : node.op + " " + why}, data);
}

}  // namespace reverie::tensorflow
