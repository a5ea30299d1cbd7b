#include "reverie/model/formats/caffe/prototxt.h"

#include <fmt/format.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <climits>
#include <span>

#include "reverie/base/error.h"
#include "reverie/model/formats/foreign_file.h"

namespace reverie::caffe {
namespace {

using caffe_proto::LayerParameter;
using caffe_proto::NetParameter;
using caffe_proto::NetStateRule;
using caffe_proto::V1LayerParameter;

constexpr std::size_t max_text_bytes = 16 << 20;
constexpr int deepest_nesting = 64;

// Keeps the first error and lets warnings about unknown fields go.
class FirstError : public google::protobuf::io::ErrorCollector {
 public:
#if GOOGLE_PROTOBUF_VERSION >= 4022000
  void RecordError(int line, int column, absl::string_view message) override {
    keep(line, column, std::string(message));
  }
  void RecordWarning(int, int, absl::string_view) override {}
#else
  void AddError(int line, int column, const std::string& message) override {
    keep(line, column, message);
  }
  void AddWarning(int, int, const std::string&) override {}
#endif

  // "3:14: what was wrong", counted from one.
  const std::string& text() const { return text_; }

 private:
  void keep(int line, int column, std::string message) {
    std::replace(message.begin(), message.end(), '\n', ' ');
    if (text_.empty()) text_ = fmt::format("{}:{}: {}", line + 1, column + 1, message);
  }
  std::string text_;
};

// Protobuf skips unknown messages by recursion, so their depth is bounded before it reads them.
void check_nesting(std::string_view text, const std::string& file) {
  int depth = 0, line = 1;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') ++line;
    if (quote != 0) {
      if (c == '\\') ++i;
      if (c == quote || c == '\n') quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '#') {
      while (i + 1 < text.size() && text[i + 1] != '\n') ++i;
    } else if (c == '{' || c == '<' || c == '[') {
      if (++depth > deepest_nesting)
        throw BadModel(
            fmt::format("'{}' line {}: more than {} nested messages", file, line, deepest_nesting));
    } else if (c == '}' || c == '>' || c == ']') {
      --depth;
    }
  }
}

// The current name of a legacy type: EUCLIDEAN_LOSS is EuclideanLoss, with a few exceptions.
std::string type_name(V1LayerParameter::LayerType type) {
  switch (type) {
    case V1LayerParameter::ABSVAL:
      return "AbsVal";
    case V1LayerParameter::ARGMAX:
      return "ArgMax";
    case V1LayerParameter::BNLL:
      return "BNLL";
    case V1LayerParameter::HDF5_DATA:
      return "HDF5Data";
    case V1LayerParameter::HDF5_OUTPUT:
      return "HDF5Output";
    case V1LayerParameter::LRN:
      return "LRN";
    case V1LayerParameter::MVN:
      return "MVN";
    case V1LayerParameter::RELU:
      return "ReLU";
    case V1LayerParameter::SOFTMAX_LOSS:
      return "SoftmaxWithLoss";
    case V1LayerParameter::TANH:
      return "TanH";
    default:
      break;
  }
  std::string name;
  bool upper = true;
  for (const char c : V1LayerParameter::LayerType_Name(type)) {
    if (c != '_') name.push_back(upper || c < 'A' ? c : static_cast<char>(c - 'A' + 'a'));
    upper = c == '_';
  }
  return name;
}

LayerParameter upgraded(V1LayerParameter& old) {
  LayerParameter layer;
  layer.set_name(old.name());
  layer.set_type(type_name(old.type()));
  layer.mutable_bottom()->Swap(old.mutable_bottom());
  layer.mutable_top()->Swap(old.mutable_top());
  layer.mutable_include()->Swap(old.mutable_include());
  layer.mutable_exclude()->Swap(old.mutable_exclude());
  layer.mutable_loss_weight()->Swap(old.mutable_loss_weight());
  if (old.has_concat_param()) layer.mutable_concat_param()->Swap(old.mutable_concat_param());
  if (old.has_convolution_param())
    layer.mutable_convolution_param()->Swap(old.mutable_convolution_param());
  if (old.has_eltwise_param()) layer.mutable_eltwise_param()->Swap(old.mutable_eltwise_param());
  if (old.has_inner_product_param())
    layer.mutable_inner_product_param()->Swap(old.mutable_inner_product_param());
  if (old.has_lrn_param()) layer.mutable_lrn_param()->Swap(old.mutable_lrn_param());
  if (old.has_memory_data_param())
    layer.mutable_memory_data_param()->Swap(old.mutable_memory_data_param());
  if (old.has_pooling_param()) layer.mutable_pooling_param()->Swap(old.mutable_pooling_param());
  if (old.has_power_param()) layer.mutable_power_param()->Swap(old.mutable_power_param());
  if (old.has_relu_param()) layer.mutable_relu_param()->Swap(old.mutable_relu_param());
  if (old.has_softmax_param()) layer.mutable_softmax_param()->Swap(old.mutable_softmax_param());
  if (old.has_transform_param())
    layer.mutable_transform_param()->Swap(old.mutable_transform_param());
  return layer;
}

void upgrade(NetParameter& net, const std::string& file) {
  if (net.layers_size() > 0 && net.layer_size() > 0)
    throw BadModel(
        fmt::format("'{}' mixes `layer` and legacy `layers`; Caffe reads one or the other", file));
  for (V1LayerParameter& old : *net.mutable_layers()) {
    if (old.has_layer())
      throw Unsupported(
          fmt::format("'{}' is in Caffe's form of 2013; bring it up to date with Caffe's "
                      "upgrade_net_proto_text",
                      file));
    *net.add_layer() = upgraded(old);
  }
  net.clear_layers();
  if (net.layer_size() == 0)
    throw BadModel(fmt::format("'{}' describes no layers; is it a network's prototxt?", file));
}

bool meets(const NetStateRule& rule) {
  if (rule.has_phase() && rule.phase() != caffe_proto::TEST) return false;
  if (rule.has_min_level() && rule.min_level() > 0) return false;
  if (rule.has_max_level() && rule.max_level() < 0) return false;
  // The one stage that a network in use is commonly given
  const auto is_deploy = [](const std::string& stage) { return stage == "deploy"; };
  return std::all_of(rule.stage().begin(), rule.stage().end(), is_deploy) &&
         std::none_of(rule.not_stage().begin(), rule.not_stage().end(), is_deploy);
}

}  // namespace

