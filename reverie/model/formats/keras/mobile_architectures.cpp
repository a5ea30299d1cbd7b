// The MobileNets and EfficientNets of keras.applications. Their sizes follow from the weights,
// strides and activations from the places of the blocks.
//
// Source: keras/applications (mobilenet, mobilenet_v2, mobilenet_v3, efficientnet).
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reverie/base/error.h"
#include "reverie/model/formats/keras/architecture_writer.h"
#include "reverie/model/input_transform.h"

namespace reverie::keras {
namespace {

using Json = nlohmann::json;

constexpr int max_blocks = 40;  // of a stage

// Writes the parts that these networks have in common.
class MobileWriter {
 public:
  MobileWriter(const Names& layers, const WeightSource& weights)
      : layers_(layers), weights_(weights) {
    w_.add("InputLayer", input_name(layers));
  }

  bool has(const std::string& layer) const { return keras::has(layers_, layer); }
  // The first of two names that the file has.
  std::string either(const std::string& one, const std::string& other) const {
    return has(one) ? one : other;
  }
  Writer& writer() { return w_; }
  const WeightSource& weights() const { return weights_; }

  // A convolution of the size that the file has, with its normalisation and activation. Where
  // `pad` names a layer of zeros, these are the padding of a stride of 2.
  void convolve(const std::string& name, const std::string& norm, int stride,
                const std::string& pad = "") {
    const Extents kernel = extents(name);
    const bool padded = stride == 2 && !pad.empty();
    if (padded) zeros(pad, kernel[0]);
    w_.convolution(name, kernel[3], {static_cast<int>(kernel[0]), static_cast<int>(kernel[1])},
                   padded ? "valid" : "same", {{"strides", {stride, stride}}, {"use_bias", false}});
    normalize(norm);
  }
  void depthwise(const std::string& name, const std::string& norm, int stride,
                 const std::string& pad) {
    const Extents kernel = extents(name);
    if (stride == 2) zeros(pad, kernel[0]);
    w_.add("DepthwiseConv2D", name,
           {{"kernel_size", {kernel[0], kernel[1]}},
            {"strides", {stride, stride}},
            {"depth_multiplier", kernel[3]},
            {"padding", stride == 2 ? "valid" : "same"},
            {"use_bias", false}});
    normalize(norm);
  }
  void normalize(const std::string& norm) { w_.add("BatchNormalization", norm); }
  void relu6(const std::string& name) { w_.add("ReLU", name, {{"max_value", 6}}); }

  // Multiplies the last value by one number for each channel, which two convolutions make of its
  // mean. Names: of the mean, the two convolutions and the product.
  void squeeze_and_excite(const std::array<std::string, 4>& names, const char* inner,
                          const char* gate) {
    const std::string value = w_.last();
    w_.add("GlobalAveragePooling2D", names[0], {{"keepdims", true}});
    w_.convolution(names[1], extents(names[1])[3], {1, 1}, "same", {{"activation", inner}});
    w_.convolution(names[2], extents(names[2])[3], {1, 1}, "same", {{"activation", gate}});
    w_.add("Multiply", names[3], Json::object(), {value, names[2]});
  }

  // Adds the block's input where its shape is that of the last value.
  void add_if_alike(const std::string& name, const std::string& input, std::int64_t in,
                    std::int64_t out, int stride) {
    if (stride == 1 && in == out) w_.add("Add", name, Json::object(), {input, w_.last()});
  }

  // [height, width, in, out]. Errors: BadModel.
  Extents extents(const std::string& layer) const {
    const Names arrays = weights_.arrays(layer);
    const Extents found = arrays.empty() ? Extents{} : weights_.extents(layer, arrays[0]);
    if (found.size() != 4 || std::max(found[0], found[1]) > 64 ||
        *std::min_element(found.begin(), found.end()) < 1)
      throw BadModel(fmt::format("'{}' has no kernel for layer '{}'", weights_.name(), layer));
    return found;
  }

 private:
  // At the top and left one less: Keras' padding of values of even size.
  void zeros(const std::string& name, std::int64_t kernel) {
    const std::int64_t after = kernel / 2, before = std::max<std::int64_t>(after - 1, 0);
    w_.add("ZeroPadding2D", name, {{"padding", {{before, after}, {before, after}}}});
  }

