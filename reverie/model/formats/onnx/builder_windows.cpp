// builder_windows.cpp: nodes that slide a window, and those that change height and width. Source:
// the operators' pages of ONNX's documentation.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reverie/model/formats/onnx/onnx_builder.h"

namespace reverie::onnx {
namespace {

bool is_pair(const std::vector<std::int64_t>& list) { return list.size() == 2; }

}  // namespace

Window Builder::window(const Node& node, std::int64_t kernel_h, std::int64_t kernel_w) {
  Window window;
  window.kernel_h = pixels("a kernel", kernel_h, 1);
  window.kernel_w = pixels("a kernel", kernel_w, 1);
  if (const auto strides = integers(node, "strides"); !strides.empty()) {
    if (!is_pair(strides)) refuse("with strides that are not two");
    window.stride_h = pixels("a stride", strides[0], 1);
    window.stride_w = pixels("a stride", strides[1], 1);
  }
  if (const auto dilations = integers(node, "dilations"); !dilations.empty()) {
    if (!is_pair(dilations)) refuse("with dilations that are not two");
    window.dilation_h = pixels("a dilation", dilations[0], 1);
    window.dilation_w = pixels("a dilation", dilations[1], 1);
  }
  const std::string rule = text(node, "auto_pad", "NOTSET");
  if (rule == "SAME_UPPER") {
    window.padding.rule = Padding::Rule::same;
    return window;
  }
  if (rule == "SAME_LOWER") {
    // The odd pixel comes first; where it falls depends on the size unless the stride is 1
    if (window.stride_h != 1 || window.stride_w != 1)
      refuse("with auto_pad SAME_LOWER and a stride");
    const int down = window.dilation_h * (window.kernel_h - 1),
              across = window.dilation_w * (window.kernel_w - 1);
    window.padding = {Padding::Rule::given, down - down / 2, across - across / 2, down / 2,
                      across / 2};
    return window;
  }
  if (const auto given = integers(node, "pads"); !given.empty() && rule != "VALID") {
    if (given.size() != 4) refuse("with pads that are not four");
    window.padding = {Padding::Rule::given, pixels("a pad", given[0], 0),
                      pixels("a pad", given[1], 0), pixels("a pad", given[2], 0),
                      pixels("a pad", given[3], 0)};
  }
  return window;
}

Value Builder::without_pad(const Value& data, Window& window) {
  const Layer& before = network_.graph.layers[static_cast<std::size_t>(data.index)];
  const auto* pad = std::get_if<Pad>(&before.op);
  if (pad == nullptr || pad->mode != Pad::Mode::zero || window.padding.rule != Padding::Rule::given)
    return data;
  window.padding.top += pad->top;
  window.padding.left += pad->left;
  window.padding.bottom += pad->bottom;
  window.padding.right += pad->right;
  folded_.push_back(data.index);
  Value value = data;
  value.index = before.inputs[0];
  return value;
}

Value Builder::add_convolution(const Node& node, const Value& data, Convolution conv) {
  const Shape& shape = conv.weights->shape();
  if (shape[0] % conv.groups != 0)
    refuse(fmt::format("of weights {} in {} groups", shape.to_string(), conv.groups));
  if (channels(data) >= 0 && shape[1] * conv.groups != channels(data))
    refuse(fmt::format("of weights {} in {} groups for {} channels", shape.to_string(), conv.groups,
                       channels(data)));
  if (conv.bias && conv.bias->size() != shape[0])
    refuse(fmt::format("of {} biases for {} channels", conv.bias->size(), shape[0]));
  const bool keeps_size = conv.window == Window{};
  const Value from = without_pad(data, conv.window);
  Value value = add(node, std::move(conv), {from}, shape[0]);
  // What is one pixel stays so under a window of one
  if (data.is_pixel() && !keeps_size) set_picture_axes(value, channels(value), false);
  return value;
}

Value Builder::convolution(const Node& node) {
  const Literal* kernel = literal_input(node, 1);
  const Literal* bias = literal_input(node, 2);
  if (kernel == nullptr || (has_input(node, 2) && bias == nullptr)) refuse("with computed weights");
  if (kernel->extents.size() != 4) {
    // A window over neighbouring channels, one after the other: ECA's
    if (kernel->extents.size() == 3) return channel_convolution(node, *kernel);
    refuse(fmt::format("of {} axes", kernel->extents.size()));
  }
  const Value data = picture_input(node, 0);
  Convolution conv;
  conv.weights = weights(*kernel);
  if (bias != nullptr) conv.bias = weights(*bias);
  conv.groups = pixels("a group", integer(node, "group", 1), 1);
  const Shape& shape = conv.weights->shape();
  if (const auto stated = integers(node, "kernel_shape");
      !stated.empty() && (!is_pair(stated) || stated[0] != shape[2] || stated[1] != shape[3]))
    refuse(
        fmt::format("with a kernel_shape that is not that of its weights {}", shape.to_string()));
  conv.window = window(node, shape[2], shape[3]);
  return add_convolution(node, data, std::move(conv));
}

// [N, 1, C] of one pixel: a 1x1 convolution whose weights are a band.
Value Builder::channel_convolution(const Node& node, const Literal& kernel) {
  const Value data = layer_input(node, 0);
  const std::int64_t count = channels(data), size = kernel.extents[2];
  const auto pads = integers(node, "pads");
  const auto strides = integers(node, "strides"), dilations = integers(node, "dilations");
  const bool is_row_of_channels = data.is_pixel() && data.axes.size() == 3 && count > 1 &&
                                  data.axes[0].empty() && data.axes[1].empty() &&
                                  is_channel_axis(data, data.axes[2]);
  const bool is_plain = (strides.empty() || strides[0] == 1) &&
                        (dilations.empty() || dilations[0] == 1) && pads.size() == 2 &&
                        pads[0] >= 0 && pads[1] >= 0 && pads[0] + pads[1] == size - 1;
  if (!is_row_of_channels || !is_plain || kernel.extents[0] != 1 || kernel.extents[1] != 1)
    refuse("of 3 axes");
  const Weights taps = weights(kernel);
  Convolution conv;
  conv.weights =
      band(count, std::vector<float>(taps->data(), taps->data() + taps->size()), pads[0]);
  if (const Literal* bias = literal_input(node, 2)) {
    Tensor all({count});
    std::fill_n(all.data(), count, (*weights(*bias))[0]);
    conv.bias = std::make_shared<const Tensor>(std::move(all));
  }
  Value value = add(node, std::move(conv), {data}, count);
  value.axes = data.axes;
  return value;
}

Weights Builder::band(std::int64_t channels, const std::vector<float>& taps, std::int64_t before) {
  if (channels > 4096) refuse(fmt::format("across {} channels", channels));
  room_ -= channels * channels;
  Tensor all({channels, channels, 1, 1});
  std::fill_n(all.data(), channels * channels, 0.f);
  for (std::int64_t out = 0; out < channels; ++out)
    for (std::size_t tap = 0; tap < taps.size(); ++tap) {
      const std::int64_t in = out + static_cast<std::int64_t>(tap) - before;
      if (in >= 0 && in < channels) all[out * channels + in] = taps[tap];
    }
  return std::make_shared<const Tensor>(std::move(all));
}

Value Builder::transposed_convolution(const Node& node) {
  const Value data = picture_input(node, 0);
  const Literal* kernel = literal_input(node, 1);
  const Literal* bias = literal_input(node, 2);
  if (kernel == nullptr || (has_input(node, 2) && bias == nullptr)) refuse("with computed weights");
  if (kernel->extents.size() != 4) refuse(fmt::format("of {} axes", kernel->extents.size()));
  TransposedConvolution conv;
  conv.weights = weights(*kernel);
  if (bias != nullptr) conv.bias = weights(*bias);
  conv.groups = pixels("a group", integer(node, "group", 1), 1);
  const Shape& shape = conv.weights->shape();
  if (channels(data) != shape[0] || shape[0] % conv.groups != 0)
    refuse(fmt::format("of weights {} in {} groups for {} channels", shape.to_string(), conv.groups,
                       channels(data)));
  if (conv.bias && conv.bias->size() != shape[1] * conv.groups)
    refuse(fmt::format("of {} biases for {} channels", conv.bias->size(), shape[1] * conv.groups));
  const auto more = integers(node, "output_padding");
  if (is_pair(more)) {
    conv.output_padding_h = pixels("an output padding", more[0], 0);
    conv.output_padding_w = pixels("an output padding", more[1], 0);
  }

  // The output is `stride` times as large, or as it says: then the padding follows from it
  const std::string rule = text(node, "auto_pad", "NOTSET");
  conv.window = window(node, shape[2], shape[3]);
  Window& w = conv.window;
  const auto stated = integers(node, "output_shape");
  const bool is_same = rule == "SAME_UPPER" || rule == "SAME_LOWER";
  if (is_same || stated.size() >= 2) {
    const auto total = [&](int stride, int taps, int dilation, int more_cells, std::int64_t from,
                           std::int64_t to) {
      const std::int64_t without = (from - 1) * stride + (taps - 1) * dilation + 1 + more_cells;
      return pixels("a pad", without - to, 0);
    };
    const std::int64_t rows = is_same ? 8 : height(data), columns = is_same ? 8 : width(data);
    if (rows < 1 || columns < 1) refuse("with an output_shape");
    const int down = total(w.stride_h, w.kernel_h, w.dilation_h, conv.output_padding_h, rows,
                           is_same ? rows * w.stride_h : stated[stated.size() - 2]);
    const int across = total(w.stride_w, w.kernel_w, w.dilation_w, conv.output_padding_w, columns,
                             is_same ? columns * w.stride_w : stated[stated.size() - 1]);
    // The odd cell is cut at the end, or for SAME_LOWER and without a rule at the beginning
    const bool first_less = rule == "SAME_UPPER";
    w.padding = {Padding::Rule::given, first_less ? down / 2 : down - down / 2,
                 first_less ? across / 2 : across - across / 2,
                 first_less ? down - down / 2 : down / 2,
                 first_less ? across - across / 2 : across / 2};
  }
  const std::int64_t out = shape[1] * conv.groups;
  Value value = add(node, std::move(conv), {data}, out);
  set_picture_axes(value, out, false);
  return value;
}

Value Builder::pool(const Node& node) {
  const auto kernel = integers(node, "kernel_shape");
  if (kernel.size() == 3) return channel_pool(node, kernel);
  const Value data = picture_input(node, 0);
  Pool pool;
  pool.kind = node.type == "MaxPool" ? Pool::Kind::max : Pool::Kind::average;
  if (!is_pair(kernel)) refuse(fmt::format("of {} axes", kernel.size() + 2));
  pool.window = window(node, kernel[0], kernel[1]);
  const bool counts = integer(node, "count_include_pad", 0) != 0;
  pool.count_padding = counts;
  if (integer(node, "ceil_mode", 0) != 0) {
    if (pool.window.stride_h > pool.window.kernel_h || pool.window.stride_w > pool.window.kernel_w)
      refuse("with ceil_mode and a stride wider than its window");
    pool.rounding = Pool::Rounding::up;
  }

  // Zeros of a Pad count in every average, and win a maximum over what is below them
  const bool has_own = pool.window.padding != Padding{};
  const bool is_max = pool.kind == Pool::Kind::max;
  Value from = data;
  if (pool.rounding == Pool::Rounding::down && (is_max ? data.positive : !has_own || counts))
    from = without_pad(data, pool.window);
  if (from.index != data.index) pool.count_padding = true;
  const bool keeps_size = pool.window == Window{};
  Value value = add(node, pool, {from}, channels(data));
  value.positive = data.positive;
  if (data.is_pixel() && !keeps_size) set_picture_axes(value, channels(value), false);
  return value;
}

// An average over neighbouring channels, as PyTorch writes local response normalization: over
// [N, 1, C, H, W], with zeros before and after the channels.
Value Builder::channel_pool(const Node& node, const std::vector<std::int64_t>& kernel) {
  Value data = input(node, 0);
  const auto strides = integers(node, "strides");
  const auto pads = integers(node, "pads");
  const bool is_over_channels =
      data.axes.size() == 5 && data.axes[0].empty() && data.axes[1].empty() &&
      is_channel_axis(data, data.axes[2]) && kernel[1] == 1 && kernel[2] == 1 && kernel[0] >= 1 &&
      std::all_of(strides.begin(), strides.end(), [](std::int64_t s) { return s == 1; }) &&
      integer(node, "ceil_mode", 0) == 0 && node.type == "AveragePool";
  if (!is_over_channels) refuse("of 5 axes");
  std::int64_t before = data.zeros_before, after = data.zeros_after;
  if (pads.size() == 6 && pads[0] > 0) {
    if (integer(node, "count_include_pad", 0) == 0 || pads[1] != 0 || pads[2] != 0 || before != 0)
      refuse("of 5 axes");
    before = pads[0];
    after = pads[3];
  }
  if (before < 0 || before + after != kernel[0] - 1 || kernel[0] > 4096)
    refuse("that leaves out channels");
  Convolution conv;
  const auto size = static_cast<std::size_t>(kernel[0]);
  data.zeros_before = data.zeros_after = 0;
  conv.weights =
      band(channels(data), std::vector<float>(size, 1 / static_cast<float>(size)), before);
  Value value = add_like(node, std::move(conv), data);
  value.positive = data.positive;
  return value;
}

Value Builder::global_pool(const Node& node) {
  const Value data = picture_input(node, 0);
  Pool pool;
  pool.kind = node.type == "GlobalMaxPool" ? Pool::Kind::max : Pool::Kind::average;
  pool.global = true;
  Value value = add(node, pool, {data}, channels(data));
  set_picture_axes(value, channels(data), true);
  value.positive = data.positive;
  return value;
}

}  // namespace reverie::onnx
