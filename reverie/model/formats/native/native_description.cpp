#include "reverie/model/formats/native/native_description.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "reverie/base/error.h"

namespace reverie::native {
namespace {

using Json = nlohmann::ordered_json;

constexpr int version = 1;
constexpr std::size_t max_layers = 100000;

// Writing ---------------------------------------------------------------------------------------

Json window_to_json(const Window& window) {
  Json json;
  json["kernel"] = {window.kernel_h, window.kernel_w};
  json["stride"] = {window.stride_h, window.stride_w};
  json["dilation"] = {window.dilation_h, window.dilation_w};
  if (window.padding.rule == Padding::Rule::same)
    json["padding"] = "same";
  else
    json["padding"] = {window.padding.top, window.padding.left, window.padding.bottom,
                       window.padding.right};
  return json;
}

// The names of a choice in the file.
template <class Value>
struct Named {
  const char* name;
  Value value;
};
constexpr Named<Normalize::Over> normalize_overs[] = {{"pixel", Normalize::Over::pixel},
                                                      {"plane", Normalize::Over::plane}};
constexpr Named<Resize::Method> resize_methods[] = {{"nearest", Resize::Method::nearest},
                                                    {"linear", Resize::Method::linear}};
constexpr Named<Resize::Coordinates> resize_coordinates[] = {
    {"half_pixel", Resize::Coordinates::half_pixel},
    {"asymmetric", Resize::Coordinates::asymmetric},
    {"align_corners", Resize::Coordinates::align_corners}};
constexpr Named<Resize::Rounding> resize_roundings[] = {
    {"down", Resize::Rounding::down},
    {"up", Resize::Rounding::up},
    {"to_nearest_down", Resize::Rounding::to_nearest_down},
    {"to_nearest_up", Resize::Rounding::to_nearest_up}};
constexpr Named<Pad::Mode> pad_modes[] = {
    {"zero", Pad::Mode::zero}, {"reflect", Pad::Mode::reflect}, {"edge", Pad::Mode::edge}};
constexpr Named<DepthToSpace::Order> depth_orders[] = {
    {"depth_first", DepthToSpace::Order::depth_first},
    {"color_first", DepthToSpace::Order::color_first}};

template <class Value, std::size_t count>
const char* name_of(const Named<Value> (&names)[count], Value wanted) {
  for (const auto& [name, value] : names)
    if (value == wanted) return name;
  return "";
}

struct OpWriter {
  const std::string& layer;
  const StoreWeights& store;

  void put(Json& json, const char* key, const Weights& weights) const {
    if (weights) json[key] = store(layer + "." + key, weights);
  }

