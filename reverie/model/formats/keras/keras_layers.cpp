#include "reverie/model/formats/keras/keras_layers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "reverie/base/error.h"
#include "reverie/graph/shapes.h"
#include "reverie/model/formats/layout_conversion.h"

namespace reverie::keras {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t max_pixels = 1 << 16;  // of a kernel, a stride, a padding
constexpr std::int64_t max_channels = 1 << 24;

class Builder {
 public:
  explicit Builder(const WeightSource& weights) : weights_(weights) {}

  Graph run(const std::vector<LayerSpec>& layers) {
    for (const LayerSpec& layer : layers) {
      spec_ = &layer;
      values_[layer.name] = value();
    }
    if (graph_.layers.empty())
      throw BadModel(fmt::format("'{}' has no input layer", weights_.name()));
    return std::move(graph_);
  }

 private:
  // What a layer's name stands for.
  struct Value {
    int layer = -1;
    bool flat = false;    // its pixels and channels have become one list
    bool single = false;  // height and width are 1
  };
  using Maker = Value (Builder::*)();

  // Settings --------------------------------------------------------------------------------------

  [[noreturn]] void fail(const std::string& what) const {
    throw BadModel(
        fmt::format("'{}': layer '{}' ({}): {}", weights_.name(), spec_->name, spec_->type, what));
  }

  const Json* setting(const char* key) const {
    const auto found = spec_->config.find(key);
    return found == spec_->config.end() || found->is_null() ? nullptr : &*found;
  }
  std::int64_t whole(const Json& value, std::int64_t least, std::int64_t most,
                     const char* key) const {
    if (!value.is_number_integer() || value.get<double>() < static_cast<double>(least) ||
        value.get<double>() > static_cast<double>(most))
      fail(fmt::format("{} is {}, expected {}..{}", key, value.dump(), least, most));
    return value.get<std::int64_t>();
  }
  double real(const char* key, double otherwise) const {
    const Json* value = setting(key);
    if (value == nullptr) return otherwise;
    if (!value->is_number()) fail(fmt::format("{} is {}, expected a number", key, value->dump()));
    return value->get<double>();
  }
  bool flag(const char* key, bool otherwise) const {
    const Json* value = setting(key);
    if (value == nullptr) return otherwise;
    if (!value->is_boolean())
      fail(fmt::format("{} is {}, expected true or false", key, value->dump()));
    return value->get<bool>();
  }
  std::string text(const char* key, const char* otherwise) const {
    const Json* value = setting(key);
    if (value == nullptr) return otherwise;
    return value->is_string() ? value->get<std::string>() : value->dump();
  }

