#include "reverie/model/formats/tensorflow/tensorflow_ops.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "reverie/base/error.h"

namespace reverie::tensorflow {
namespace {

constexpr std::int64_t max_pixels = 1 << 16;  // of a kernel, a stride, a padding
constexpr std::int64_t max_channels = 1 << 24;

[[noreturn]] void fail(const OpSource& source, const std::string& what) {
  throw BadModel(
      fmt::format("'{}': node '{}' ({}): {}", source.file, source.node.name, source.node.op, what));
}

Op unknown(const OpSource& source, const std::string& why) {
  return UnknownLayer{source.node.op + " " + why};
}

int pixels(const OpSource& source, std::int64_t value, std::int64_t least, const char* what) {
  if (value < least || value > max_pixels)
    fail(source, fmt::format("{} is {}, expected {}..{}", what, value, least, max_pixels));
  return static_cast<int>(value);
}

// Whether the node works along the channels where the value that it reads has them.
bool agrees_with_order(const OpSource& source) {
  const std::string_view format = source.node.text("data_format", "NHWC");
  return source.order == (format == "NCHW" ? Order::nchw : Order::nhwc);
}

// Of a list with one number per axis, those of height and width; 1 where there is no list. None
// when the other two are not 1.
std::optional<std::pair<int, int>> spatial(const OpSource& source, const char* key) {
  const Attribute* attribute = source.node.find(key);
  if (attribute == nullptr || attribute->integers.empty()) return std::pair{1, 1};
  const auto& all = attribute->integers;
  if (all.size() != 4) fail(source, fmt::format("{} has {} numbers, expected 4", key, all.size()));
  const bool channels_first = source.order == Order::nchw;
  if (all[0] != 1 || all[channels_first ? 1 : 3] != 1) return std::nullopt;
  const std::size_t h = channels_first ? 2 : 1;
  return std::pair{pixels(source, all[h], 1, key), pixels(source, all[h + 1], 1, key)};
}

// Four pairs, before and after each axis, as a padding of height and width.
std::optional<Padding> to_padding(const OpSource& source, const std::vector<std::int64_t>& pairs) {
  if (pairs.size() != 8) return std::nullopt;
  const std::size_t h = source.order == Order::nchw ? 4 : 2;
  for (std::size_t i = 0; i < 8; ++i)
    if (pairs[i] != 0 && (i < h || i >= h + 4)) return std::nullopt;
  Padding padding;
  padding.top = pixels(source, pairs[h], 0, "padding");
  padding.bottom = pixels(source, pairs[h + 1], 0, "padding");
  padding.left = pixels(source, pairs[h + 2], 0, "padding");
  padding.right = pixels(source, pairs[h + 3], 0, "padding");
  return padding;
}

// Stride, dilation and padding; the kernel is the caller's. None, with a reason, when it cannot
// run.
std::optional<Window> read_window(const OpSource& source, std::string& reason) {
  Window window;
  const auto strides = spatial(source, "strides"), dilations = spatial(source, "dilations");
  if (!strides || !dilations) {
    reason = "over other axes than height and width";
    return std::nullopt;
  }
  std::tie(window.stride_h, window.stride_w) = *strides;
  std::tie(window.dilation_h, window.dilation_w) = *dilations;
  const std::string_view padding = source.node.text("padding", "");
  if (padding == "SAME") {
    window.padding.rule = Padding::Rule::same;
  } else if (padding == "EXPLICIT") {
    const Attribute* pairs = source.node.find("explicit_paddings");
    const auto given =
        to_padding(source, pairs == nullptr ? std::vector<std::int64_t>{} : pairs->integers);
    if (!given) {
      reason = "padded along other axes than height and width";
      return std::nullopt;
    }
    window.padding = *given;
  } else if (padding != "VALID") {
    fail(source, padding.empty() || padding[0] < 'A' || padding.size() > 20
                     ? "padding is not SAME, VALID or EXPLICIT"
                     : fmt::format("padding is '{}', expected SAME, VALID or EXPLICIT",
                                   padding.substr(0, padding.find_first_of("\n\r"))));
  }
  return window;
}

const Constant* constant_at(const OpSource& source, std::size_t index) {
  return index < source.inputs.size() ? source.inputs[index].constant.get() : nullptr;
}

std::string extents_of(const Constant& constant) {
  return fmt::format("[{}]", fmt::join(constant.extents, ","));
}

}  // namespace

Op make_convolution(const OpSource& source, WeightLoader& loader) {
  const bool depthwise = source.node.op == "DepthwiseConv2dNative";
  const Constant* filter = constant_at(source, 1);
  if (filter == nullptr) return unknown(source, "with a filter that is not a constant");
  if (!agrees_with_order(source)) return unknown(source, "along another axis than the channels");
  std::string reason;
  const std::optional<Window> window = read_window(source, reason);
  if (!window) return unknown(source, reason);

  // ToneMatch the filter against what it reads
  const auto& e = filter->extents;
  if (e.size() != 4 || std::any_of(e.begin(), e.end(), [](std::int64_t extent) {
        return extent < 1 || extent > max_channels;
      }))
    fail(source,
         fmt::format("its filter is {}, expected [height,width,in,out]", extents_of(*filter)));
  const std::int64_t channels = source.channels < 0 ? e[2] : source.channels;
  if (channels % e[2] != 0 || (depthwise && channels != e[2]))
    fail(source,
         fmt::format("its filter {} does not fit {} channels", extents_of(*filter), channels));
  Convolution conv;
  conv.window = *window;
  conv.window.kernel_h = pixels(source, e[0], 1, "kernel height");
  conv.window.kernel_w = pixels(source, e[1], 1, "kernel width");
  conv.groups = static_cast<int>(depthwise ? channels : channels / e[2]);
  if (!depthwise && e[3] % conv.groups != 0)
    fail(source, fmt::format("{} groups do not divide {} channels", conv.groups, e[3]));
  conv.weights = depthwise ? loader.depthwise(*filter) : loader.convolution(*filter);
  return conv;
}

Op make_pool(const OpSource& source) {
  if (!agrees_with_order(source)) return unknown(source, "along another axis than the channels");
  std::string reason;
  const std::optional<Window> window = read_window(source, reason);
  const auto kernel = spatial(source, "ksize");
  if (!window || !kernel) return unknown(source, window ? "over channels" : reason);
  Pool pool;
  pool.kind = source.node.op == "MaxPool" ? Pool::Kind::max : Pool::Kind::average;
  pool.window = *window;
  std::tie(pool.window.kernel_h, pool.window.kernel_w) = *kernel;
  pool.count_padding = false;
  const Padding& padding = pool.window.padding;
  if (std::max(padding.top, padding.bottom) >= pool.window.kernel_h ||
      std::max(padding.left, padding.right) >= pool.window.kernel_w)
    fail(source, "its padding is not less than its kernel");
  return pool;
}

Op make_lrn(const OpSource& source) {
  if (source.order != Order::nhwc) return unknown(source, "along another axis than the channels");
  const std::int64_t radius = source.node.integer("depth_radius", 5);
  Lrn lrn;
  lrn.size = 2 * pixels(source, radius, 0, "depth_radius") + 1;
  lrn.alpha = source.node.real("alpha", 1);
  lrn.beta = source.node.real("beta", 0.5f);
  lrn.k = source.node.real("bias", 1);
  return lrn;
}

Op make_batch_norm(const OpSource& source) {
  const bool is_old = source.node.op == "BatchNormWithGlobalNormalization";
  const char* epsilon_key = is_old ? "variance_epsilon" : "epsilon";
  if (!is_old && !agrees_with_order(source))
    return unknown(source, "along another axis than the channels");
  if (is_old && source.order != Order::nhwc)
    return unknown(source, "along another axis than the channels");

  // x, mean, variance, beta, gamma; or x, gamma, beta, mean, variance
  std::vector<std::vector<double>> numbers;
  for (std::size_t i = 1; i < 5; ++i) {
    const Constant* constant = constant_at(source, i);
    if (constant == nullptr) return unknown(source, "with statistics that are not constants");
    if (constant->count() == 0) return unknown(source, "over the batch");
    if (source.channels < 0) return unknown(source, "above a layer that is not known");
    if (constant->count() != source.channels)
      fail(source, fmt::format("{} numbers for {} channels", constant->count(), source.channels));
    numbers.push_back(constant->numbers());
  }
  const auto& [mean, variance, beta, gamma] =
      is_old ? std::tie(numbers[0], numbers[1], numbers[2], numbers[3])
             : std::tie(numbers[2], numbers[3], numbers[1], numbers[0]);
  const double epsilon = source.node.real(epsilon_key, 1e-4f);
  const bool use_gamma = !is_old || source.node.integer("scale_after_normalization", 1) != 0;
  std::vector<double> scale, shift;
  for (std::size_t c = 0; c < mean.size(); ++c) {
    const double spread = variance[c] + epsilon;
    if (!(spread > 0))
      fail(source,
           fmt::format("channel {} has variance {} with epsilon {}, expected a positive sum", c,
                       variance[c], epsilon));
    scale.push_back((use_gamma ? gamma[c] : 1) / std::sqrt(spread));
    shift.push_back(beta[c] - mean[c] * scale[c]);
  }
  return make_affine(scale, shift);
}

std::optional<Padding> read_padding(const OpSource& source) {
  const Constant* pairs = constant_at(source, 1);
  if (pairs == nullptr || pairs->count() != 8 || is_flat(source.order)) return std::nullopt;
  if (const Constant* filling = constant_at(source, 2); source.node.op == "PadV2")
    if (filling == nullptr || filling->count() != 1 || filling->numbers()[0] != 0)
      return std::nullopt;
  std::vector<std::int64_t> whole;
  for (const double number : pairs->numbers()) whole.push_back(static_cast<std::int64_t>(number));
  return to_padding(source, whole);
}

Op make_affine(const std::vector<double>& scale, const std::vector<double>& shift) {
  const auto to_weights = [](const std::vector<double>& values) {
    Tensor tensor = Tensor::uninitialized({static_cast<std::int64_t>(values.size())});
    std::transform(values.begin(), values.end(), tensor.data(),
                   [](double value) { return static_cast<float>(value); });
    return std::make_shared<const Tensor>(std::move(tensor));
  };
  return Affine{to_weights(scale), to_weights(shift)};
}

std::optional<std::vector<double>> per_channel(const Constant& constant, std::int64_t channels,
                                               Order order, bool single) {
  if (channels < 1) return std::nullopt;
  if (constant.count() == 1)
    return std::vector<double>(static_cast<std::size_t>(channels), constant.numbers()[0]);
  if (constant.count() != channels || (is_flat(order) && !single)) return std::nullopt;

  // Where the shape has its channels, counted from the last axis
  const auto last = std::find_if(constant.extents.rbegin(), constant.extents.rend(),
                                 [](std::int64_t extent) { return extent != 1; });
  const auto axis = last - constant.extents.rbegin();
  const bool fits = single ? axis == 0 || axis == 2 : axis == (order == Order::nchw ? 2 : 0);
  if (!fits) return std::nullopt;
  return constant.numbers();
}

}  // namespace reverie::tensorflow