  Json operator()(const Input& input) const {
    return {{"op", "input"}, {"channels", input.channels}};
  }
  Json operator()(const Convolution& conv) const {
    Json json{{"op", "convolution"}};
    json.update(window_to_json(conv.window));
    json["groups"] = conv.groups;
    if (conv.relu) json["relu"] = *conv.relu;
    put(json, "weights", conv.weights);
    put(json, "bias", conv.bias);
    return json;
  }
  Json operator()(const Relu& relu) const {
    Json json{{"op", "relu"}, {"negative_slope", relu.negative_slope}};
    if (relu.ceiling != std::numeric_limits<float>::infinity()) json["ceiling"] = relu.ceiling;
    return json;
  }
  Json operator()(const Pool& pool) const {
    Json json{{"op", pool.kind == Pool::Kind::max ? "max_pool" : "average_pool"}};
    if (pool.global) {
      json["global"] = true;
      return json;
    }
    json.update(window_to_json(pool.window));
    json["rounding"] = pool.rounding == Pool::Rounding::up ? "up" : "down";
    if (pool.kind == Pool::Kind::average) json["count_padding"] = pool.count_padding;
    return json;
  }
  Json operator()(const Lrn& lrn) const {
    return {
        {"op", "lrn"}, {"size", lrn.size}, {"alpha", lrn.alpha}, {"beta", lrn.beta}, {"k", lrn.k}};
  }
  Json operator()(const Concat&) const { return {{"op", "concat"}}; }
  Json operator()(const Eltwise& eltwise) const {
    const char* operation = eltwise.operation == Eltwise::Operation::sum       ? "sum"
                            : eltwise.operation == Eltwise::Operation::product ? "product"
                                                                               : "maximum";
    Json json{{"op", "eltwise"}, {"operation", operation}};
    if (!eltwise.coefficients.empty()) json["coefficients"] = eltwise.coefficients;
    return json;
  }
  Json operator()(const Affine& affine) const {
    Json json{{"op", "affine"}};
    put(json, "scale", affine.scale);
    put(json, "shift", affine.shift);
    return json;
  }
  Json operator()(const InnerProduct& product) const {
    Json json{{"op", "inner_product"}};
    put(json, "weights", product.weights);
    put(json, "bias", product.bias);
    return json;
  }
  Json operator()(const SelectChannels& select) const {
    return {{"op", "select_channels"}, {"channels", select.channels}};
  }
  Json operator()(const Normalize& normalize) const {
    Json json{{"op", "normalize"},
              {"over", name_of(normalize_overs, normalize.over)},
              {"groups", normalize.groups},
              {"epsilon", normalize.epsilon}};
    put(json, "scale", normalize.scale);
    put(json, "shift", normalize.shift);
    return json;
  }
  Json operator()(const TransposedConvolution& conv) const {
    Json json{{"op", "transposed_convolution"}};
    json.update(window_to_json(conv.window));
    json["groups"] = conv.groups;
    json["output_padding"] = {conv.output_padding_h, conv.output_padding_w};
    put(json, "weights", conv.weights);
    put(json, "bias", conv.bias);
    return json;
  }
  Json operator()(const Resize& resize) const {
    return {{"op", "resize"},
            {"method", name_of(resize_methods, resize.method)},
            {"coordinates", name_of(resize_coordinates, resize.coordinates)},
            {"rounding", name_of(resize_roundings, resize.rounding)},
            {"scale", {resize.scale_h, resize.scale_w}}};
  }
  Json operator()(const Pad& pad) const {
    return {{"op", "pad"},
            {"mode", name_of(pad_modes, pad.mode)},
            {"cells", {pad.top, pad.left, pad.bottom, pad.right}}};
  }
  Json operator()(const DepthToSpace& depth) const {
    return {{"op", "depth_to_space"},
            {"block", depth.block},
            {"order", name_of(depth_orders, depth.order)}};
  }
  Json operator()(const Activation& activation) const {
    if (activation.function == Activation::Function::sigmoid) return {{"op", "sigmoid"}};
    return {{"op", "activation"},
            {"function", function_name(activation.function)},
            {"a", activation.a},
            {"b", activation.b}};
  }
  Json operator()(const Prelu& prelu) const {
    Json json{{"op", "prelu"}};
    put(json, "slope", prelu.slope);
    return json;
  }
  Json operator()(const Softmax&) const { return {{"op", "softmax"}}; }
  Json operator()(const UnknownLayer& unknown) const {
    return {{"op", "unknown"}, {"type", unknown.type}};
  }
};

// Reading ---------------------------------------------------------------------------------------

class GraphReader {
 public:
  GraphReader(const std::string& file, const LoadWeights& load) : file_(file), load_(load) {}