NetParameter parse_prototxt(std::string_view text, const std::string& file) {
  if (const std::string what = foreign_content(std::as_bytes(std::span(text))); !what.empty())
    throw BadModel(fmt::format("'{}' {}", file, what));
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";  // Windows' editors write it
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  if (text.find('\0') != std::string_view::npos)
    throw BadModel(
        fmt::format("'{}' is not a prototxt: it is a binary file, where the text of a network's "
                    "description is expected",
                    file));
  if (text.size() > max_text_bytes)
    throw BadModel(fmt::format("'{}' is not a prototxt: it has {} bytes, at most {} are expected",
                               file, text.size(), max_text_bytes));
  check_nesting(text, file);

  google::protobuf::TextFormat::Parser parser;
  FirstError error;
  parser.RecordErrorsTo(&error);
  parser.AllowUnknownField(true);
  parser.AllowUnknownExtension(true);
  google::protobuf::io::ArrayInputStream stream(text.data(), static_cast<int>(text.size()));
  NetParameter net;
  if (!parser.Parse(&stream, &net))
    throw BadModel(fmt::format("'{}' does not parse as a prototxt at {}", file,
                               error.text().empty() ? "its end" : error.text()));
  upgrade(net, file);
  return net;
}

NetParameter parse_description(const std::string& serialized, const std::string& file) {
  NetParameter net;
  if (serialized.size() > INT_MAX || !net.ParsePartialFromString(serialized))
    throw BadModel(fmt::format("'{}' is damaged: the description inside does not parse", file));
  upgrade(net, file);
  return net;
}

bool is_included(const LayerParameter& layer) {
  if (layer.include_size() > 0)
    return std::any_of(layer.include().begin(), layer.include().end(), meets);
  return std::none_of(layer.exclude().begin(), layer.exclude().end(), meets);
}

}  // namespace reverie::caffe
