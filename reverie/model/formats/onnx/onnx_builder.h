// onnx_builder.h: turns the nodes of an ONNX model into layers.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reverie/model/formats/onnx/external_data.h"
#include "reverie/model/formats/onnx/onnx.h"
#include "reverie/model/formats/onnx/onnx_model.h"
#include "reverie/model/formats/onnx/value.h"

namespace reverie::onnx {

// Numbers that a layer keeps.
inline Weights share(Tensor tensor) { return std::make_shared<const Tensor>(std::move(tensor)); }

constexpr std::int64_t max_traced = 1 << 16;  // rows and columns of a value

// Why a node becomes an UnknownLayer; its words follow the node's type.
struct NotReadable {
  std::string why;
};

// Sizes that the file's constants were made for, or that are as good as any: nodes that compute
// shapes are followed for a picture of this size.
struct TraceSize {
  std::int64_t batch = 1, height = 224, width = 224;
};

class Builder {
 public:
  // `model` must outlive this; `bytes` is how large its files are together.
  Builder(const Model& model, const std::string& file, std::uint64_t bytes)
      : model_(model), file_(file), room_(most_folded(bytes)) {}

  OnnxNetwork run();

 private:
  using Reader = Value (Builder::*)(const Node&);
  static const std::map<std::string_view, Reader>& readers();
  static const std::map<std::string_view, Reader>& runtime_readers();  // of ONNX Runtime
  static const std::map<std::string_view, Reader>& literal_readers();
  // How many numbers may be computed from constants in all, so that no small file asks for much.
  static std::int64_t most_folded(std::uint64_t bytes);

  // The input (builder_inputs.cpp) and the output
  // --------------------------------------------------------------------
  void add_literals(const Model& model);
  void add_inputs();
  Value add_picture(const ValueInfo& info);
  std::int64_t channels_that_readers_expect(std::string_view input) const;
  void read(const Node& node);
  Value read_result(const Node& node);
  std::vector<int> kept_layers() const;
  void add_aliases();

  // Nodes, by kind --------------------------------------------------------------------------------
  // Windows (builder_windows.cpp)
  Value convolution(const Node& node);
  Value transposed_convolution(const Node& node);
  Value channel_convolution(const Node& node, const Literal& kernel);
  Value pool(const Node& node);
  Value channel_pool(const Node& node, const std::vector<std::int64_t>& kernel);
  Value global_pool(const Node& node);
  // Height and width (builder_resampling.cpp)
  Value pad(const Node& node);
  std::vector<std::int64_t> pads_of(const Node& node, std::size_t rank);
  Value resize(const Node& node);
  std::vector<double> scales_of(const Node& node, const Value& data, bool is_new);
  void set_method(const Node& node, bool is_new, Resize& resize) const;
  Value depth_to_space(const Node& node);
  Value space_to_depth(const Node& node);
  // One number at a time (builder_activations.cpp)
  Value activation(const Node& node);
  Value leaky_relu(const Node& node);
  Value prelu(const Node& node);
  Value clip(const Node& node);
  Value scaled_activation(const Node& node);  // Selu, Celu
  Value gelu(const Node& node);
  Value power(const Node& node);
  Value negative(const Node& node);
  Value softmax(const Node& node);
  Value same(const Node& node);
  Value cast(const Node& node);
  Value quantize(const Node& node);
  Value dynamic_quantize(const Node& node);
  // Two values (builder_arithmetic.cpp)
  Value arithmetic(const Node& node);
  Value with_literal(const Node& node, Value data, const Literal& numbers, bool first);
  Value of_two(const Node& node, const Value& a, const Value& b);
  Value image_scaler(const Node& node);
  // Across channels (builder_normalize.cpp)
  Value lrn(const Node& node);
  Value batch_norm(const Node& node);
  Value instance_norm(const Node& node);
  Value group_norm(const Node& node);
  Value channels_last_group_norm(const Node& node);  // ONNX Runtime's
  Value layer_norm(const Node& node);
  Value mean_variance_norm(const Node& node);
  Value reduce(const Node& node);
  // Matrices (builder_matrices.cpp)
  Value gemm(const Node& node);
  Value matmul(const Node& node);
  Value linear(const Node& node, const Value& data, const Weights& rows, const Weights& bias);
  // Channels (builder_channels.cpp)
  Value concat(const Node& node);
  Value split(const Node& node);
  Value slice(const Node& node);
  Value one_cell(const Node& node, const Value& data, const Window& window,
                 const std::array<std::int64_t, 2>& cell);
  Value gather(const Node& node);
  // Axes (builder_axes.cpp)
  Value flatten(const Node& node);
  Value reshape(const Node& node);
  Value squeeze(const Node& node);
  Value unsqueeze(const Node& node);
  Value transpose(const Node& node);
  Value expand(const Node& node);
  Value shape(const Node& node);
  // ONNX Runtime's (builder_runtime.cpp)
  Value fused_convolution(const Node& node);
  Value fused_matmul(const Node& node);
  Value fused_gemm(const Node& node);
  Value bias_gelu(const Node& node);
  Value quick_gelu(const Node& node);
  Value skip_layer_norm(const Node& node);
  Node inner(const Node& node, const char* part, std::size_t inputs);
  std::string_view keep_value(const Node& node, const char* part, const Value& value);
  Value quantized_convolution(const Node& node);
  Value quantized_matmul(const Node& node);
  Value quantized_arithmetic(const Node& node);
  Value quantized_unary(const Node& node);
  Value quantized_concat(const Node& node);
  Value integer_product(const Node& node);  // ConvInteger, MatMulInteger