  NativeNetwork run(const std::string& text) {
    const Json json = Json::parse(text, nullptr, false);
    if (json.is_discarded() || !json.is_object()) fail("is not a JSON object");
    check_version(json);
    NativeNetwork network;
    network.graph.name = string(json, "name");
    network.default_layer = string_or(json, "default_layer", "");
    network.description = string_or(json, "description", "");
    if (json.contains("transform")) read_transform(json["transform"], network.graph.transform);
    const Json& layers = member(json, "layers");
    if (!layers.is_array() || layers.empty() || layers.size() > max_layers)
      fail("has no list of layers");
    for (const Json& layer : layers) read_layer(layer, network.graph);
    if (!std::holds_alternative<Input>(network.graph.layers[0].op))
      fail("does not begin with an input");
    layer_.clear();
    if (json.contains("aliases")) read_aliases(json["aliases"], network.graph);
    if (json.contains("looks")) read_looks(json["looks"], network);
    if (!network.default_layer.empty() && network.graph.find(network.default_layer) < 0)
      fail(fmt::format("has no layer '{}', its default", network.default_layer));
    return network;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw BadModel(fmt::format("'{}': {} {}", file_,
                               layer_.empty() ? "its graph" : "layer '" + layer_ + "'", what));
  }

  void check_version(const Json& json) const {
    const Json& found = member(json, "version");
    if (!found.is_number_integer()) fail("has a version that is not a number");
    if (found.get<std::int64_t>() != version)
      throw Unsupported(
          fmt::format("'{}' is of version {} of Reverie's format; this Reverie reads version {}",
                      file_, found.dump(), version));
  }

  // One member of an object, of the type expected -----------------------------------------------

  const Json& member(const Json& json, const char* key) const {
    const auto found = json.find(key);
    if (found == json.end()) fail(fmt::format("lacks '{}'", key));
    return *found;
  }
  std::string string(const Json& json, const char* key) const {
    const Json& value = member(json, key);
    if (!value.is_string()) fail(fmt::format("has a '{}' that is not a string", key));
    return value.get<std::string>();
  }
  std::string string_or(const Json& json, const char* key, const char* otherwise) const {
    return json.contains(key) ? string(json, key) : otherwise;
  }
  float number(const Json& value, const char* key) const {
    if (!value.is_number()) fail(fmt::format("has a '{}' that is not a number", key));
    return value.get<float>();
  }
  float number_or(const Json& json, const char* key, float otherwise) const {
    return json.contains(key) ? number(json[key], key) : otherwise;
  }
  int integer(const Json& value, const char* key, std::int64_t least, std::int64_t most) const {
    if (!value.is_number_integer() || value.get<double>() < static_cast<double>(least) ||
        value.get<double>() > static_cast<double>(most))
      fail(fmt::format("has a '{}' of {}, expected {}..{}", key, value.dump().substr(0, 40), least,
                       most));
    return value.get<int>();
  }
  bool boolean_or(const Json& json, const char* key, bool otherwise) const {
    if (!json.contains(key)) return otherwise;
    if (!json[key].is_boolean()) fail(fmt::format("has a '{}' that is not true or false", key));
    return json[key].get<bool>();
  }
  std::vector<int> integers(const Json& json, const char* key, std::size_t count,
                            std::int64_t least, std::int64_t most) const {
    const Json& list = member(json, key);
    if (!list.is_array() || list.size() != count)
      fail(fmt::format("has a '{}' that is not a list of {}", key, count));
    std::vector<int> values;
    for (const Json& value : list) values.push_back(integer(value, key, least, most));
    return values;
  }
  Weights weights(const Json& json, const char* key) const { return load_(string(json, key)); }
  Weights weights_or_null(const Json& json, const char* key) const {
    return json.contains(key) ? weights(json, key) : nullptr;
  }

  // The graph -------------------------------------------------------------------------------------

  void read_transform(const Json& json, InputTransform& transform) const {
    if (!json.is_object()) fail("has a transform that is not an object");
    const std::vector<int> order = integers(json, "order", 3, 0, 2);
    for (const char* key : {"mean", "scale"})
      if (!member(json, key).is_array() || json[key].size() != 3)
        fail(fmt::format("has a '{}' that is not a list of 3", key));
    for (std::size_t c = 0; c < 3; ++c) {
      transform.order[c] = order[c];
      transform.mean[c] = number(json["mean"][c], "mean");
      transform.scale[c] = number(json["scale"][c], "scale");
    }
  }

