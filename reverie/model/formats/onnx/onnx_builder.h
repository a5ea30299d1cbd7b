// onnx_builder.h: turns the nodes of an ONNX model into layers.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reverie/model/formats/onnx/integer_array.h"
#include "reverie/model/formats/onnx/onnx.h"
#include "reverie/model/formats/onnx/onnx_model.h"

namespace reverie::onnx {

// The value of a name.
struct Value {
  enum class Kind {
    layer,     // a value that depends on the picture
    constant,  // numbers of the file
    integers   // computed from shapes; their values do not matter
  };
  Kind kind = Kind::integers;
  int index = -1;                      // layer
  const Constant* constant = nullptr;  // constant
  // Layers: [N, C * H * W] instead of [N, C, H, W]; one pixel only; channels last; never below zero
  bool flat = false, pixel = false, channels_last = false, positive = false;
  std::array<int, 4> pad{};  // top, left, bottom, right: zeros of a Pad that no layer has taken yet

  bool is_layer() const { return kind == Kind::layer; }
  bool is_padded() const { return pad != std::array<int, 4>{}; }
};

class Builder {
 public:
  // `model` must outlive this.
  Builder(const Model& model, const std::string& file) : model_(model), file_(file) {}

  OnnxNetwork run();

 private:
  using Reader = Value (Builder::*)(const Node&);
  static const std::map<std::string_view, Reader>& readers();

  void add_constants();
  void add_inputs();
  void read(const Node& node);
  void add_aliases();

  // One for each kind of node
  Value convolution(const Node& node);
  Value pool(const Node& node);
  Value global_pool(const Node& node);
  Value reduce_mean(const Node& node);
  Value relu(const Node& node);
  Value clip(const Node& node);
  Value sigmoid(const Node& node);
  Value lrn(const Node& node);
  Value batch_norm(const Node& node);
  Value arithmetic(const Node& node);
  Value concat(const Node& node);
  Value pad(const Node& node);
  Value product(const Node& node);  // Gemm, MatMul
  Value flatten(const Node& node);
  Value reshape(const Node& node);
  Value squeeze(const Node& node);
  Value transpose(const Node& node);
  Value softmax(const Node& node);
  Value same(const Node& node);
  Value constant(const Node& node);

  // Of nodes that read constants only
  Value computed(const Node& node);
  std::optional<IntegerArray> computed_integers(const Node& node) const;
  Value in_another_shape(const Node& node);
  std::optional<IntegerArray> integer_array(const Node& node, std::size_t i) const;
  // numbers: the constant's, where the file does not have them
  Value own_constant(const Node& node, Constant constant, std::vector<std::byte> numbers);

  // Windows: kernel, strides, dilations, padding. Nothing when the padding depends on the size.
  std::optional<Window> window(const Node& node, int kernel_h, int kernel_w, const Value& input);
  // How a value combines with numbers of the file, per channel.
  Value with_constant(const Node& node, const Value& data, const Constant& constant, bool first);
  // Numbers per channel of `data`, or nothing when they are not.
  std::optional<Tensor> per_channel(const Value& data, const Constant& constant);

  // Lookups. Errors: BadModel.
  Value input(const Node& node, std::size_t i) const;
  bool has_input(const Node& node, std::size_t i) const;
  const Constant* constant_input(const Node& node, std::size_t i) const;
  std::optional<Attribute> attribute(const Node& node, std::string_view name) const;
  std::int64_t integer(const Node& node, std::string_view name, std::int64_t fallback) const;
  float number(const Node& node, std::string_view name, float fallback) const;
  std::vector<std::int64_t> integers(const Node& node, std::string_view name) const;
  // The integers of an attribute, or, in later operator sets, of an input.
  std::vector<std::int64_t> integers_or_input(const Node& node, std::string_view name,
                                              std::size_t i) const;
  int pixels(const Node& node, const char* what, std::int64_t value, int least) const;
  Weights weights(const Constant& constant);

  std::int64_t channels(const Value& value) const {
    return channels_[static_cast<std::size_t>(value.index)];
  }
  // Adds a layer that makes a plain value; its flags but `pad` are for the caller to change.
  Value add(const Node& node, Op op, const std::vector<Value>& inputs, std::int64_t channels);
  Value unknown(const Node& node, const std::string& why = "");
  // Whether any layer can read the value: no pending padding, no other order of axes.
  bool is_plain(const Value& value) const {
    return value.is_layer() && !value.is_padded() && !value.channels_last;
  }
  [[noreturn]] void fail(const Node& node, const std::string& what) const;

  const Model& model_;
  const std::string& file_;
  OnnxNetwork network_;
  std::vector<std::int64_t> channels_;  // by layer; -1: unknown
  std::map<std::string_view, Value> values_;
  std::map<const Constant*, Weights> loaded_;
  struct OwnConstant {
    Constant constant;
    std::vector<std::byte> numbers;
  };
  std::vector<std::unique_ptr<OwnConstant>> own_constants_;  // of nodes
  std::vector<std::pair<std::string, int>> other_names_;
};

}  // namespace reverie::onnx