  // Nodes that read literals only (builder_literals.cpp) ------------------------------------------
  Value constant(const Node& node);
  Value branch(const Node& node);  // If
  Value literal_arithmetic(const Node& node);
  Value literal_function(const Node& node);
  Value literal_reduction(const Node& node);
  Value literal_extents(const Node& node);  // Reshape and its like
  Value literal_pick(const Node& node);     // Gather, Slice, Transpose, Concat...
  Value literal_split(const Node& node);
  Value literal_cast(const Node& node);
  Value literal_quantize(const Node& node);
  Value literal_fill(const Node& node);
  Value literal_shape(const Node& node);
  std::optional<Array> extents_asked(const Node& node, const Axes& all) const;
  std::optional<Array> picked(const Node& node);
  Value own_literal(Array array);
  Value own_literal(std::optional<Array> array);
  std::shared_ptr<const Array> array_of(const Literal& literal);
  std::shared_ptr<const Array> array_input(const Node& node, std::size_t i);

  // Parts of the above ---------------------------------------------------------------------------
  // Kernel, strides, dilations, padding.
  Window window(const Node& node, std::int64_t kernel_h, std::int64_t kernel_w);
  // As the layer before it, where that is a Pad of zeros that the window can have itself.
  Value without_pad(const Value& data, Window& window);
  // A 1x1 convolution's weights over neighbouring channels, from `before` places back.
  Weights band(std::int64_t channels, const std::vector<float>& taps, std::int64_t before);
  Value add_convolution(const Node& node, const Value& data, Convolution convolution);
  Value activated(const Node& node, const Value& data, std::string_view function,
                  const std::vector<float>& parameters, const char* part);
  // Channels that come one after the other, in the order of `channels`; itself where that is so.
  Value select(const Node& node, const Value& data, std::vector<int> channels,
               const std::string& part = "");
  // The entries of an axis that runs over channels only.
  Value select_along(const Node& node, const Value& data, std::size_t axis,
                     const std::vector<std::int64_t>& entries, const std::string& part = "");
  // After axes were moved: channels in an order of their own, or in height and width, get a layer.
  Value settled(const Node& node, Value value);
  Value affine(const Node& node, const Value& data, Tensor scale, Tensor shift,
               const std::string& part = "");
  Value scaled(const Node& node, const Value& data, float scale, float shift,
               const std::string& part = "");
  Value function(const Node& node, const Value& data, Activation activation,
                 const std::string& part = "");
  Value mean_over_channels(const Node& node, const Value& data, float weight,
                           const std::string& part = "");
  Value normalized(const Node& node, const Value& data, Normalize normalize,
                   const std::string& part = "");
  // Numbers for each channel of `data`, broadcast as arithmetic does; nothing when there are
  // others.
  std::optional<Tensor> per_channel(const Value& data, const Literal& numbers);
  std::optional<float> single(const Literal& numbers);
  // A value whose channel axis is one entry, repeated.
  Value repeated(const Node& node, const Value& data, std::int64_t channels);
  Literal aligned(const Node& node, const Value& data, const Literal& numbers) const;
  Value dequantized(const Node& node, std::size_t i, std::size_t scale, std::size_t zero);
  Literal dequantized(const Literal& numbers, const Literal& scale, const Literal* zero,
                      std::int64_t axis, std::int64_t block);
  Value saturated(const Node& node, const Value& data, std::size_t scale, std::size_t zero,
                  const std::string& part);
  std::optional<float> relu_ceiling(const Node& node, std::size_t scale, std::size_t zero);