  void read_layer(const Json& json, Graph& graph) {
    layer_.clear();
    if (!json.is_object()) fail("has a layer that is not an object");
    layer_ = string(json, "name");
    if (layer_.empty()) fail("has a layer without a name");
    std::vector<int> inputs;
    if (json.contains("inputs")) {
      if (!json["inputs"].is_array()) fail("has an 'inputs' that is not a list");
      for (const Json& name : json["inputs"]) {
        const auto found =
            name.is_string() ? indices_.find(name.get<std::string>()) : indices_.end();
        if (found == indices_.end())
          fail(fmt::format("reads {}, which no layer before it is", name.dump().substr(0, 80)));
        inputs.push_back(found->second);
      }
    }
    if (indices_.contains(layer_)) fail("appears twice");
    Op op = read_op(json);
    check_inputs(op, inputs.size());
    indices_[layer_] = static_cast<int>(graph.layers.size());
    graph.layers.push_back({layer_, std::move(op), std::move(inputs)});
  }

  void check_inputs(const Op& op, std::size_t count) const {
    if (std::holds_alternative<UnknownLayer>(op)) return;
    const bool many = std::holds_alternative<Concat>(op) || std::holds_alternative<Eltwise>(op);
    const std::size_t expected = std::holds_alternative<Input>(op) ? 0 : 1;
    if (many ? count < 1 : count != expected)
      fail(fmt::format("({}) has {} inputs, expected {}", describe(op), count,
                       many ? "at least 1" : std::to_string(expected)));
    if (expected == 0 && !indices_.empty()) fail("is a second input");
  }

  Op read_op(const Json& json) const {
    const std::string op = string(json, "op");
    if (op == "input") return Input{integer(member(json, "channels"), "channels", 3, 3)};
    if (op == "convolution") return convolution(json);
    if (op == "relu")
      return Relu{number_or(json, "negative_slope", 0),
                  number_or(json, "ceiling", std::numeric_limits<float>::infinity())};
    if (op == "max_pool" || op == "average_pool")
      return pool(json, op == "max_pool" ? Pool::Kind::max : Pool::Kind::average);
    if (op == "lrn") return lrn(json);
    if (op == "concat") return Concat{};
    if (op == "eltwise") return eltwise(json);
    if (op == "affine") return affine(json);
    if (op == "inner_product") return inner_product(json);
    if (op == "sigmoid") return Activation{};
    if (op == "activation") return activation(json);
    if (op == "prelu") return prelu(json);
    if (op == "select_channels") return SelectChannels{channels(json)};
    if (op == "normalize") return normalize(json);
    if (op == "transposed_convolution") return transposed_convolution(json);
    if (op == "resize") return resize(json);
    if (op == "pad") return pad(json);
    if (op == "depth_to_space")
      return DepthToSpace{integer(member(json, "block"), "block", 1, 256),
                          one_of(json, "order", depth_orders)};
    if (op == "softmax") return Softmax{};
    if (op == "unknown") return UnknownLayer{string(json, "type")};
    return UnknownLayer{op};
  }

  Window window(const Json& json) const {
    Window window;
    const std::vector<int> kernel = integers(json, "kernel", 2, 1, 65536);
    const std::vector<int> stride = integers(json, "stride", 2, 1, 65536);
    window.kernel_h = kernel[0], window.kernel_w = kernel[1];
    window.stride_h = stride[0], window.stride_w = stride[1];
    if (json.contains("dilation")) {
      const std::vector<int> dilation = integers(json, "dilation", 2, 1, 65536);
      window.dilation_h = dilation[0], window.dilation_w = dilation[1];
    }
    const Json& padding = member(json, "padding");
    if (padding == "same") {
      window.padding.rule = Padding::Rule::same;
    } else {
      const std::vector<int> pad = integers(json, "padding", 4, 0, 65536);
      window.padding.top = pad[0], window.padding.left = pad[1];
      window.padding.bottom = pad[2], window.padding.right = pad[3];
    }
    return window;
  }

