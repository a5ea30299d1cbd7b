// Keras' layers that look at an area of their input, or change its size.
#include <fmt/format.h>

#include <algorithm>

#include "reverie/model/formats/keras/keras_builder.h"
#include "reverie/model/formats/layout_conversion.h"

namespace reverie::keras {

// Convolutions ------------------------------------------------------------------------------------

Builder::Value Builder::make_convolution() {
  Value from = input();
  const std::int64_t in = from.layer < 0 ? -1 : channels(from);
  if (in < 0 || from.flat) return unknown();
  const std::int64_t out = whole(needed("filters"), 1, max_channels, "filters");
  const std::int64_t groups =
      setting("groups") == nullptr ? 1 : whole(*setting("groups"), 1, max_channels, "groups");
  if (in % groups != 0 || out % groups != 0)
    fail(fmt::format("{} groups do not divide {} and {} channels", groups, in, out));
  const bool use_bias = flag("use_bias", true);
  const LayerWeights found = arrays({Role::kernel}, use_bias);
  Convolution conv;
  conv.window = window("kernel_size", false);
  conv.groups = static_cast<int>(groups);
  const std::int64_t h = conv.window.kernel_h, w = conv.window.kernel_w, part = in / groups;
  conv.weights = from_channels_last(found.read(Role::kernel, {h, w, part, out}), h, w, part, out);
  if (use_bias) conv.bias = row(found, Role::bias, out);
  fold_padding(graph_, conv, from.layer);
  return add_activated(std::move(conv), from);
}

// Its SAME gives stride times the cells, its VALID never fewer than these.
Builder::Value Builder::make_transposed_convolution() {
  const Value from = input();
  if (!is_picture(from) || setting("output_padding") != nullptr) return unknown();
  const std::int64_t in = channels(from);
  const std::int64_t out = whole(needed("filters"), 1, max_channels, "filters");
  const bool use_bias = flag("use_bias", true);
  const LayerWeights found = arrays({Role::kernel}, use_bias);
  TransposedConvolution conv;
  Window w = window("kernel_size", false);
  const bool same = w.padding.rule == Padding::Rule::same;
  w.padding = {};
  const auto fit = [same](int kernel, int dilation, int stride, int& before, int& after,
                          int& more) {
    const int excess = (kernel - 1) * dilation + 1 - stride;
    more = std::max(-excess, 0);
    if (!same || excess < 0) return;
    before = excess / 2;
    after = excess - before;
  };
  fit(w.kernel_h, w.dilation_h, w.stride_h, w.padding.top, w.padding.bottom, conv.output_padding_h);
  fit(w.kernel_w, w.dilation_w, w.stride_w, w.padding.left, w.padding.right, conv.output_padding_w);
  conv.window = w;
  conv.weights = from_channels_last(found.read(Role::kernel, {w.kernel_h, w.kernel_w, out, in}),
                                    w.kernel_h, w.kernel_w, out, in);
  if (use_bias) conv.bias = row(found, Role::bias, out);
  return add_activated(std::move(conv), from);
}

Convolution Builder::depthwise(const LayerWeights& found, std::int64_t in) const {
  const std::int64_t times =
      setting("depth_multiplier") == nullptr
          ? 1
          : whole(*setting("depth_multiplier"), 1, max_channels / in, "depth_multiplier");
  Convolution conv;
  conv.window = window("kernel_size", false);
  conv.groups = static_cast<int>(in);
  const std::int64_t h = conv.window.kernel_h, w = conv.window.kernel_w;
  conv.weights = from_depthwise(found.read(Role::depthwise, {h, w, in, times}), h, w, in * times);
  return conv;
}

Builder::Value Builder::make_depthwise() {
  Value from = input();
  if (!is_picture(from)) return unknown();
  const bool use_bias = flag("use_bias", true);
  const LayerWeights found = arrays({Role::depthwise}, use_bias);
  Convolution conv = depthwise(found, channels(from));
  if (use_bias) conv.bias = row(found, Role::bias, conv.out_channels());
  fold_padding(graph_, conv, from.layer);
  return add_activated(std::move(conv), from);
}

// A depthwise convolution, NAME/depthwise, and a 1x1 one.
Builder::Value Builder::make_separable() {
  Value from = input();
  if (!is_picture(from)) return unknown();
  const bool use_bias = flag("use_bias", true);
  const LayerWeights found = arrays({Role::depthwise, Role::pointwise}, use_bias);
  Convolution first = depthwise(found, channels(from));
  const std::int64_t between = first.out_channels();
  fold_padding(graph_, first, from.layer);
  const Value deep = add(spec_->name + "/depthwise", std::move(first), {from});
  const std::int64_t out = whole(needed("filters"), 1, max_channels, "filters");
  Convolution second;
  second.weights =
      from_channels_last(found.read(Role::pointwise, {1, 1, between, out}), 1, 1, between, out);
  if (use_bias) second.bias = row(found, Role::bias, out);
  return add_activated(std::move(second), deep);
}

// Pools -------------------------------------------------------------------------------------------

Builder::Value Builder::make_pool() {
  Value from = input();
  if (from.layer < 0 || from.flat) return unknown();
  Pool pool;
  pool.kind = spec_->type == "MaxPooling2D" ? Pool::Kind::max : Pool::Kind::average;
  pool.window = window("pool_size", true);
  pool.count_padding = false;
  fold_padding(graph_, pool, from.layer);
  return add(spec_->name, pool, {from});
}

Builder::Value Builder::make_global_pool() {
  if (input().flat) return unknown();
  Pool pool;
  pool.kind = spec_->type == "GlobalMaxPooling2D" ? Pool::Kind::max : Pool::Kind::average;
  pool.global = true;
  Value value = add(spec_->name, pool, {input()});
  value.single = true;
  return value;
}

// keras.ops.mean, tf.reduce_mean.
Builder::Value Builder::make_mean() {
  const Json* axis = setting("axis");
  if (axis == nullptr || (*axis != Json{1, 2} && *axis != Json{-3, -2}))
    return unknown("over other axes than height and width");
  return make_global_pool();
}

// Sizes -------------------------------------------------------------------------------------------

Builder::Value Builder::make_zero_padding() {
  const Value from = input();
  if (from.layer < 0 || channels(from) < 1 || from.flat) return unknown();
  const std::vector<int> all = sides("padding");
  return add(spec_->name,
             zero_padding(channels(from), {Padding::Rule::given, all[0], all[2], all[1], all[3]}),
             {from});
}

// A depthwise convolution whose kernel has its only 1 where the picture begins.
Builder::Value Builder::make_cropping() {
  constexpr int max_kernel = 32;
  const Value from = input();
  if (!is_picture(from)) return unknown();
  const std::vector<int> all = sides("cropping");
  const int height = all[0] + all[1] + 1, width = all[2] + all[3] + 1;
  if (std::max(height, width) > max_kernel) return unknown("of many pixels");
  const std::int64_t count = channels(from);
  Convolution conv;
  conv.window.kernel_h = height;
  conv.window.kernel_w = width;
  conv.groups = static_cast<int>(count);
  Tensor kernel({count, 1, height, width});
  for (std::int64_t c = 0; c < count; ++c) kernel[(c * height + all[0]) * width + all[2]] = 1;
  conv.weights = std::make_shared<const Tensor>(std::move(kernel));
  return add(spec_->name, std::move(conv), {from});
}

Builder::Value Builder::make_upsampling() {
  const Value from = input();
  const auto [height, width] = pair("size", 2);
  const std::string method = text("interpolation", "nearest");
  if (from.layer < 0 || from.flat || (method != "nearest" && method != "bilinear"))
    return unknown(method);
  Resize resize;
  resize.scale_h = static_cast<float>(height);
  resize.scale_w = static_cast<float>(width);
  resize.method = method == "nearest" ? Resize::Method::nearest : Resize::Method::linear;
  if (method == "nearest") {  // whole cells repeated
    resize.coordinates = Resize::Coordinates::asymmetric;
    resize.rounding = Resize::Rounding::down;
  }
  return add(spec_->name, resize, {from});
}

// Of the picture itself: dreams choose their own size.
Builder::Value Builder::make_resizing() {
  if (input().layer != 0) return unknown("of a value inside");
  return make_same();
}

}  // namespace reverie::keras
