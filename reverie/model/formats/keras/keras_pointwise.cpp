// Keras' layers that work on each number by itself, or over the channels.
#include <fmt/format.h>

#include <cmath>

#include "reverie/model/formats/keras/keras_builder.h"

namespace reverie::keras {

using Function = Activation::Function;

// Activations -------------------------------------------------------------------------------------

// Source: keras/src/activations/activations.py.
std::optional<Op> Builder::activation_of(const std::string& what) const {
  static const std::map<std::string, Activation> functions{
      {"sigmoid", {Function::sigmoid}},
      {"tanh", {Function::tanh}},
      {"silu", {Function::silu, 1}},
      {"swish", {Function::silu, 1}},
      {"hard_silu", {Function::hard_swish}},
      {"hard_swish", {Function::hard_swish}},
      {"hard_tanh", {Function::clip, -1, 1}},
      {"gelu", {Function::gelu}},
      {"elu", {Function::elu, 1, 1}},
      {"celu", {Function::elu, 1, 1}},
      {"selu", {Function::elu, 1.67326324f, 1.05070098f}},
      {"softplus", {Function::softplus}},
      {"softsign", {Function::softsign}},
      {"mish", {Function::mish}},
      {"exponential", {Function::exp}},
      {"abs", {Function::absolute}}};
  if (what == "relu") return Relu{};
  if (what == "relu6") return Relu{0, 6};
  if (what == "leaky_relu") return Relu{0.2f};
  if (what == "softmax") return Softmax{};
  // Keras 3 changed its slope
  if (what == "hard_sigmoid")
    return Activation{Function::hard_sigmoid, version_ >= 3 ? 1 / 6.f : 0.2f, 0.5f};
  const auto found = functions.find(what);
  if (found == functions.end()) return std::nullopt;
  return found->second;
}

Builder::Value Builder::make_activation() {
  const std::string what = text("activation", "linear");
  if (what == "linear") return make_same();
  if (what == "softmax") return make_softmax();
  const std::optional<Op> op = activation_of(what);
  const Value from = input();
  if (!op || from.layer < 0) return unknown(what);
  return add(spec_->name, *op, {from});
}

Builder::Value Builder::make_relu() {
  Relu relu;
  relu.negative_slope =
      static_cast<float>(spec_->type == "LeakyReLU" ? real("alpha", real("negative_slope", 0.3))
                                                    : real("negative_slope", 0));
  relu.ceiling = static_cast<float>(real("max_value", relu.ceiling));
  if (real("threshold", 0) != 0) return unknown("with a threshold");
  return add(spec_->name, relu, {input()});
}

Builder::Value Builder::make_elu() {
  return add(spec_->name, Activation{Function::elu, static_cast<float>(real("alpha", 1)), 1},
             {input()});
}

// Its slopes are an array as large as the value, with 1 along the axes that share them.
Builder::Value Builder::make_prelu() {
  const Value from = input();
  if (!is_picture(from)) return unknown();
  const LayerWeights found = arrays({Role::slope});
  const Extents extents = found.extents(Role::slope);
  const std::int64_t count = channels(from);
  const Extents per_channel{1, 1, count}, one{1, 1, 1};
  if (extents != per_channel && extents != one) return unknown("with a slope for each pixel");
  const Tensor read = found.read(Role::slope, extents);
  Tensor slope = Tensor::uninitialized({count});
  for (std::int64_t c = 0; c < count; ++c) slope[c] = read[extents == one ? 0 : c];
  return add(spec_->name, Prelu{std::make_shared<const Tensor>(std::move(slope))}, {from});
}

// keras.ops.clip, tf.clip_by_value.
Builder::Value Builder::make_clip() {
  const Json* low = setting("minimum");
  const Json* high = setting("maximum");
  if (low == nullptr || high == nullptr || !low->is_number() || !high->is_number())
    return unknown();
  return add(spec_->name, Activation{Function::clip, low->get<float>(), high->get<float>()},
             {input()});
}

Builder::Value Builder::make_softmax() {
  if (input().layer < 0 || (input().flat && !input().single)) return unknown();
  return add(spec_->name, Softmax{}, {input()});
}

// Normalisation -----------------------------------------------------------------------------------

Builder::Value Builder::make_batch_norm() {
  const Value from = input();
  const std::int64_t count = from.layer < 0 ? -1 : channels(from);
  if (count < 0 || (from.flat && !from.single)) return unknown();
  std::vector<Role> all;
  const bool scaled = flag("scale", true), centred = flag("center", true);
  if (scaled) all.push_back(Role::gamma);
  if (centred) all.push_back(Role::beta);
  all.insert(all.end(), {Role::mean, Role::variance});
  const LayerWeights found = arrays(all);
  const Tensor mean = found.read(Role::mean, {count});
  const Tensor variance = found.read(Role::variance, {count});
  const Tensor gamma = scaled ? found.read(Role::gamma, {count}) : Tensor();
  const Tensor beta = centred ? found.read(Role::beta, {count}) : Tensor();
  const double epsilon = real("epsilon", 1e-3);
  Tensor scale = Tensor::uninitialized({count}), shift = Tensor::uninitialized({count});
  for (std::int64_t c = 0; c < count; ++c) {
    const double spread = double{variance[c]} + epsilon;
    if (!(spread > 0))
      fail(fmt::format("channel {} has variance {} with epsilon {}, expected a positive sum", c,
                       variance[c], epsilon));
    const double factor = (scaled ? gamma[c] : 1.0) / std::sqrt(spread);
    scale[c] = static_cast<float>(factor);
    shift[c] = static_cast<float>((centred ? beta[c] : 0.0) - mean[c] * factor);
  }
  return add(spec_->name, affine(std::move(scale), std::move(shift)), {from});
}

// Of the input, by a mean and a variance that are settings or were learned.
Builder::Value Builder::make_normalization() {
  const Value from = input();
  if (!is_picture(from) || flag("invert", false)) return unknown();
  const std::int64_t count = channels(from);
  std::optional<Tensor> mean, variance;
  if (setting("mean") != nullptr && setting("variance") != nullptr) {
    mean = per_channel("mean", 0, count);
    variance = per_channel("variance", 1, count);
  } else {
    const LayerWeights found = arrays({Role::mean, Role::variance, Role::count});
    const Extents extents = found.extents(Role::mean);
    const bool fits = !extents.empty() && extents.back() == count;
    if (fits && std::count(extents.begin(), extents.end() - 1, 1) + 1 ==
                    static_cast<std::ptrdiff_t>(extents.size())) {
      mean = found.read(Role::mean, extents);
      variance = found.read(Role::variance, extents);
    }
  }
  if (!mean || !variance) return unknown("by other than one number for each channel");
  Tensor scale = Tensor::uninitialized({count}), shift = Tensor::uninitialized({count});
  for (std::int64_t c = 0; c < count; ++c) {
    const double factor = 1 / std::max(std::sqrt(std::max(double{(*variance)[c]}, 0.0)), 1e-7);
    scale[c] = static_cast<float>(factor);
    shift[c] = static_cast<float>(-(*mean)[c] * factor);
  }
  return add(spec_->name, affine(std::move(scale), std::move(shift)), {from});
}

Builder::Value Builder::make_layer_norm() {
  const Value from = input();
  if (from.layer < 0 || channels(from) < 1 || (from.flat && !from.single)) return unknown();
  if (!is_over_channels(setting("axis")) || flag("rms_scaling", false))
    return unknown("over other axes than the channels");
  std::vector<Role> all;
  const bool scaled = flag("scale", true), centred = flag("center", true);
  if (scaled) all.push_back(Role::gamma);
  if (centred) all.push_back(Role::beta);
  const LayerWeights found = arrays(all);
  Normalize normalize;
  normalize.epsilon = static_cast<float>(real("epsilon", 1e-3));
  if (scaled) normalize.scale = row(found, Role::gamma, channels(from));
  if (centred) normalize.shift = row(found, Role::beta, channels(from));
  return add(spec_->name, std::move(normalize), {from});
}

Builder::Value Builder::make_group_norm() {
  const Value from = input();
  if (!is_picture(from) || !is_over_channels(setting("axis"))) return unknown();
  const std::int64_t count = channels(from);
  std::int64_t groups =
      setting("groups") == nullptr ? 32 : whole(*setting("groups"), -1, max_channels, "groups");
  if (groups == -1) groups = count;
  if (groups < 1 || count % groups != 0)
    fail(fmt::format("{} groups do not divide {} channels", groups, count));
  std::vector<Role> all;
  const bool scaled = flag("scale", true), centred = flag("center", true);
  if (scaled) all.push_back(Role::gamma);
  if (centred) all.push_back(Role::beta);
  const LayerWeights found = arrays(all);
  Normalize normalize{Normalize::Over::plane, static_cast<int>(groups),
                      static_cast<float>(real("epsilon", 1e-3)), nullptr, nullptr};
  if (scaled) normalize.scale = row(found, Role::gamma, count);
  if (centred) normalize.shift = row(found, Role::beta, count);
  return add(spec_->name, std::move(normalize), {from});
}

// ConvNeXt's: a factor for each channel.
Builder::Value Builder::make_layer_scale() {
  const Value from = input();
  if (!is_picture(from)) return unknown();
  const std::int64_t count = channels(from);
  return add(spec_->name, affine(arrays({Role::gamma}).read(Role::gamma, {count}), Tensor({count})),
             {from});
}

Builder::Value Builder::make_rescaling() {
  const Value from = input();
  if (from.layer < 0 || channels(from) < 1 || (from.flat && !from.single)) return unknown();
  std::optional<Tensor> scale = per_channel("scale", 1, channels(from));
  std::optional<Tensor> offset = per_channel("offset", 0, channels(from));
  if (!scale || !offset) return unknown("by other than one number for each channel");
  return add(spec_->name, affine(std::move(*scale), std::move(*offset)), {from});
}

}  // namespace reverie::keras
