// keras_builder.h: from Keras' layers to those of a Graph. Internal to this folder.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reverie/model/formats/keras/keras_layers.h"

namespace reverie::keras {

inline constexpr std::int64_t max_pixels = 1 << 16;  // of a kernel, a stride, a padding
inline constexpr std::int64_t max_channels = 1 << 24;

// Builds one graph; the functions for the types of layers are in three files by what these do.
class Builder {
 public:
  Builder(const WeightSource& weights, int version) : weights_(weights), version_(version) {}

  Graph run(const std::vector<LayerSpec>& layers);

 private:
  using Json = nlohmann::json;

  // What a layer's name stands for.
  struct Value {
    int layer = -1;
    bool flat = false;    // its pixels and channels have become one list
    bool single = false;  // height and width are 1
  };
  using Maker = Value (Builder::*)();

  // Settings of the layer at hand (keras_layers.cpp)
  [[noreturn]] void fail(const std::string& what) const;
  const Json* setting(const char* key) const;
  const Json& needed(const char* key) const;
  std::int64_t whole(const Json& value, std::int64_t least, std::int64_t most,
                     const char* key) const;
  double real(const char* key, double otherwise) const;
  bool flag(const char* key, bool otherwise) const;
  std::string text(const char* key, const char* otherwise) const;
  // Height and width: one number for both, or two.
  std::pair<int, int> pair(const char* key, int otherwise, const char* kept_by = nullptr) const;
  // The pixels at the top, the bottom, the left and the right: of ZeroPadding2D and its like.
  std::vector<int> sides(const char* key) const;
  // One number for each of `count` channels, from one number or as many. None: neither.
  std::optional<Tensor> per_channel(const char* key, double otherwise, std::int64_t count) const;
  bool channels_first() const { return text("data_format", "channels_last") == "channels_first"; }
  // Whether the layer works along the channels, the last axis unless data_format says otherwise.
  bool is_over_channels(const Json* axis) const;
  // kernel: the key of its size. The stride of a pool is its size unless stated.
  Window window(const char* kernel, bool is_pool) const;

  // Values (keras_layers.cpp)
  std::vector<Value> inputs() const;  // none when one of them is not there
  Value input() const;
  std::int64_t channels(const Value& value) const;
  bool is_picture(const Value& value) const;  // with a known number of channels
  Value add(const std::string& name, Op op, const std::vector<Value>& from);
  Value unknown(const std::string& why = "");
  // Adds a layer, and above it the activation that it has of its own, which then has its name.
  Value add_activated(Op op, const Value& from);
  Value value();
  Value make_input();
  Value make_same();
  Value make_concat();
  Value make_eltwise();
  Value make_scaled_sum();
  Value make_dense();
  Value make_flat();
  Value make_reshape();

  // Windows (keras_windows.cpp)
  Value make_convolution();
  Value make_transposed_convolution();
  Value make_depthwise();
  Value make_separable();
  Value make_pool();
  Value make_global_pool();
  Value make_mean();
  Value make_zero_padding();
  Value make_cropping();
  Value make_upsampling();
  Value make_resizing();
  Convolution depthwise(const LayerWeights& arrays, std::int64_t in) const;

  // Numbers by themselves, and over the channels (keras_pointwise.cpp)
  std::optional<Op> activation_of(const std::string& what) const;
  Value make_activation();
  Value make_relu();
  Value make_elu();
  Value make_prelu();
  Value make_clip();
  Value make_softmax();
  Value make_batch_norm();
  Value make_normalization();
  Value make_layer_norm();
  Value make_group_norm();
  Value make_layer_scale();
  Value make_rescaling();

  // Weights
  const std::string& key() const { return spec_->weights.empty() ? spec_->name : spec_->weights; }
  LayerWeights arrays(std::vector<Role> roles, bool use_bias = false) const {
    if (use_bias) roles.push_back(Role::bias);
    return {weights_, key(), std::move(roles)};
  }
  static Weights row(const LayerWeights& arrays, Role role, std::int64_t count) {
    return std::make_shared<const Tensor>(arrays.read(role, {count}));
  }
  static Op affine(Tensor scale, Tensor shift) {
    return Affine{std::make_shared<const Tensor>(std::move(scale)),
                  std::make_shared<const Tensor>(std::move(shift))};
  }

  const WeightSource& weights_;
  const int version_;  // of Keras, the first number
  const LayerSpec* spec_ = nullptr;
  Graph graph_;
  std::map<std::string, Value> values_;
  std::vector<std::int64_t> channels_;  // by layer; -1: unknown
  bool channels_first_ = false;         // how the last Flatten saw its input
};

}  // namespace reverie::keras