  Op convolution(const Json& json) const {
    Convolution conv;
    conv.window = window(json);
    conv.groups = json.contains("groups") ? integer(json["groups"], "groups", 1, 1 << 24) : 1;
    conv.weights = weights(json, "weights");
    conv.bias = weights_or_null(json, "bias");
    if (json.contains("relu")) conv.relu = number(json["relu"], "relu");
    const Shape& shape = conv.weights->shape();
    if (shape.rank() != 4 || shape[2] != conv.window.kernel_h || shape[3] != conv.window.kernel_w)
      fail(fmt::format("has weights {}, expected [out,in,{},{}]", shape.to_string(),
                       conv.window.kernel_h, conv.window.kernel_w));
    if (shape[0] % conv.groups != 0)
      fail(fmt::format("has weights {} for {} groups", shape.to_string(), conv.groups));
    check_vector(conv.bias, shape[0], "bias");
    return conv;
  }

  void check_vector(const Weights& values, std::int64_t count, const char* key) const {
    if (values && values->shape() != Shape{count})
      fail(fmt::format("has a {} {}, expected [{}]", key, values->shape().to_string(), count));
  }

  Op pool(const Json& json, Pool::Kind kind) const {
    Pool pool;
    pool.kind = kind;
    pool.global = boolean_or(json, "global", false);
    if (pool.global) return pool;
    pool.window = window(json);
    const std::string rounding = string_or(json, "rounding", "down");
    if (rounding != "up" && rounding != "down")
      fail(fmt::format("has a rounding '{}', expected up or down", rounding));
    pool.rounding = rounding == "up" ? Pool::Rounding::up : Pool::Rounding::down;
    pool.count_padding = boolean_or(json, "count_padding", true);
    return pool;
  }

  Op lrn(const Json& json) const {
    Lrn lrn;
    lrn.size = integer(member(json, "size"), "size", 1, 65535);
    if (lrn.size % 2 == 0) fail(fmt::format("has a size of {}, expected an odd number", lrn.size));
    lrn.alpha = number(member(json, "alpha"), "alpha");
    lrn.beta = number(member(json, "beta"), "beta");
    lrn.k = number(member(json, "k"), "k");
    return lrn;
  }

  Op eltwise(const Json& json) const {
    Eltwise eltwise;
    const std::string operation = string(json, "operation");
    if (operation == "product")
      eltwise.operation = Eltwise::Operation::product;
    else if (operation == "maximum")
      eltwise.operation = Eltwise::Operation::maximum;
    else if (operation != "sum")
      fail(fmt::format("has an operation '{}', expected sum, product or maximum", operation));
    if (json.contains("coefficients")) {
      if (!json["coefficients"].is_array()) fail("has coefficients that are not a list");
      for (const Json& value : json["coefficients"])
        eltwise.coefficients.push_back(number(value, "coefficients"));
    }
    return eltwise;
  }

  Op affine(const Json& json) const {
    Affine affine{weights(json, "scale"), weights(json, "shift")};
    check_vector(affine.scale, affine.scale->size(), "scale");
    check_vector(affine.shift, affine.scale->size(), "shift");
    return affine;
  }

  // The numbers behind a name that must be one of those.
  template <class Value, std::size_t count>
  Value one_of(const Json& json, const char* key, const Named<Value> (&names)[count]) const {
    const std::string found = string(json, key);
    for (const auto& [name, value] : names)
      if (found == name) return value;
    fail(fmt::format("has a {} '{}', which Reverie does not know", key, found));
  }

  Op activation(const Json& json) const {
    const std::string found = string(json, "function");
    for (int i = 0; i <= static_cast<int>(Activation::Function::clip); ++i) {
      const auto function = static_cast<Activation::Function>(i);
      if (found == function_name(function))
        return Activation{function, number_or(json, "a", 1), number_or(json, "b", 1)};
    }
    return UnknownLayer{found};
  }

