#include "reverie/model/formats/keras/keras_layers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "reverie/base/error.h"
#include "reverie/graph/shapes.h"
#include "reverie/model/formats/keras/keras_builder.h"
#include "reverie/model/formats/layout_conversion.h"

namespace reverie::keras {
namespace {

// Numbers of channels of two values that are joined one by one; -1 is not known.
bool do_not_fit(std::int64_t a, std::int64_t b) { return a > 1 && b > 1 && a != b; }

}  // namespace

Graph Builder::run(const std::vector<LayerSpec>& layers) {
  for (const LayerSpec& layer : layers) {
    spec_ = &layer;
    values_[layer.name] = value();
  }
  if (graph_.layers.empty())
    throw BadModel(fmt::format("'{}' has no input layer", weights_.name()));
  return std::move(graph_);
}

// Settings ----------------------------------------------------------------------------------------

void Builder::fail(const std::string& what) const {
  throw BadModel(
      fmt::format("'{}': layer '{}' ({}): {}", weights_.name(), spec_->name, spec_->type, what));
}

const nlohmann::json* Builder::setting(const char* key) const {
  const auto found = spec_->config.find(key);
  return found == spec_->config.end() || found->is_null() ? nullptr : &*found;
}

const nlohmann::json& Builder::needed(const char* key) const {
  const Json* value = setting(key);
  if (value == nullptr) fail(fmt::format("has no {}", key));
  return *value;
}

std::int64_t Builder::whole(const Json& value, std::int64_t least, std::int64_t most,
                            const char* key) const {
  if (!value.is_number_integer() || value.get<double>() < static_cast<double>(least) ||
      value.get<double>() > static_cast<double>(most))
    fail(fmt::format("{} is {}, expected {}..{}", key, value.dump(), least, most));
  return value.get<std::int64_t>();
}

double Builder::real(const char* key, double otherwise) const {
  const Json* value = setting(key);
  if (value == nullptr) return otherwise;
  // Keras 3 writes numbers of numpy, as {"class_name": "__numpy__"}
  if (value->is_object() && value->contains("config") && value->at("config").is_object())
    if (const Json inner = value->at("config").value("value", Json()); inner.is_number())
      return inner.get<double>();
  if (!value->is_number()) fail(fmt::format("{} is {}, expected a number", key, value->dump()));
  return value->get<double>();
}

bool Builder::flag(const char* key, bool otherwise) const {
  const Json* value = setting(key);
  if (value == nullptr) return otherwise;
  if (!value->is_boolean())
    fail(fmt::format("{} is {}, expected true or false", key, value->dump()));
  return value->get<bool>();
}

// Also of a function, which Keras 3 writes as {"class_name": "function", "config": NAME}.
std::string Builder::text(const char* key, const char* otherwise) const {
  const Json* value = setting(key);
  if (value == nullptr) return otherwise;
  if (value->is_string()) return value->get<std::string>();
  if (value->is_object() && value->contains("config") && value->at("config").is_string())
    return value->at("config").get<std::string>();
  if (value->is_object() && value->contains("class_name") && value->at("class_name").is_string())
    return value->at("class_name").get<std::string>();
  return value->dump();
}

std::pair<int, int> Builder::pair(const char* key, int otherwise, const char* kept_by) const {
  const Json* value = setting(key);
  if (value == nullptr && kept_by != nullptr) return pair(kept_by, otherwise);
  if (value == nullptr) return {otherwise, otherwise};
  if (!value->is_array()) {
    const int both = static_cast<int>(whole(*value, 1, max_pixels, key));
    return {both, both};
  }
  if (value->size() != 2) fail(fmt::format("{} is {}, expected two numbers", key, value->dump()));
  return {static_cast<int>(whole((*value)[0], 1, max_pixels, key)),
          static_cast<int>(whole((*value)[1], 1, max_pixels, key))};
}

std::vector<int> Builder::sides(const char* key) const {
  const Json* value = setting(key);
  const auto read = [&](const Json& number) {
    return static_cast<int>(whole(number, 0, max_pixels, key));
  };
  if (value == nullptr) return {1, 1, 1, 1};
  if (!value->is_array()) return std::vector<int>(4, read(*value));
  if (value->size() != 2) fail(fmt::format("{} is not for two axes", key));
  std::vector<int> all;
  for (const Json& axis : *value) {
    if (axis.is_array() && axis.size() != 2)
      fail(fmt::format("{} is not two numbers for an axis", key));
    all.push_back(read(axis.is_array() ? axis[0] : axis));
    all.push_back(read(axis.is_array() ? axis[1] : axis));
  }
  return all;
}

std::optional<Tensor> Builder::per_channel(const char* key, double otherwise,
                                           std::int64_t count) const {
  Json value = setting(key) == nullptr ? Json(otherwise) : *setting(key);
  while (value.is_array() && value.size() == 1) value = Json(value[0]);
  const bool is_list =
      value.is_array() && static_cast<std::int64_t>(value.size()) == count &&
      std::all_of(value.begin(), value.end(), [](const Json& item) { return item.is_number(); });
  if (!is_list && !value.is_number()) return std::nullopt;
  Tensor numbers = Tensor::uninitialized({count});
  for (std::int64_t c = 0; c < count; ++c)
    numbers[c] = is_list ? value[static_cast<std::size_t>(c)].get<float>() : value.get<float>();
  return numbers;
}

bool Builder::is_over_channels(const Json* axis) const {
  if (axis == nullptr) return true;
  const Json& one = axis->is_array() && axis->size() == 1 ? (*axis)[0] : *axis;
  return one == -1 || one == 3 || (channels_first() && one == 1);
}

Window Builder::window(const char* kernel, bool is_pool) const {
  Window window;
  std::tie(window.kernel_h, window.kernel_w) = pair(kernel, is_pool ? 2 : 1);
  std::tie(window.stride_h, window.stride_w) =
      is_pool ? pair("strides", 2, kernel) : pair("strides", 1);
  if (!is_pool) std::tie(window.dilation_h, window.dilation_w) = pair("dilation_rate", 1);
  const std::string padding = text("padding", "valid");
  if (padding == "same")
    window.padding.rule = Padding::Rule::same;
  else if (padding != "valid")
    fail(fmt::format("padding is '{}', expected valid or same", padding));
  return window;
}

// Values ------------------------------------------------------------------------------------------

std::vector<Builder::Value> Builder::inputs() const {
  std::vector<Value> found;
  for (const std::string& name : spec_->inputs) {
    const auto value = values_.find(name);
    if (value == values_.end() || value->second.layer < 0) return {};
    found.push_back(value->second);
  }
  return found;
}

Builder::Value Builder::input() const {
  const std::vector<Value> all = inputs();
  return all.size() == 1 ? all[0] : Value{};
}

std::int64_t Builder::channels(const Value& value) const {
  return channels_[static_cast<std::size_t>(value.layer)];
}

bool Builder::is_picture(const Value& value) const {
  return value.layer >= 0 && !value.flat && channels(value) > 0;
}

Builder::Value Builder::add(const std::string& name, Op op, const std::vector<Value>& from) {
  std::vector<int> layers;
  std::vector<std::int64_t> counts;
  Value value;
  value.single = !from.empty();
  for (const Value& input : from) {
    layers.push_back(input.layer);
    counts.push_back(channels(input));
    value.single = value.single && input.single;
    value.flat = value.flat || input.flat;
  }
  channels_.push_back(output_channels(op, counts));
  value.layer = graph_.add(name, std::move(op), std::move(layers));
  return value;
}

Builder::Value Builder::unknown(const std::string& why) {
  const std::vector<Value> known = inputs();
  if (known.empty()) return {};
  return add(spec_->name, UnknownLayer{why.empty() ? spec_->type : spec_->type + " " + why}, known);
}

Builder::Value Builder::add_activated(Op op, const Value& from) {
  const std::string what = text("activation", "linear");
  const std::string& name = spec_->name;
  if (what == "linear") return add(name, std::move(op), {from});
  const std::optional<Op> activation = activation_of(what);
  const std::string before = name + (what == "softmax" ? "/pre_softmax" : "/pre_" + what);
  Value value = add(before, std::move(op), {from});
  if (std::holds_alternative<InnerProduct>(graph_.layers.back().op))
    value.single = true, value.flat = false;
  return add(name, activation ? *activation : Op{UnknownLayer{"activation " + what}}, {value});
}

Builder::Value Builder::value() {
  static const std::map<std::string, Maker> makers = {
      {"InputLayer", &Builder::make_input},
      {"Conv2D", &Builder::make_convolution},
      {"Convolution2D", &Builder::make_convolution},
      {"DepthwiseConv2D", &Builder::make_depthwise},
      {"SeparableConv2D", &Builder::make_separable},
      {"BatchNormalization", &Builder::make_batch_norm},
      {"Activation", &Builder::make_activation},
      {"ReLU", &Builder::make_relu},
      {"LeakyReLU", &Builder::make_relu},
      {"Softmax", &Builder::make_softmax},
      {"MaxPooling2D", &Builder::make_pool},
      {"AveragePooling2D", &Builder::make_pool},
      {"GlobalMaxPooling2D", &Builder::make_global_pool},
      {"GlobalAveragePooling2D", &Builder::make_global_pool},
      {"ZeroPadding2D", &Builder::make_zero_padding},
      {"Concatenate", &Builder::make_concat},
      {"Add", &Builder::make_eltwise},
      {"Subtract", &Builder::make_eltwise},
      {"Multiply", &Builder::make_eltwise},
      {"Maximum", &Builder::make_eltwise},
      {"Average", &Builder::make_eltwise},
      {"Dense", &Builder::make_dense},
      {"Flatten", &Builder::make_flat},
      {"Reshape", &Builder::make_reshape},
      {"Rescaling", &Builder::make_rescaling},
      {"Normalization", &Builder::make_normalization},
      {"LayerNormalization", &Builder::make_layer_norm},
      {"GroupNormalization", &Builder::make_group_norm},
      {"LayerScale", &Builder::make_layer_scale},
      {"CustomScaleLayer", &Builder::make_scaled_sum},
      {"Conv2DTranspose", &Builder::make_transposed_convolution},
      {"Convolution2DTranspose", &Builder::make_transposed_convolution},
      {"Cropping2D", &Builder::make_cropping},
      {"UpSampling2D", &Builder::make_upsampling},
      {"ELU", &Builder::make_elu},
      {"PReLU", &Builder::make_prelu},
      {"Clip", &Builder::make_clip},
      {"Mean", &Builder::make_mean},
      {"Resizing", &Builder::make_resizing},
      {"CenterCrop", &Builder::make_resizing},
      {"Identity", &Builder::make_same},
      {"Dropout", &Builder::make_same},
      {"SpatialDropout2D", &Builder::make_same},
      {"GaussianNoise", &Builder::make_same},
      {"GaussianDropout", &Builder::make_same},
      {"ActivityRegularization", &Builder::make_same},
      {"AlphaDropout", &Builder::make_same},
      {"StochasticDepth", &Builder::make_same},
      {"FixedDropout", &Builder::make_same},
      {"RandomFlip", &Builder::make_same},
      {"RandomRotation", &Builder::make_same},
      {"RandomZoom", &Builder::make_same},
      {"RandomTranslation", &Builder::make_same},
      {"RandomContrast", &Builder::make_same},
      {"RandomBrightness", &Builder::make_same},
  };
  const auto maker = makers.find(spec_->type);
  if (maker == makers.end()) return unknown();
  if (spec_->type != "InputLayer" && inputs().empty()) return unknown();
  return (this->*maker->second)();
}

// Layers that join values or change their form
// -------------------------------------------------------

Builder::Value Builder::make_input() {
  // A second input is something that a picture does not give
  if (!graph_.layers.empty()) return {};
  const char* keys[] = {"batch_input_shape", "batch_shape"};
  for (const char* key : keys)
    if (const Json* shape = setting(key); shape != nullptr && shape->is_array()) {
      const Json& count = shape->size() == 4 ? (*shape)[3] : Json();
      const Json& first = shape->size() == 4 ? (*shape)[1] : Json();
      if (count != 3 && first != 3 && !count.is_null())
        throw Unsupported(
            fmt::format("'{}': input '{}' is {}; Reverie dreams in colour and needs 3 channels",
                        weights_.name(), spec_->name, shape->dump()));
    }
  return add(spec_->name, Input{3}, {});
}

// Another name of the same value.
Builder::Value Builder::make_same() {
  const Value from = input();
  if (from.layer < 0) return unknown();
  graph_.aliases.emplace(spec_->name, from.layer);
  return from;
}

Builder::Value Builder::make_concat() {
  const std::vector<Value> all = inputs();
  const Json* axis = setting("axis");
  const bool over_channels = axis == nullptr || *axis == -1 || *axis == 3 || *axis == 1;
  const bool any_list =
      std::any_of(all.begin(), all.end(), [](const Value& v) { return v.flat && !v.single; });
  if (!over_channels || any_list) return unknown("along another axis than the channels");
  return add(spec_->name, Concat{}, all);
}

Builder::Value Builder::make_eltwise() {
  const std::vector<Value> all = inputs();
  for (const Value& value : all)
    if ((value.flat && !value.single) || do_not_fit(channels(value), channels(all[0])))
      return unknown("of values of different shapes");
  Eltwise eltwise;
  if (spec_->type == "Subtract") eltwise.coefficients = {1, -1};
  if (spec_->type == "Subtract" && all.size() != 2) return unknown();
  if (spec_->type == "Multiply") eltwise.operation = Eltwise::Operation::product;
  if (spec_->type == "Maximum") eltwise.operation = Eltwise::Operation::maximum;
  if (spec_->type == "Average")
    eltwise.coefficients.assign(all.size(), 1 / static_cast<float>(all.size()));
  return add(spec_->name, eltwise, all);
}

// Inception-ResNet's: the first value and a part of the second.
Builder::Value Builder::make_scaled_sum() {
  if (inputs().size() != 2) return unknown();
  Eltwise eltwise;
  eltwise.coefficients = {1, static_cast<float>(real("scale", 1))};
  return add(spec_->name, eltwise, inputs());
}

Builder::Value Builder::make_dense() {
  const Value from = input();
  const std::int64_t count = from.layer < 0 ? -1 : channels(from);
  if (count < 1) return unknown();
  const std::int64_t units = whole(needed("units"), 1, max_channels, "units");
  const bool use_bias = flag("use_bias", true);
  const LayerWeights found = arrays({Role::kernel}, use_bias);

  // How many values a list has depends on the picture's size: only that channels divide them is
  // known here
  const Extents stated = found.extents(Role::kernel);
  const std::int64_t in = from.flat && stated.size() == 2 ? stated[0] : count;
  if (in < 1 || in % count != 0)
    fail(fmt::format("its matrix has {} inputs, which {} channels do not divide", in, count));
  const Tensor matrix = found.read(Role::kernel, {in, units});
  const Weights bias = use_bias ? row(found, Role::bias, units) : nullptr;
  if (!from.flat && !from.single) {
    // On a picture it works at each position by itself
    Convolution conv;
    conv.weights = from_channels_last(matrix, 1, 1, in, units);
    conv.bias = bias;
    return add_activated(std::move(conv), from);
  }
  const bool reorder = from.flat && !channels_first_;
  InnerProduct product;
  product.weights = from_columns(matrix, in, units, reorder ? count : 0);
  product.bias = bias;
  Value value = add_activated(std::move(product), from);
  value.single = true;
  value.flat = false;
  return value;
}

Builder::Value Builder::make_flat() {
  Value value = make_same();
  channels_first_ = channels_first();
  value.flat = true;
  return value;
}

// One value of each channel stays what it is, however its axes are written.
Builder::Value Builder::make_reshape() {
  const Value from = input();
  const Json* shape = setting("target_shape");
  if (from.layer < 0 || !from.single || shape == nullptr || !shape->is_array() || shape->size() > 3)
    return unknown();
  int others = 0;
  for (const Json& extent : *shape) others += extent != 1;
  return others == 1 ? make_same() : unknown();
}

std::optional<InputTransform> stated_input(const Graph& graph,
                                           const std::vector<LayerSpec>& layers) {
  const auto first = std::find_if(graph.layers.begin(), graph.layers.end(), [](const Layer& layer) {
    return !layer.inputs.empty() && layer.inputs[0] == 0;
  });
  if (first == graph.layers.end() || !std::holds_alternative<Affine>(first->op))
    return std::nullopt;
  const auto spec = std::find_if(layers.begin(), layers.end(),
                                 [&](const LayerSpec& layer) { return layer.name == first->name; });
  if (spec == layers.end() || (spec->type != "Rescaling" && spec->type != "Normalization"))
    return std::nullopt;

  // What it divides by and what it subtracts tell the range
  const auto& affine = std::get<Affine>(first->op);
  const float scale = (*affine.scale)[0], shift = (*affine.shift)[0];
  if (scale == 0 || (scale == 1 && shift == 0)) return std::nullopt;
  const float divisor = 1 / std::abs(scale), mean = std::abs(shift / scale);
  if (divisor > 25 || mean > 2) return InputTransform{};
  constexpr float unit = 1 / 255.f;
  return InputTransform{{0, 1, 2}, {0, 0, 0}, {unit, unit, unit}};
}

Graph build(const std::vector<LayerSpec>& layers, const WeightSource& weights, int version) {
  return Builder(weights, version).run(layers);
}

}  // namespace reverie::keras
