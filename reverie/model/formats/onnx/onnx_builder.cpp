#include "reverie/model/formats/onnx/onnx_builder.h"

#include <fmt/format.h>

#include <algorithm>

#include "reverie/base/error.h"
#include "reverie/graph/shapes.h"
#include "reverie/model/formats/onnx/input_form.h"
#include "reverie/model/formats/onnx/onnx_functions.h"
#include "reverie/model/formats/onnx/onnx_numbers.h"
#include "reverie/model/formats/onnx/simplify.h"

namespace reverie {
namespace onnx {
namespace {

constexpr std::int64_t max_opset = 24;

std::string qualified(const Node& node) {
  return node.is_standard() ? std::string(node.type) : fmt::format("{}.{}", node.domain, node.type);
}

// The words of an error about one array, without the file that all of them name.
std::string without_file(std::string words, const std::string& file) {
  const std::string prefix = fmt::format("'{}': ", file);
  return words.starts_with(prefix) ? words.substr(prefix.size()) : words;
}

// The rows and columns of a layer's value, given those of its input; below 1: none.
std::array<std::int64_t, 2> size_after(const Op& op, std::int64_t height, std::int64_t width) {
  const auto slid = [&](const Window& w, bool round_up) -> std::array<std::int64_t, 2> {
    const Padding pad = resolve_padding(w, height, width);
    return {window_positions(height, pad.top, pad.bottom, w.kernel_h, w.stride_h, w.dilation_h,
                             round_up),
            window_positions(width, pad.left, pad.right, w.kernel_w, w.stride_w, w.dilation_w,
                             round_up)};
  };
  if (const auto* conv = std::get_if<Convolution>(&op)) return slid(conv->window, false);
  if (const auto* pool = std::get_if<Pool>(&op)) {
    if (pool->global) return {1, 1};
    return slid(pool->window, pool->rounding == Pool::Rounding::up);
  }
  if (const auto* conv = std::get_if<TransposedConvolution>(&op)) {
    const Window& w = conv->window;
    return {(height - 1) * w.stride_h + std::int64_t{w.dilation_h} * (w.kernel_h - 1) + 1 -
                w.padding.top - w.padding.bottom + conv->output_padding_h,
            (width - 1) * w.stride_w + std::int64_t{w.dilation_w} * (w.kernel_w - 1) + 1 -
                w.padding.left - w.padding.right + conv->output_padding_w};
  }
  if (const auto* pad = std::get_if<Pad>(&op))
    return {height + pad->top + pad->bottom, width + pad->left + pad->right};
  if (const auto* depth = std::get_if<DepthToSpace>(&op))
    return {height * depth->block, width * depth->block};
  if (const auto* resize = std::get_if<Resize>(&op)) {
    const auto cells = [](std::int64_t size, float scale) {
      return static_cast<std::int64_t>(
          std::min(static_cast<double>(size) * double{scale} * (1 + 1e-6), 1e9));
    };
    return {cells(height, resize->scale_h), cells(width, resize->scale_w)};
  }
  if (std::holds_alternative<InnerProduct>(op)) return {1, 1};
  return {height, width};
}

}  // namespace

void refuse(const std::string& why) { throw NotReadable{why}; }

std::int64_t Builder::most_folded(std::uint64_t bytes) {
  constexpr std::uint64_t some = 1 << 23;
  return static_cast<std::int64_t>(some +
                                   std::min<std::uint64_t>(bytes, std::uint64_t{1} << 40) * 8);
}

OnnxNetwork Builder::run() {
  if (model_.opset > max_opset)
    throw Unsupported(fmt::format(
        "'{}' uses operator set {}; Reverie reads 1 to {}, export the network for one of these",
        file_, model_.opset, max_opset));
  network_.graph.name = model_.name;
  add_literals(model_);
  add_inputs();
  for (const Node& node : model_.nodes) read(node);
  add_aliases();
  simplify(network_.graph, kept_layers(), folded_);
  network_.transform = stated_input(network_.graph, network_.is_bytes);
  return std::move(network_);
}

void Builder::add_literals(const Model& model) {
  for (const Constant& constant : model.constants) {
    Value value;
    value.kind = Value::Kind::literal;
    value.literal = {constant.extents, &constant, nullptr};
    values_[constant.name] = value;
  }
  for (const std::string_view name : model.sparse_constants) {
    Value value;
    value.why = "a sparse array; save it as a dense one";
    values_[name] = value;
  }
}

void Builder::read(const Node& node) {
  if (node.outputs.empty()) return;
  further_.clear();
  Value result;
  const auto failed = [&](const std::string& why) {
    const bool reads_layer = std::any_of(node.inputs.begin(), node.inputs.end(), [&](auto name) {
      const auto found = values_.find(name);
      return !name.empty() && (found == values_.end() || found->second.is_layer());
    });
    further_.clear();
    if (reads_layer) return unknown(node, why);
    Value lost;
    lost.why = why;
    return lost;
  };
  try {
    result = read_result(node);
  } catch (const NotReadable& reason) {
    result = failed(reason.why);
  } catch (const wire::Malformed&) {
    result = failed("with a damaged attribute");
  } catch (const BadModel& error) {
    result = failed(": " + without_file(error.what(), file_));
  } catch (const Unsupported& error) {
    result = failed(": " + without_file(error.what(), file_));
  }
  values_[node.outputs[0]] = result;
  if (result.is_layer()) {
    other_names_.emplace_back(node.outputs[0], result.index);
    if (!node.name.empty()) other_names_.emplace_back(node.name, result.index);
  }

  // Outputs that no reader gave: masks and indices, which nothing that can run reads
  for (std::size_t i = 1; i < node.outputs.size(); ++i) {
    if (node.outputs[i].empty()) continue;
    Value& value = values_[node.outputs[i]];
    value = {};
    if (i <= further_.size())
      value = further_[i - 1];
    else if (result.is_layer()) {
      value.kind = Value::Kind::layer;
      value.index = result.index;
      value.factors = {-1};
    }
    if (i <= further_.size() && value.is_layer())
      other_names_.emplace_back(node.outputs[i], value.index);
  }
}

Value Builder::read_result(const Node& node) {
  bool reads_layer = false, reads_lost = false;
  std::string lost;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    if (!has_input(node, i)) continue;
    const Value value = input(node, i);
    reads_layer = reads_layer || value.is_layer();
    reads_lost = reads_lost || value.kind == Value::Kind::lost;
    if (value.kind == Value::Kind::lost && lost.empty()) lost = value.why;
  }
  const std::string type = qualified(node);
  const auto& table = !reads_layer         ? literal_readers()
                      : node.is_standard() ? readers()
                                           : runtime_readers();
  const auto found = table.find(type);
  if (found == table.end()) refuse(lost);
  if (!reads_layer && reads_lost) refuse(lost);
  return (this->*found->second)(node);
}

// Layers that simplifying must not drop: what the network gives.
std::vector<int> Builder::kept_layers() const {
  std::vector<int> kept;
  for (const std::string_view name : model_.outputs)
    if (const auto found = values_.find(name); found != values_.end() && found->second.is_layer())
      kept.push_back(found->second.index);
  return kept;
}

// The name that a layer did not get: its output's beside its node's, and those of nodes that only
// pass a value on.
void Builder::add_aliases() {
  for (const auto& [name, index] : other_names_)
    if (!name.empty() && network_.graph.find(name) < 0) network_.graph.aliases.emplace(name, index);
}

// Looking things up --------------------------------------------------------------------------

bool Builder::has_input(const Node& node, std::size_t i) const {
  return i < node.inputs.size() && !node.inputs[i].empty();
}

Value Builder::input(const Node& node, std::size_t i) const {
  if (!has_input(node, i)) refuse(fmt::format("without input {}", i + 1));
  const auto found = values_.find(node.inputs[i]);
  if (found == values_.end())
    refuse(fmt::format("of '{}', which no node before it makes", node.inputs[i]));
  return found->second;
}

Value Builder::layer_input(const Node& node, std::size_t i) const {
  Value value = input(node, i);
  if (!value.why.empty()) refuse("with " + value.why);
  if (!value.is_layer() || value.axes.empty()) refuse("of something that is no picture");
  if (value.zeros_before != 0 || value.zeros_after != 0) refuse("of padded channels");
  return value;
}

Value Builder::picture_input(const Node& node, std::size_t i) {
  Value value = layer_input(node, i);
  if (!is_picture(value)) refuse("of a value in another order of axes than NCHW");
  return value;
}

const Literal* Builder::literal_input(const Node& node, std::size_t i) const {
  if (!has_input(node, i)) return nullptr;
  const auto found = values_.find(node.inputs[i]);
  if (found == values_.end()) return nullptr;
  if (!found->second.why.empty()) refuse("with " + found->second.why);
  return found->second.is_literal() ? &found->second.literal : nullptr;
}

std::optional<Attribute> Builder::attribute(const Node& node, std::string_view name) const {
  for (const auto& [given, bytes] : node.attributes)
    if (given == name) return parse_attribute(bytes);
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

std::string Builder::text(const Node& node, std::string_view name, const char* fallback) const {
  const auto found = attribute(node, name);
  return found ? std::string(found->text) : fallback;
}

std::vector<std::int64_t> Builder::integers(const Node& node, std::string_view name) const {
  auto found = attribute(node, name);
  return found ? std::move(found->integers) : std::vector<std::int64_t>{};
}

std::vector<std::int64_t> Builder::integers_or_input(const Node& node, std::string_view name,
                                                     std::size_t i) {
  if (const Literal* literal = literal_input(node, i)) return integers_of(*literal);
  if (has_input(node, i)) refuse(fmt::format("with {} that are computed", name));
  return integers(node, name);
}

std::vector<std::int64_t> Builder::integers_of(const Literal& literal) {
  const auto array = array_of(literal);
  if (!array->is_integer) refuse("with floats in place of integers");
  return array->integers;
}

std::size_t Builder::axis_of(std::int64_t axis, std::size_t rank) const {
  const auto all = static_cast<std::int64_t>(rank);
  if (axis < -all || axis >= all) refuse(fmt::format("along axis {} of {}", axis, rank));
  return static_cast<std::size_t>(axis < 0 ? axis + all : axis);
}

int Builder::pixels(const char* what, std::int64_t value, int least) const {
  constexpr int most = 1 << 16;  // of a kernel, a stride, a padding
  if (value < least || value > most)
    refuse(fmt::format("with {} of {}, expected {}..{}", what, value, least, most));
  return static_cast<int>(value);
}

Weights Builder::weights(const Literal& literal) {
  const void* source = literal.constant != nullptr ? static_cast<const void*>(literal.constant)
                                                   : literal.array.get();
  Weights& loaded = loaded_[{source, literal.extents}];
  if (loaded) return loaded;
  if (literal.extents.size() > Shape::max_rank)
    refuse(fmt::format("with an array of {} axes", literal.extents.size()));
  Shape shape;
  for (const std::int64_t extent : literal.extents) shape.append(extent);
  if (literal.extents.empty()) shape.append(1);
  if (literal.constant != nullptr && literal.constant->extents == literal.extents) {
    loaded = std::make_shared<const Tensor>(floats_of(*literal.constant, file_));
    return loaded;
  }
  const auto array = array_of(literal);
  if (array->size() == 0) refuse("with an empty array");
  room_ -= array->size();
  Tensor tensor = Tensor::uninitialized(shape);
  for (std::int64_t i = 0; i < array->size(); ++i) tensor[i] = static_cast<float>(array->at(i));
  loaded = std::make_shared<const Tensor>(std::move(tensor));
  return loaded;
}

std::int64_t Builder::channels(const Value& value) const {
  return traced_[static_cast<std::size_t>(value.index)].first;
}

Axes Builder::extents(const Value& value) const {
  return extents_of(value, height(value), width(value));
}

// Adding layers ------------------------------------------------------------------------------

Value Builder::add(const Node& node, Op op, const std::vector<Value>& inputs, std::int64_t channels,
                   const std::string& part) {
  constexpr std::int64_t max_channels = 1 << 18;
  if (channels > max_channels) refuse(fmt::format("to {} channels", channels));
  std::vector<int> indices;
  for (const Value& input : inputs) indices.push_back(input.index);

  // The node's name, the output's, or either with a number
  std::string name(node.name.empty() ? node.outputs[0] : node.name);
  if (!part.empty()) {
    name += "/" + part;
  } else if (name.empty() || network_.graph.find(name) >= 0) {
    name = node.outputs[0];
  }
  if (name.empty()) name = node.type.empty() ? "node" : std::string(node.type);
  const std::string base = name;
  for (int n = 2; network_.graph.find(name) >= 0; ++n) name = fmt::format("{}_{}", base, n);
  Value value;
  value.kind = Value::Kind::layer;
  trace(op, inputs, channels);
  value.index = network_.graph.add(name, std::move(op), std::move(indices));
  const bool is_pixel =
      !inputs.empty() && std::all_of(inputs.begin(), inputs.end(),
                                     [](const Value& input) { return input.is_pixel(); });
  set_picture_axes(value, channels, is_pixel);
  return value;
}

Value Builder::add_like(const Node& node, Op op, const Value& data, const std::string& part) {
  Value value = add(node, std::move(op), {data}, channels(data), part);
  value.axes = data.axes;
  value.factors = data.factors;
  return value;
}

void Builder::trace(const Op& op, const std::vector<Value>& inputs, std::int64_t channels) {
  std::int64_t height = inputs.empty() ? -1 : 1, width = height;
  for (const Value& input : inputs) {
    const auto larger = [](std::int64_t a, std::int64_t b) {
      return a < 0 || b < 0 ? -1 : std::max(a, b);
    };
    height = larger(height, this->height(input));
    width = larger(width, this->width(input));
  }
  std::array<std::int64_t, 2> size{height, width};
  if (std::holds_alternative<UnknownLayer>(op)) size = {-1, -1};
  if (size[0] > 0 && size[1] > 0) size = size_after(op, height, width);
  for (std::int64_t& extent : size)
    if (extent < 1 || extent > max_traced) extent = -1;
  traced_.push_back({channels, size});
}

Value Builder::unknown(const Node& node, const std::string& why) {
  std::vector<Value> inputs;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const auto found = values_.find(node.inputs[i]);
    if (has_input(node, i) && found != values_.end() && found->second.is_layer())
      inputs.push_back(found->second);
  }
  std::string type = qualified(node);
  if (!why.empty()) type += (why[0] == ':' ? "" : " ") + why;
  return add(node, UnknownLayer{type}, inputs, -1);
}

}  // namespace onnx

OnnxNetwork read_onnx(std::span<const std::byte> bytes, const std::string& file) {
  return read_onnx(bytes, file,
                   [files = std::make_shared<onnx::FilesBeside>(file)](
                       const std::string& location) { return files->open(location); });
}

OnnxNetwork read_onnx(std::span<const std::byte> bytes, const std::string& file,
                      const OpenOnnxData& open) {
  onnx::Model model = onnx::parse_model(bytes, file);
  const std::uint64_t size = bytes.size() + onnx::find_numbers(model, open, file);
  onnx::inline_functions(model);
  try {
    return onnx::Builder(model, file, size).run();
  } catch (const wire::Malformed& malformed) {
    throw BadModel(fmt::format("'{}' is damaged at byte {} of {}", file,
                               malformed.place - bytes.data(), bytes.size()));
  }
}

}  // namespace reverie