  Op prelu(const Json& json) const {
    Prelu prelu{weights(json, "slope")};
    check_vector(prelu.slope, prelu.slope->size(), "slope");
    return prelu;
  }

  std::vector<int> channels(const Json& json) const {
    const Json& list = member(json, "channels");
    if (!list.is_array() || list.empty()) fail("has channels that are not a list");
    return integers(json, "channels", list.size(), 0, 1 << 24);
  }

  Op normalize(const Json& json) const {
    Normalize normalize;
    normalize.over = one_of(json, "over", normalize_overs);
    normalize.groups = integer(member(json, "groups"), "groups", 1, 1 << 24);
    normalize.epsilon = number(member(json, "epsilon"), "epsilon");
    normalize.scale = weights_or_null(json, "scale");
    normalize.shift = weights_or_null(json, "shift");
    for (const Weights& values : {normalize.scale, normalize.shift})
      if (values) check_vector(values, values->size(), "scale or shift");
    return normalize;
  }

  Op transposed_convolution(const Json& json) const {
    TransposedConvolution conv;
    conv.window = window(json);
    if (conv.window.padding.rule != Padding::Rule::given) fail("has padding 'same'");
    conv.groups = json.contains("groups") ? integer(json["groups"], "groups", 1, 1 << 24) : 1;
    const std::vector<int> more = integers(json, "output_padding", 2, 0, 65536);
    conv.output_padding_h = more[0], conv.output_padding_w = more[1];
    conv.weights = weights(json, "weights");
    conv.bias = weights_or_null(json, "bias");
    const Shape& shape = conv.weights->shape();
    if (shape.rank() != 4 || shape[2] != conv.window.kernel_h || shape[3] != conv.window.kernel_w ||
        shape[0] % conv.groups != 0)
      fail(fmt::format("has weights {} for {} groups, expected [in,out,{},{}]", shape.to_string(),
                       conv.groups, conv.window.kernel_h, conv.window.kernel_w));
    check_vector(conv.bias, shape[1] * conv.groups, "bias");
    return conv;
  }

  Op resize(const Json& json) const {
    Resize resize;
    resize.method = one_of(json, "method", resize_methods);
    resize.coordinates = one_of(json, "coordinates", resize_coordinates);
    resize.rounding = one_of(json, "rounding", resize_roundings);
    const Json& scale = member(json, "scale");
    if (!scale.is_array() || scale.size() != 2) fail("has a scale that is not two numbers");
    resize.scale_h = number(scale[0], "scale");
    resize.scale_w = number(scale[1], "scale");
    if (!(resize.scale_h > 0 && resize.scale_h <= 256 && resize.scale_w > 0 &&
          resize.scale_w <= 256))
      fail("has a scale that is not in 0..256");
    return resize;
  }

  Op pad(const Json& json) const {
    const std::vector<int> cells = integers(json, "cells", 4, 0, 65536);
    return Pad{one_of(json, "mode", pad_modes), cells[0], cells[1], cells[2], cells[3]};
  }

  Op inner_product(const Json& json) const {
    InnerProduct product{weights(json, "weights"), weights_or_null(json, "bias")};
    const Shape& shape = product.weights->shape();
    if (shape.rank() != 2)
      fail(fmt::format("has weights {}, expected [out,in]", shape.to_string()));
    check_vector(product.bias, shape[0], "bias");
    return product;
  }

  void read_aliases(const Json& json, Graph& graph) const {
    if (!json.is_object()) fail("has aliases that are not an object");
    for (const auto& [alias, layer] : json.items()) {
      const auto found =
          layer.is_string() ? indices_.find(layer.get<std::string>()) : indices_.end();
      if (found == indices_.end())
        fail(fmt::format("has an alias '{}' for a layer that is not there", alias));
      if (!indices_.contains(alias)) graph.aliases.emplace(alias, found->second);
    }
  }