  // Height and width: one number for both, or two.
  std::pair<int, int> pair(const char* key, int otherwise, const char* kept_by = nullptr) const {
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

  bool channels_first() const { return text("data_format", "channels_last") == "channels_first"; }

  // kernel: the key of its size. The stride of a pool is its size unless stated.
  Window window(const char* kernel, bool is_pool) const {
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

  // Values ----------------------------------------------------------------------------------------

  // All that the layer reads, or none when one of them is not there.
  std::vector<Value> inputs() const {
    std::vector<Value> found;
    for (const std::string& name : spec_->inputs) {
      const auto value = values_.find(name);
      if (value == values_.end() || value->second.layer < 0) return {};
      found.push_back(value->second);
    }
    return found;
  }
  Value input() const {
    const std::vector<Value> all = inputs();
    return all.size() == 1 ? all[0] : Value{};
  }
  std::int64_t channels(const Value& value) const {
    return channels_[static_cast<std::size_t>(value.layer)];
  }

  Value add(const std::string& name, Op op, const std::vector<Value>& from) {
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
  Value unknown(const std::string& why = "") {
    std::vector<Value> known = inputs();
    if (known.empty()) return {};
    return add(spec_->name, UnknownLayer{why.empty() ? spec_->type : spec_->type + " " + why},
               known);
  }

  // Adds a layer, and above it the activation that it has of its own, which then has its name.
  Value add_activated(Op op, const Value& from) {
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
  static std::optional<Op> activation_of(const std::string& what) {
    if (what == "relu") return Relu{};
    if (what == "relu6") return Relu{0, 6};
    if (what == "softmax") return Softmax{};
    return std::nullopt;
  }

  Value value() {
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
        {"Dense", &Builder::make_dense},
        {"Flatten", &Builder::make_flat},
        {"Rescaling", &Builder::make_rescaling},
        {"Dropout", &Builder::make_same},
        {"SpatialDropout2D", &Builder::make_same},
        {"GaussianNoise", &Builder::make_same},
        {"GaussianDropout", &Builder::make_same},
        {"ActivityRegularization", &Builder::make_same},
    };
    const auto maker = makers.find(spec_->type);
    if (maker == makers.end()) return unknown();
    if (spec_->type != "InputLayer" && inputs().empty()) return unknown();
    return (this->*maker->second)();
  }

  // One function for each type --------------------------------------------------------------------

  Value make_input() {
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

  Value make_convolution() {
    const Value from = input();
    const std::int64_t in = from.layer < 0 ? -1 : channels(from);
    if (in < 0 || from.flat) return unknown();
    const std::int64_t out = whole(needed("filters"), 1, max_channels, "filters");
    const std::int64_t groups =
        setting("groups") == nullptr ? 1 : whole(*setting("groups"), 1, max_channels, "groups");
    if (in % groups != 0 || out % groups != 0)
      fail(fmt::format("{} groups do not divide {} and {} channels", groups, in, out));
    const bool use_bias = flag("use_bias", true);
    const LayerWeights arrays(weights_, spec_->name, roles({Role::kernel}, use_bias));
    Convolution conv;
    conv.window = window("kernel_size", false);
    conv.groups = static_cast<int>(groups);
    const std::int64_t h = conv.window.kernel_h, w = conv.window.kernel_w, part = in / groups;
    conv.weights =
        from_channels_last(arrays.read(Role::kernel, {h, w, part, out}), h, w, part, out);
    if (use_bias) conv.bias = row(arrays, Role::bias, out);
    Value source = from;
    fold_padding(graph_, conv, source.layer);
    return add_activated(std::move(conv), source);
  }

  Convolution depthwise(const LayerWeights& arrays, std::int64_t in) const {
    const std::int64_t times =
        setting("depth_multiplier") == nullptr
            ? 1
            : whole(*setting("depth_multiplier"), 1, max_channels / in, "depth_multiplier");
    Convolution conv;
    conv.window = window("kernel_size", false);
    conv.groups = static_cast<int>(in);
    const std::int64_t h = conv.window.kernel_h, w = conv.window.kernel_w;
    conv.weights =
        from_depthwise(arrays.read(Role::depthwise, {h, w, in, times}), h, w, in * times);
    return conv;
  }

  Value make_depthwise() {
    Value from = input();
    if (from.layer < 0 || channels(from) < 0 || from.flat) return unknown();
    const bool use_bias = flag("use_bias", true);
    const LayerWeights arrays(weights_, spec_->name, roles({Role::depthwise}, use_bias));
    Convolution conv = depthwise(arrays, channels(from));
    if (use_bias) conv.bias = row(arrays, Role::bias, conv.out_channels());
    fold_padding(graph_, conv, from.layer);
    return add_activated(std::move(conv), from);
  }

  // A depthwise convolution, NAME/depthwise, and a 1x1 one.
  Value make_separable() {
    Value from = input();
    if (from.layer < 0 || channels(from) < 0 || from.flat) return unknown();
    const bool use_bias = flag("use_bias", true);
    const LayerWeights arrays(weights_, spec_->name,
                              roles({Role::depthwise, Role::pointwise}, use_bias));
    Convolution first = depthwise(arrays, channels(from));
    const std::int64_t between = first.out_channels();
    fold_padding(graph_, first, from.layer);
    const Value deep = add(spec_->name + "/depthwise", std::move(first), {from});
    const std::int64_t out = whole(needed("filters"), 1, max_channels, "filters");
    Convolution second;
    second.weights =
        from_channels_last(arrays.read(Role::pointwise, {1, 1, between, out}), 1, 1, between, out);
    if (use_bias) second.bias = row(arrays, Role::bias, out);
    return add_activated(std::move(second), deep);
  }

  Value make_batch_norm() {
    const Value from = input();
    const std::int64_t count = from.layer < 0 ? -1 : channels(from);
    if (count < 0 || (from.flat && !from.single)) return unknown();
    std::vector<Role> all;
    const bool scaled = flag("scale", true), centred = flag("center", true);
    if (scaled) all.push_back(Role::gamma);
    if (centred) all.push_back(Role::beta);
    all.insert(all.end(), {Role::mean, Role::variance});
    const LayerWeights arrays(weights_, spec_->name, all);
    const Tensor mean = arrays.read(Role::mean, {count});
    const Tensor variance = arrays.read(Role::variance, {count});
    const Tensor gamma = scaled ? arrays.read(Role::gamma, {count}) : Tensor();
    const Tensor beta = centred ? arrays.read(Role::beta, {count}) : Tensor();
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

  Value make_activation() {
    const std::string what = text("activation", "linear");
    if (what == "linear") return make_same();
    const std::optional<Op> op = activation_of(what);
    const Value from = input();
    if (!op || from.layer < 0) return unknown(what);
    return add(spec_->name, *op, {from});
  }

  Value make_relu() {
    Relu relu;
    relu.negative_slope =
        static_cast<float>(spec_->type == "LeakyReLU" ? real("alpha", real("negative_slope", 0.3))
                                                      : real("negative_slope", 0));
    relu.ceiling = static_cast<float>(real("max_value", relu.ceiling));
    if (real("threshold", 0) != 0) return unknown("with a threshold");
    return add(spec_->name, relu, {input()});
  }

  Value make_softmax() {
    if (input().flat && !input().single) return unknown();
    return add(spec_->name, Softmax{}, {input()});
  }

  Value make_pool() {
    Value from = input();
    if (from.layer < 0 || from.flat) return unknown();
    Pool pool;
    pool.kind = spec_->type == "MaxPooling2D" ? Pool::Kind::max : Pool::Kind::average;
    pool.window = window("pool_size", true);
    pool.count_padding = false;
    fold_padding(graph_, pool, from.layer);
    return add(spec_->name, pool, {from});
  }

  Value make_global_pool() {
    if (input().flat) return unknown();
    Pool pool;
    pool.kind = spec_->type == "GlobalMaxPooling2D" ? Pool::Kind::max : Pool::Kind::average;
    pool.global = true;
    Value value = add(spec_->name, pool, {input()});
    value.single = true;
    return value;
  }

  Value make_zero_padding() {
    const Value from = input();
    const Json* value = setting("padding");
    if (from.layer < 0 || channels(from) < 1 || from.flat) return unknown();
    Padding padding{Padding::Rule::given, 1, 1, 1, 1};
    const auto read = [&](const Json& number) {
      return static_cast<int>(whole(number, 0, max_pixels, "padding"));
    };
    if (value != nullptr && !value->is_array()) {
      padding.top = padding.left = padding.bottom = padding.right = read(*value);
    } else if (value != nullptr) {
      if (value->size() != 2) fail("padding is not for two axes");
      const auto both = [&](const Json& axis, int& before, int& after) {
        if (axis.is_array() && axis.size() != 2) fail("padding is not two numbers for an axis");
        before = read(axis.is_array() ? axis[0] : axis);
        after = read(axis.is_array() ? axis[1] : axis);
      };
      both((*value)[0], padding.top, padding.bottom);
      both((*value)[1], padding.left, padding.right);
    }
    return add(spec_->name, zero_padding(channels(from), padding), {from});
  }

  Value make_concat() {
    const std::vector<Value> all = inputs();
    const Json* axis = setting("axis");
    const bool over_channels = axis == nullptr || *axis == -1 || *axis == 3 || *axis == 1;
    const bool any_list =
        std::any_of(all.begin(), all.end(), [](const Value& v) { return v.flat && !v.single; });
    if (!over_channels || any_list) return unknown("along another axis than the channels");
    return add(spec_->name, Concat{}, all);
  }

  Value make_eltwise() {
    const std::vector<Value> all = inputs();
    for (const Value& value : all)
      if (value.single != all[0].single || channels(value) != channels(all[0]))
        return unknown("of values of different shapes");
    Eltwise eltwise;
    if (spec_->type == "Subtract") eltwise.coefficients = {1, -1};
    if (spec_->type == "Subtract" && all.size() != 2) return unknown();
    if (spec_->type == "Multiply") eltwise.operation = Eltwise::Operation::product;
    if (spec_->type == "Maximum") eltwise.operation = Eltwise::Operation::maximum;
    return add(spec_->name, eltwise, all);
  }

  Value make_dense() {
    const Value from = input();
    const std::int64_t count = from.layer < 0 ? -1 : channels(from);
    if (count < 1) return unknown();
    const std::int64_t units = whole(needed("units"), 1, max_channels, "units");
    const bool use_bias = flag("use_bias", true);
    const LayerWeights arrays(weights_, spec_->name, roles({Role::kernel}, use_bias));

    // How many values a list has depends on the picture's size: only that channels divide them is
    // known here
    const Extents stated = arrays.extents(Role::kernel);
    const std::int64_t in = from.flat && stated.size() == 2 ? stated[0] : count;
    if (in < 1 || in % count != 0)
      fail(fmt::format("its matrix has {} inputs, which {} channels do not divide", in, count));
    const Tensor matrix = arrays.read(Role::kernel, {in, units});
    const Weights bias = use_bias ? row(arrays, Role::bias, units) : nullptr;
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

  Value make_flat() {
    Value value = make_same();
    channels_first_ = channels_first();
    value.flat = true;
    return value;
  }

  Value make_rescaling() {
    const Value from = input();
    const Json* offset = setting("offset");
    if (channels(from) < 1 || (offset != nullptr && !offset->is_number()) ||
        (setting("scale") != nullptr && !setting("scale")->is_number()))
      return unknown("by other than one number");
    Tensor scale({channels(from)}), shift({channels(from)});
    for (float& v : scale.elements()) v = static_cast<float>(real("scale", 1));
    for (float& v : shift.elements()) v = static_cast<float>(real("offset", 0));
    return add(spec_->name, affine(std::move(scale), std::move(shift)), {from});
  }

  // Another name of the same value.
  Value make_same() {
    const Value from = input();
    if (from.layer < 0) return unknown();
    graph_.aliases.emplace(spec_->name, from.layer);
    return from;
  }

  // Parts -----------------------------------------------------------------------------------------

  const Json& needed(const char* key) const {
    const Json* value = setting(key);
    if (value == nullptr) fail(fmt::format("has no {}", key));
    return *value;
  }
  static std::vector<Role> roles(std::vector<Role> all, bool use_bias) {
    if (use_bias) all.push_back(Role::bias);
    return all;
  }
  static Weights row(const LayerWeights& arrays, Role role, std::int64_t count) {
    return std::make_shared<const Tensor>(arrays.read(role, {count}));
  }
  static Op affine(Tensor scale, Tensor shift) {
    return Affine{std::make_shared<const Tensor>(std::move(scale)),
                  std::make_shared<const Tensor>(std::move(shift))};
  }

  const WeightSource& weights_;
  const LayerSpec* spec_ = nullptr;
  Graph graph_;
  std::map<std::string, Value> values_;
  std::vector<std::int64_t> channels_;  // by layer; -1: unknown
  bool channels_first_ = false;         // how the last Flatten saw its input
};

}  // namespace

Graph build(const std::vector<LayerSpec>& layers, const WeightSource& weights) {
  return Builder(weights).run(layers);
}

}  // namespace reverie::keras
