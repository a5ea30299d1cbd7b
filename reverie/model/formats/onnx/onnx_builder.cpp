#include "reverie/model/formats/onnx/onnx_builder.h"

#include <fmt/format.h>

#include "reverie/base/error.h"

namespace reverie {
namespace onnx {
namespace {

constexpr std::int64_t min_opset = 7, max_opset = 21;
constexpr int max_pixels = 1 << 16;  // of a kernel, a stride, a padding

}  // namespace

const std::map<std::string_view, Builder::Reader>& Builder::readers() {
  static const std::map<std::string_view, Reader> table{
      {"Conv", &Builder::convolution},
      {"MaxPool", &Builder::pool},
      {"AveragePool", &Builder::pool},
      {"GlobalMaxPool", &Builder::global_pool},
      {"GlobalAveragePool", &Builder::global_pool},
      {"ReduceMean", &Builder::reduce_mean},
      {"Relu", &Builder::relu},
      {"LeakyRelu", &Builder::relu},
      {"PRelu", &Builder::relu},
      {"Clip", &Builder::clip},
      {"Sigmoid", &Builder::sigmoid},
      {"LRN", &Builder::lrn},
      {"BatchNormalization", &Builder::batch_norm},
      {"Add", &Builder::arithmetic},
      {"Sub", &Builder::arithmetic},
      {"Mul", &Builder::arithmetic},
      {"Div", &Builder::arithmetic},
      {"Sum", &Builder::arithmetic},
      {"Max", &Builder::arithmetic},
      {"Concat", &Builder::concat},
      {"Pad", &Builder::pad},
      {"Gemm", &Builder::product},
      {"MatMul", &Builder::product},
      {"Flatten", &Builder::flatten},
      {"Reshape", &Builder::reshape},
      {"Squeeze", &Builder::squeeze},
      {"Transpose", &Builder::transpose},
      {"Softmax", &Builder::softmax},
      {"Identity", &Builder::same},
      {"Dropout", &Builder::same},
      {"Cast", &Builder::same},
      {"Constant", &Builder::constant},
  };
  return table;
}

OnnxNetwork Builder::run() {
  if (model_.opset < min_opset || model_.opset > max_opset)
    throw Unsupported(fmt::format(
        "'{}' uses operator set {}; Reverie reads {} to {}, export the network for one of these",
        file_, model_.opset, min_opset, max_opset));
  network_.graph.name = model_.name;
  add_constants();
  add_inputs();
  for (const Node& node : model_.nodes) read(node);
  add_aliases();
  return std::move(network_);
}

void Builder::add_constants() {
  for (const Constant& constant : model_.constants) {
    Value value;
    value.kind = Value::Kind::constant;
    value.constant = &constant;
    values_[constant.name] = value;
  }
}

// The first input that is no parameter is the picture; older files list the parameters too.
void Builder::add_inputs() {
  for (const ValueInfo& info : model_.inputs) {
    if (values_.contains(info.name)) continue;
    const std::string name(info.name);
    Value value;
    value.kind = Value::Kind::layer;
    if (!channels_.empty()) {
      value.index = network_.graph.add(name, UnknownLayer{"second input"}, {});
      channels_.push_back(-1);
      values_[info.name] = value;
      continue;
    }
    const auto& extents = info.extents;
    if (info.has_shape && extents.size() != 4)
      throw Unsupported(fmt::format("'{}': input '{}' has {} axes; Reverie reads pictures, with 4",
                                    file_, name, extents.size()));
    if (info.has_shape && extents[1] != 3 && extents[3] == 3) {
      value.channels_last = network_.channels_last = true;
    } else if (info.has_shape && extents[1] != 3 && extents[1] > 0) {
      throw Unsupported(
          fmt::format("'{}': input '{}' has {} channels; Reverie dreams in colour and needs 3",
                      file_, name, extents[1]));
    }
    value.index = network_.graph.add(name, Input{3}, {});
    channels_.push_back(3);
    values_[info.name] = value;
  }
  if (channels_.empty()) throw BadModel(fmt::format("'{}' has no input", file_));
}

void Builder::read(const Node& node) {
  if (node.outputs.empty()) return;
  Value result;
  try {
    const auto found = node.domain.empty() || node.domain == "ai.onnx" ? readers().find(node.type)
                                                                       : readers().end();
    bool reads_picture = false;
    for (std::size_t i = 0; i < node.inputs.size(); ++i)
      reads_picture = reads_picture || (has_input(node, i) && input(node, i).is_layer());
    const bool passes_on =
        node.type == "Constant" || node.type == "Identity" || node.type == "Cast";
    if (!reads_picture && !passes_on)
      result = computed(node);
    else if (node.type == "Shape" || node.type == "Size")
      result = Value{};
    else
      result = found == readers().end() ? unknown(node) : (this->*found->second)(node);
  } catch (const wire::Malformed&) {
    fail(node, "has a damaged attribute");
  }
  values_[node.outputs[0]] = result;
  if (result.is_layer()) {
    other_names_.emplace_back(node.outputs[0], result.index);
    if (!node.name.empty()) other_names_.emplace_back(node.name, result.index);
  }

  // Further outputs: masks and indices, which nothing that can run reads
  for (std::size_t i = 1; i < node.outputs.size(); ++i)
    if (!node.outputs[i].empty() && result.is_layer()) {
      Value further;
      further.kind = Value::Kind::layer;
      further.index = result.index;
      further.channels_last = true;  // what reads it becomes an UnknownLayer
      values_[node.outputs[i]] = further;
    }
}

// The name that a layer did not get: its output's beside its node's, and those of nodes that only
// pass a value on.
void Builder::add_aliases() {
  for (const auto& [name, index] : other_names_)
    if (!name.empty() && network_.graph.find(name) < 0) network_.graph.aliases.emplace(name, index);
}

// Looking things up --------------------------------------------------------------------------

void Builder::fail(const Node& node, const std::string& what) const {
  throw BadModel(fmt::format(
      "'{}': node '{}' ({}) {}", file_,
      node.name.empty() && !node.outputs.empty() ? node.outputs[0] : node.name, node.type, what));
}

bool Builder::has_input(const Node& node, std::size_t i) const {
  return i < node.inputs.size() && !node.inputs[i].empty();
}

Value Builder::input(const Node& node, std::size_t i) const {
  if (!has_input(node, i)) fail(node, fmt::format("has no input {}", i + 1));
  const auto found = values_.find(node.inputs[i]);
  if (found == values_.end())
    fail(node, fmt::format("reads '{}', which no node before it makes", node.inputs[i]));
  return found->second;
}

const Constant* Builder::constant_input(const Node& node, std::size_t i) const {
  if (!has_input(node, i)) return nullptr;
  return input(node, i).constant;
}

std::optional<Attribute> Builder::attribute(const Node& node, std::string_view name) const {
  for (const Bytes& bytes : node.attributes) {
    Attribute attribute = parse_attribute(bytes);
    if (attribute.name == name) return attribute;
  }
  return std::nullopt;
}

std::int64_t Builder::integer(const Node& node, std::string_view name,
                              std::int64_t fallback) const {
  const auto found = attribute(node, name);
  return found ? found->integer : fallback;
}

float Builder::number(const Node& node, std::string_view name, float fallback) const {
  const auto found = attribute(node, name);
  return found ? found->number : fallback;
}

std::vector<std::int64_t> Builder::integers(const Node& node, std::string_view name) const {
  auto found = attribute(node, name);
  return found ? std::move(found->integers) : std::vector<std::int64_t>{};
}

std::vector<std::int64_t> Builder::integers_or_input(const Node& node, std::string_view name,
                                                     std::size_t i) const {
  if (const Constant* constant = constant_input(node, i)) return integers_of(*constant, file_);
  return integers(node, name);
}

int Builder::pixels(const Node& node, const char* what, std::int64_t value, int least) const {
  if (value < least || value > max_pixels)
    fail(node, fmt::format("has {} of {}, expected {}..{}", what, value, least, max_pixels));
  return static_cast<int>(value);
}

Weights Builder::weights(const Constant& constant) {
  Weights& loaded = loaded_[&constant];
  if (!loaded) loaded = std::make_shared<const Tensor>(floats_of(constant, file_));
  return loaded;
}

// Adding layers ------------------------------------------------------------------------------

Value Builder::add(const Node& node, Op op, const std::vector<Value>& inputs,
                   std::int64_t channels) {
  std::vector<int> indices;
  for (const Value& input : inputs) indices.push_back(input.index);

  // The node's name, the output's, or either with a number
  std::string name(node.name.empty() ? node.outputs[0] : node.name);
  if (name.empty() || network_.graph.find(name) >= 0) name = node.outputs[0];
  if (name.empty()) name = node.type;
  const std::string base = name;
  for (int n = 2; network_.graph.find(name) >= 0; ++n) name = fmt::format("{}_{}", base, n);
  Value value;
  value.kind = Value::Kind::layer;
  value.index = network_.graph.add(name, std::move(op), std::move(indices));
  channels_.push_back(channels);
  if (!inputs.empty()) {
    value.flat = inputs[0].flat;
    value.pixel = inputs[0].pixel;
  }
  return value;
}

Value Builder::unknown(const Node& node, const std::string& why) {
  std::vector<Value> inputs;
  for (std::size_t i = 0; i < node.inputs.size(); ++i)
    if (has_input(node, i) && input(node, i).is_layer()) inputs.push_back(input(node, i));
  std::string type(node.type);
  if (!node.domain.empty() && node.domain != "ai.onnx")
    type = fmt::format("{}.{}", node.domain, type);
  if (!why.empty()) type += " " + why;
  return add(node, UnknownLayer{type}, inputs, -1);
}

}  // namespace onnx

OnnxNetwork read_onnx(std::span<const std::byte> bytes, const std::string& file) {
  const onnx::Model model = onnx::parse_model(bytes, file);
  try {
    return onnx::Builder(model, file).run();
  } catch (const wire::Malformed& malformed) {
    throw BadModel(fmt::format("'{}' is damaged at byte {} of {}", file,
                               malformed.place - bytes.data(), bytes.size()));
  }
}

}  // namespace reverie