  // Lookups. Errors: NotReadable
  // -------------------------------------------------------------------
  Value input(const Node& node, std::size_t i) const;
  Value layer_input(const Node& node, std::size_t i) const;
  Value picture_input(const Node& node, std::size_t i);
  bool has_input(const Node& node, std::size_t i) const;
  const Literal* literal_input(const Node& node, std::size_t i) const;
  std::optional<Attribute> attribute(const Node& node, std::string_view name) const;
  std::int64_t integer(const Node& node, std::string_view name, std::int64_t fallback) const;
  float number(const Node& node, std::string_view name, float fallback) const;
  std::string text(const Node& node, std::string_view name, const char* fallback) const;
  std::vector<std::int64_t> integers(const Node& node, std::string_view name) const;
  // The integers of an attribute, or, in later operator sets, of an input.
  std::vector<std::int64_t> integers_or_input(const Node& node, std::string_view name,
                                              std::size_t i);
  std::vector<std::int64_t> integers_of(const Literal& literal);
  std::size_t axis_of(std::int64_t axis, std::size_t rank) const;
  int pixels(const char* what, std::int64_t value, int least) const;
  Weights weights(const Literal& literal);

  std::int64_t channels(const Value& value) const;
  std::int64_t height(const Value& value) const {
    return traced_[static_cast<std::size_t>(value.index)].second[0];
  }
  std::int64_t width(const Value& value) const {
    return traced_[static_cast<std::size_t>(value.index)].second[1];
  }
  Axes extents(const Value& value) const;  // -1: unknown

  // Adds a layer whose value is a picture. `part` names a layer that is not the node's last.
  Value add(const Node& node, Op op, const std::vector<Value>& inputs, std::int64_t channels,
            const std::string& part = "");
  // The same with the axes of its first input.
  Value add_like(const Node& node, Op op, const Value& data, const std::string& part = "");
  void trace(const Op& op, const std::vector<Value>& inputs, std::int64_t channels);
  Value unknown(const Node& node, const std::string& why);

  const Model& model_;
  const std::string& file_;
  std::int64_t room_;  // for numbers to compute
  OnnxNetwork network_;
  TraceSize size_;
  // By layer: its channels (-1: unknown), and its height and width at the traced size
  std::vector<std::pair<std::int64_t, std::array<std::int64_t, 2>>> traced_;
  std::map<std::string_view, Value> values_;
  std::map<std::pair<const void*, Axes>, Weights> loaded_;
  std::map<const Constant*, std::shared_ptr<const Array>> arrays_;
  std::vector<std::unique_ptr<Constant>> own_constants_;  // of nodes
  std::deque<std::string> own_names_;                     // of inner nodes and their values
  std::deque<Model> branches_;                            // that were taken
  int depth_ = 0;                                         // of branches within branches
  std::vector<Value> further_;                            // outputs of the node that is read
  std::vector<std::pair<std::string, int>> other_names_;
  std::vector<int> folded_;  // layers of padding that a window has taken over
};

[[noreturn]] void refuse(const std::string& why);  // throws NotReadable

}  // namespace reverie::onnx