  void read_looks(const Json& json, NativeNetwork& network) const {
    if (!json.is_array()) fail("has looks that are not a list");
    for (const Json& item : json) {
      Look look{string(item, "name"), string_or(item, "description", ""), {}};
      // A look of one layer may name it without a list
      if (item.contains("layer")) look.terms.push_back({string(item, "layer")});
      if (item.contains("layers")) read_look_terms(item["layers"], look);
      if (look.terms.empty()) fail(fmt::format("has a look '{}' without a layer", look.name));
      if (item.contains("settings")) read_look_settings(item["settings"], look);
      look.wander = boolean_or(item, "wander", true);
      for (const Look::Term& term : look.terms)
        if (!indices_.contains(term.layer))
          fail(fmt::format("has a look '{}' of a layer that is not there", look.name));
      if (!indices_.contains(look.name))
        network.graph.aliases.emplace(look.name, indices_.find(look.terms[0].layer)->second);
      network.looks.push_back(std::move(look));
    }
  }

  void read_look_terms(const Json& json, Look& look) const {
    if (!json.is_object())
      fail(fmt::format("has a look '{}' whose layers are no object", look.name));
    for (const auto& [layer, weight] : json.items()) {
      if (!weight.is_number())
        fail(fmt::format("has a look '{}' with a weight that is no number", look.name));
      look.terms.push_back({layer, weight.get<double>()});
    }
  }

  // Values are checked where they are used, by whoever knows the settings.
  void read_look_settings(const Json& json, Look& look) const {
    if (!json.is_object())
      fail(fmt::format("has a look '{}' whose settings are no object", look.name));
    for (const auto& [name, value] : json.items()) {
      if (!value.is_primitive() || value.is_null())
        fail(fmt::format("has a look '{}' whose setting '{}' is no value", look.name, name));
      look.settings.emplace_back(name, value.is_string() ? value.get<std::string>() : value.dump());
    }
  }

  const std::string& file_;
  const LoadWeights& load_;
  std::string layer_;  // being read, for messages; empty: none
  std::map<std::string, int, std::less<>> indices_;
};

Json look_tree(const Look& look) {
  Json tree{{"name", look.name}};
  if (!look.description.empty()) tree["description"] = look.description;
  if (look.terms.size() == 1 && look.terms[0].weight == 1)
    tree["layer"] = look.terms[0].layer;
  else
    for (const Look::Term& term : look.terms) tree["layers"][term.layer] = term.weight;
  for (const auto& [name, text] : look.settings) tree["settings"][name] = text;
  if (!look.wander) tree["wander"] = false;
  return tree;
}

}  // namespace

std::string to_json(const NativeNetwork& network, const StoreWeights& store) {
  const Graph& graph = network.graph;
  Json json;
  json["version"] = version;
  json["name"] = graph.name;
  json["description"] = network.description;
  json["default_layer"] = network.default_layer;
  json["transform"] = {{"order", graph.transform.order},
                       {"mean", graph.transform.mean},
                       {"scale", graph.transform.scale}};
  json["layers"] = Json::array();
  for (const Layer& layer : graph.layers) {
    Json described{{"name", layer.name}};
    described.update(std::visit(OpWriter{layer.name, store}, layer.op));
    if (!layer.inputs.empty()) {
      Json inputs = Json::array();
      for (const int input : layer.inputs)
        inputs.push_back(graph.layers[static_cast<std::size_t>(input)].name);
      described["inputs"] = std::move(inputs);
    }
    json["layers"].push_back(std::move(described));
  }
  json["aliases"] = Json::object();
  for (const auto& [alias, index] : graph.aliases)
    json["aliases"][alias] = graph.layers[static_cast<std::size_t>(index)].name;
  if (!network.looks.empty()) json["looks"] = Json::array();
  for (const Look& look : network.looks) json["looks"].push_back(look_tree(look));
  return json.dump();
}

NativeNetwork from_json(const std::string& text, const std::string& file, const LoadWeights& load) {
  return GraphReader(file, load).run(text);
}

}  // namespace reverie::native
