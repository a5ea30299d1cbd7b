// builder_inputs.cpp: the picture that a network reads.
#include <fmt/format.h>

#include <algorithm>

#include "reverie/base/error.h"
#include "reverie/model/formats/onnx/onnx_builder.h"

namespace reverie::onnx {

// The first input that is no parameter is the picture; older files list the parameters too.
void Builder::add_inputs() {
  for (const ValueInfo& info : model_.inputs) {
    if (values_.contains(info.name)) continue;
    if (traced_.empty()) {
      values_[info.name] = add_picture(info);
      continue;
    }
    Value value;
    value.kind = Value::Kind::layer;
    value.index = network_.graph.add(std::string(info.name), UnknownLayer{"second input"}, {});
    traced_.push_back({-1, {-1, -1}});
    set_picture_axes(value, -1, false);
    values_[info.name] = value;
  }
  if (traced_.empty()) throw BadModel(fmt::format("'{}' has no input", file_));
}

Value Builder::add_picture(const ValueInfo& info) {
  const std::string name(info.name);
  Axes extents = info.extents;
  if (!info.has_shape) extents = {-1, -1, -1, -1};
  if (extents.size() != 4 && extents.size() != 3)
    throw Unsupported(fmt::format("'{}': input '{}' has {} axes; Reverie reads pictures, with 4",
                                  file_, name, extents.size()));
  if (extents.size() == 3) extents.insert(extents.begin(), 1);

  // Channels are second, or last as in TensorFlow's networks
  const auto is_color = [](std::int64_t count) { return count == 3 || count == 1; };
  const bool is_last = !is_color(extents[1]) && is_color(extents[3]);
  std::int64_t count = extents[is_last ? 3 : 1];
  if (count < 1) count = channels_that_readers_expect(info.name);
  if (!is_color(count))
    throw Unsupported(
        fmt::format("'{}': input '{}' has {} channels; Reverie dreams in colour and needs 3, or 1 "
                    "for a network of grey pictures",
                    file_, name, count));
  network_.channels_last = is_last;
  network_.is_bytes = info.type == DataType::u8;
  const auto traced = [](std::int64_t extent, std::int64_t fallback) {
    return extent < 1 || extent > max_traced ? fallback : extent;
  };
  size_ = {traced(extents[0], 1), traced(extents[is_last ? 1 : 2], 224),
           traced(extents[is_last ? 2 : 3], 224)};

  Value value;
  value.kind = Value::Kind::layer;
  value.positive = network_.is_bytes;
  value.index = network_.graph.add(name, Input{3}, {});
  traced_.push_back({3, {size_.height, size_.width}});
  if (count == 1) {
    // Grey as television weighs the colours
    Convolution grey;
    Tensor weights({1, 3, 1, 1});
    std::copy_n(std::array{0.299f, 0.587f, 0.114f}.begin(), 3, weights.data());
    grey.weights = std::make_shared<const Tensor>(std::move(weights));
    value.index = network_.graph.add(name + "/grey", std::move(grey), {value.index});
    traced_.push_back({1, {size_.height, size_.width}});
    network_.is_grey = true;
  }
  set_picture_axes(value, count, false);
  if (is_last) value.axes = {{}, {height_part}, {width_part}, channel_axis(value)};
  if (info.extents.size() == 3) value.axes.erase(value.axes.begin());
  return value;
}

// A dynamic number of channels is that of the first convolution that reads the input.
std::int64_t Builder::channels_that_readers_expect(std::string_view input) const {
  for (const Node& node : model_.nodes) {
    if (node.type != "Conv" || node.inputs.size() < 2 || node.inputs[0] != input) continue;
    const auto found = values_.find(node.inputs[1]);
    if (found == values_.end() || found->second.literal.extents.size() != 4) continue;
    if (found->second.literal.extents[1] == 1) return 1;
  }
  return 3;
}

}  // namespace reverie::onnx