  const Names& layers_;
  const WeightSource& weights_;
  Writer w_;
};

Architecture mobilenet_v1(MobileWriter& m) {
  m.convolve("conv1", "conv1_bn", 2, "conv1_pad");
  m.relu6("conv1_relu");
  for (int i = 1; i <= 13; ++i) {
    const std::string deep = fmt::format("conv_dw_{}", i), wide = fmt::format("conv_pw_{}", i);
    const int stride = i == 2 || i == 4 || i == 6 || i == 12 ? 2 : 1;
    m.depthwise(deep, deep + "_bn", stride, fmt::format("conv_pad_{}", i));
    m.relu6(deep + "_relu");
    m.convolve(wide, wide + "_bn", 1);
    m.relu6(wide + "_relu");
  }
  if (m.has("conv_preds")) {
    Writer& w = m.writer();
    w.add("GlobalAveragePooling2D", "global_average_pooling2d");
    w.convolution("conv_preds", m.extents("conv_preds")[3], {1, 1}, "same");
    w.activation("predictions", "softmax");
  }
  return {"mobilenet", m.writer().take(), signed_input};
}

Architecture mobilenet_v2(MobileWriter& m) {
  m.convolve("Conv1", "bn_Conv1", 2, "Conv1_pad");
  m.relu6("Conv1_relu");
  for (int i = 0; i <= 16; ++i) {
    const std::string base = i == 0 ? "expanded_conv_" : fmt::format("block_{}_", i);
    const std::string input = m.writer().last();
    const int stride = i == 1 || i == 3 || i == 6 || i == 13 ? 2 : 1;
    if (i > 0) {
      m.convolve(base + "expand", base + "expand_BN", 1);
      m.relu6(base + "expand_relu");
    }
    m.depthwise(base + "depthwise", base + "depthwise_BN", stride, base + "pad");
    m.relu6(base + "depthwise_relu");
    m.convolve(base + "project", base + "project_BN", 1);
    if (i > 0)
      m.add_if_alike(base + "add", input, m.extents(base + "expand")[2],
                     m.extents(base + "project")[3], stride);
  }
  m.convolve("Conv_1", "Conv_1_bn", 1);
  m.relu6("out_relu");
  for (const char* top : {"predictions", "Logits"})
    if (m.has(top) && !m.weights().arrays(top).empty()) {
      m.writer().add("GlobalAveragePooling2D", "global_average_pooling2d");
      m.writer().dense(m.weights(), top, "softmax");
    }
  return {"mobilenet_v2", m.writer().take(), signed_input};
}

// Keras 2 has "expanded_conv_1/expand/BatchNorm" where Keras 3 has "expanded_conv_1_expand_bn".
Architecture mobilenet_v3(MobileWriter& m) {
  const bool old = m.has("Conv/BatchNorm");
  const bool large = m.has(old ? "expanded_conv_14/project" : "expanded_conv_14_project");
  const bool minimal =
      !m.has(old ? "expanded_conv_4/squeeze_excite/Conv" : "expanded_conv_4_squeeze_excite_conv");
  const std::string norm = old ? "/BatchNorm" : "_bn", mark = old ? "/" : "_";
  const auto activate = [&](const std::string& name, bool hard) {
    m.writer().activation(name, hard && !minimal ? "hard_swish" : "relu");
  };
  const std::string first = old ? "Conv" : "conv";
  m.convolve(first, first + norm, 2);
  activate(first + mark + "activation", true);
  const int blocks = large ? 15 : 11;
  for (int i = 0; i < blocks; ++i) {
    const std::string base = (i == 0 ? "expanded_conv" : fmt::format("expanded_conv_{}", i)) + mark;
    const std::string input = m.writer().last();
    const bool hard = i >= (large ? 6 : 3);
    const int stride = large ? (i == 1 || i == 3 || i == 6 || i == 12 ? 2 : 1)
                             : (i == 0 || i == 1 || i == 3 || i == 8 ? 2 : 1);
    const std::string deep = base + "depthwise", excite = base + "squeeze_excite";
    if (i > 0) {
      m.convolve(base + "expand", base + "expand" + norm, 1);
      activate(base + "expand" + mark + "activation", hard);
    }
    m.depthwise(deep, deep + norm, stride, deep + mark + "pad");
    activate(deep + mark + "activation", hard);
    const std::string reduce = excite + (old ? "/Conv" : "_conv");
    // Its gate is relu6(x + 3) / 6, which Keras 3 calls so
    if (m.has(reduce))
      m.squeeze_and_excite({excite + mark + (old ? "AvgPool" : "avg_pool"), reduce, reduce + "_1",
                            excite + mark + (old ? "Mul" : "mul")},
                           "relu", "hard_sigmoid");
    m.convolve(base + "project", base + "project" + norm, 1);
    const std::int64_t in = m.extents(i > 0 ? base + "expand" : deep)[2];
    m.add_if_alike(base + (old ? "Add" : "add"), input, in, m.extents(base + "project")[3], stride);
  }
  m.convolve(first + "_1", first + "_1" + norm, 1);
  activate(first + "_1" + mark + "activation", true);
  return {large ? "mobilenet_v3_large" : "mobilenet_v3_small", m.writer().take(), signed_input, 3};
}

// Whether the published weights' layer of normalisation has deviations in the place of variances,
// so that keras.applications divides by their roots once more.
bool has_deviations(const MobileWriter& m, const std::string& layer) {
  for (const std::string& array : m.weights().arrays(layer)) {
    if (array.find("variance") == std::string::npos) continue;
    const Extents extents = m.weights().extents(layer, array);
    std::int64_t count = 1;
    for (const std::int64_t extent : extents) count *= std::min<std::int64_t>(extent, 4);
    if (count != 3) return false;
    std::array<float, 3> numbers{};
    m.weights().read(layer, array, numbers);
    return std::abs(numbers[0] - 0.229f) < 0.01f;
  }
  return false;
}

Architecture efficientnet(MobileWriter& m) {
  Writer& w = m.writer();
  const std::string normalization = "normalization";
  const bool scales = m.has(normalization) && m.weights().arrays(normalization).size() == 3;
  if (scales) {
    w.add("Rescaling", "rescaling", {{"scale", 1 / 255.0}});
    w.add("Normalization", normalization);
    if (has_deviations(m, normalization))
      w.add("Rescaling", "rescaling_1",
            {{"scale", {1 / std::sqrt(0.229), 1 / std::sqrt(0.224), 1 / std::sqrt(0.225)}}});
  }
  m.convolve("stem_conv", "stem_bn", 2, "stem_conv_pad");
  w.activation("stem_activation", "swish");
  for (int stage = 1; stage <= 7; ++stage)
    for (int block = 0; block < max_blocks; ++block) {
      const std::string base = fmt::format("block{}{}_", stage, static_cast<char>('a' + block));
      if (!m.has(base + "dwconv")) break;
      const std::string input = w.last(), expand = base + "expand_conv";
      const bool halves = stage != 1 && stage != 5 && stage != 7;
      const int stride = block == 0 && halves ? 2 : 1;
      if (m.has(expand)) {
        m.convolve(expand, base + "expand_bn", 1);
        w.activation(base + "expand_activation", "swish");
      }
      m.depthwise(base + "dwconv", base + "bn", stride, base + "dwconv_pad");
      w.activation(base + "activation", "swish");
      m.squeeze_and_excite(
          {base + "se_squeeze", base + "se_reduce", base + "se_expand", base + "se_excite"},
          "swish", "sigmoid");
      m.convolve(base + "project_conv", base + "project_bn", 1);
      const std::int64_t in = m.extents(m.has(expand) ? expand : base + "dwconv")[2];
      m.add_if_alike(base + "add", input, in, m.extents(base + "project_conv")[3], stride);
    }
  m.convolve("top_conv", "top_bn", 1);
  w.activation("top_activation", "swish");
  for (const char* top : {"predictions", "probs"})
    if (m.has(top) && !m.weights().arrays(top).empty()) {
      w.add("GlobalAveragePooling2D", "avg_pool");
      w.dense(m.weights(), top, "softmax");
    }
  return {"efficientnet", w.take(), scales ? InputTransform{} : torch_input};
}

using Write = Architecture (*)(MobileWriter&);

// By layers that only one of them has. Null: none of these.
Write writer_of(const Names& layers) {
  if (has(layers, "conv_dw_13") && has(layers, "conv_pw_13")) return mobilenet_v1;
  if (has(layers, "block_16_project") && has(layers, "Conv_1")) return mobilenet_v2;
  if (has(layers, "expanded_conv_10/project") || has(layers, "expanded_conv_10_project"))
    return mobilenet_v3;
  if (has(layers, "block1a_dwconv") && has(layers, "block7a_dwconv") &&
      has(layers, "block1a_se_reduce"))
    return efficientnet;
  return nullptr;
}

}  // namespace

bool is_mobile(const Names& layers) { return writer_of(layers) != nullptr; }

Architecture mobile(const Names& layers, const WeightSource& weights) {
  MobileWriter writer(layers, weights);
  return writer_of(layers)(writer);
}

}  // namespace reverie::keras
