#include "reverie/model/formats/caffe/caffe.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "reverie/base/error.h"
#include "reverie/graph/shapes.h"
#include "reverie/model/formats/caffe/caffe_ops.h"
#include "reverie/model/formats/caffe/prototxt.h"

namespace reverie {
namespace {

using caffe::CaffeWeights;
using caffe_proto::LayerParameter;
using caffe_proto::NetParameter;

constexpr int max_layers = 5000;

bool is_one_of(const std::string& type, std::initializer_list<std::string_view> types) {
  return std::find(types.begin(), types.end(), type) != types.end();
}

bool is_data(const std::string& type) {
  return is_one_of(type, {"Data", "ImageData", "HDF5Data", "WindowData", "MemoryData", "DummyData",
                          "AnnotatedData", "VideoData", "DenseImageData"});
}

bool is_loss(const std::string& type) {
  return type.ends_with("Loss") || type == "SoftmaxWithLoss";
}

// Layers that only measure, and whose output no other layer reads.
bool is_training_only(const std::string& type) {
  return is_loss(type) || is_one_of(type, {"Accuracy", "Silence", "HDF5Output"});
}

// Layers whose output is their input when the network is used.
bool is_identity(const std::string& type) { return is_one_of(type, {"Dropout", "Split"}); }

bool is_flattening(const std::string& type) { return is_one_of(type, {"Flatten", "Reshape"}); }

class GraphBuilder {
 public:
  GraphBuilder(const NetParameter& net, const CaffeWeights& weights, std::string file)
      : net_(net), weights_(weights), file_(std::move(file)) {}

  CaffeNetwork run() {
    if (net_.layer_size() > max_layers)
      throw BadModel(fmt::format("'{}' has {} layers, expected at most {}", file_,
                                 net_.layer_size(), max_layers));
    graph_.name = net_.name();
    graph_.transform.order = {2, 1, 0};
    find_auxiliary_heads();
    add_inputs();
    for (int i = 0; i < net_.layer_size(); ++i)
      if (!auxiliary_[static_cast<std::size_t>(i)]) read_layer(net_.layer(i));
    if (graph_.layers.empty()) throw BadModel(fmt::format("'{}' has no input layer", file_));
    add_aliases();
    return {std::move(graph_), transform_};
  }

 private:
  // A value that a blob's name stands for at this place of the file.
  struct Value {
    int index = -1;
    bool flat = false;  // it has passed a Flatten or Reshape, which the graph leaves out
  };

  // Inputs --------------------------------------------------------------------------------------

  void add_inputs() {
    for (int i = 0; i < net_.input_size(); ++i) {
      if (net_.input_shape_size() > i)
        add_input(net_.input(i),
                  {net_.input_shape(i).dim().begin(), net_.input_shape(i).dim().end()});
      else if (net_.input_dim_size() >= 4 * (i + 1))
        add_input(net_.input(i),
                  {net_.input_dim().begin() + 4 * i, net_.input_dim().begin() + 4 * i + 4});
      else
        throw BadModel(
            fmt::format("'{}': input '{}' has no input_dim or input_shape", file_, net_.input(i)));
    }
  }

  void add_input(const std::string& blob, const std::vector<std::int64_t>& extents) {
    // A second input is something that a picture does not give: what reads it cannot run
    if (!graph_.layers.empty()) {
      produce(blob, UnknownLayer{"second Input"}, {});
      return;
    }
    if (extents.size() != 4)
      throw BadModel(
          fmt::format("'{}': input '{}' has {} extents, expected 4", file_, blob, extents.size()));
    if (extents[1] != 3)
      throw Unsupported(
          fmt::format("'{}': input '{}' has {} channels; Reverie dreams in colour and needs 3",
                      file_, blob, extents[1]));
    produce(blob, Input{3}, {});
  }

  // A data layer, whatever its phase: what it gives becomes the input unless there is another.
  void add_data(const LayerParameter& layer) {
    for (int i = 0; i < layer.top_size(); ++i) skipped_.insert(layer.top(i));
    if (layer.top_size() == 0) return;
    read_transform(layer.transform_param());
    if (data_blob_.empty() && graph_.layers.empty()) data_blob_ = layer.top(0);
  }

  void read_transform(const caffe_proto::TransformationParameter& param) {
    const auto& mean = param.mean_value();
    if (mean.size() != 1 && mean.size() != 3) return;
    InputTransform transform;
    transform.order = {2, 1, 0};
    for (std::size_t c = 0; c < 3; ++c) {
      transform.mean[c] = mean[mean.size() == 1 ? 0 : static_cast<int>(c)];
      transform.scale[c] = param.scale();
    }
    transform_ = transform;
  }

  // Heads that only help training -----------------------------------------------------------------

  // A layer is part of one when all that reads its values is, and in the end a loss that counts
  // less than the others.
  void find_auxiliary_heads() {
    auxiliary_.assign(static_cast<std::size_t>(net_.layer_size()), false);
    std::map<std::string, bool, std::less<>> all_auxiliary;  // of the readers seen so far
    for (int i = net_.layer_size() - 1; i >= 0; --i) {
      const LayerParameter& layer = net_.layer(i);
      if (layer.type() == "Accuracy" || (!caffe::is_included(layer) && !is_loss(layer.type())))
        continue;
      bool auxiliary =
          is_loss(layer.type()) && layer.loss_weight_size() > 0 && layer.loss_weight(0) < 1;
      if (!is_loss(layer.type()) && layer.top_size() > 0) {
        auxiliary = true;
        for (const std::string& top : layer.top()) {
          const auto found = all_auxiliary.find(top);
          auxiliary = auxiliary && found != all_auxiliary.end() && found->second;
        }
      }
      auxiliary_[static_cast<std::size_t>(i)] = auxiliary && !is_data(layer.type());
      for (const std::string& bottom : layer.bottom()) {
        const auto [found, is_new] = all_auxiliary.emplace(bottom, auxiliary);
        if (!is_new) found->second = found->second && auxiliary;
      }
    }
  }

  // Layers --------------------------------------------------------------------------------------

  void read_layer(const LayerParameter& layer) {
    const std::string& type = layer.type();
    if (is_data(type)) return add_data(layer);
    if (!caffe::is_included(layer)) return;
    if (type.empty())
      throw BadModel(fmt::format("'{}': layer '{}' has no type", file_, layer.name()));
    if (type == "Input") return add_input_layer(layer);
    if (is_training_only(type) || reads_skipped(layer)) {
      skipped_.insert(layer.top().begin(), layer.top().end());
      return;
    }

    // Look up what it reads
    std::vector<int> inputs;
    bool flat = false;
    for (const std::string& bottom : layer.bottom()) {
      const Value value = read(layer, bottom);
      inputs.push_back(value.index);
      flat = flat || value.flat;
    }
    if (is_identity(type) || is_flattening(type))
      return rename(layer, inputs, flat || is_flattening(type));
    if (layer.top_size() == 0) return;

    // Numbers in another order than channels, rows, columns only a classifier can read
    Op op = flat && !is_one_of(type, {"InnerProduct", "Softmax"})
                ? Op{UnknownLayer{type + " on a reshaped blob"}}
                : make(layer, inputs);
    layer_names_.emplace_back(layer.name(), produce_tops(layer, std::move(op), inputs));
  }

  void add_input_layer(const LayerParameter& layer) {
    for (int i = 0; i < layer.top_size(); ++i) {
      const auto& shapes = layer.input_param().shape();
      if (shapes.empty())
        throw BadModel(fmt::format("'{}': input layer '{}' has no shape", file_, layer.name()));
      const auto& dim = shapes[std::min(i, shapes.size() - 1)].dim();
      add_input(layer.top(i), {dim.begin(), dim.end()});
    }
  }

  bool reads_skipped(const LayerParameter& layer) const {
    return std::any_of(layer.bottom().begin(), layer.bottom().end(), [this](const std::string& b) {
      return skipped_.contains(b) && !blobs_.contains(b) && b != data_blob_;
    });
  }

  Value read(const LayerParameter& layer, const std::string& blob) {
    // The first that reads what a data layer gives: make that the input
    if (blob == data_blob_ && graph_.layers.empty()) produce(blob, Input{3}, {});
    const auto found = blobs_.find(blob);
    if (found == blobs_.end())
      throw BadModel(fmt::format("'{}': layer '{}' reads blob '{}', which no layer before it makes",
                                 file_, layer.name(), blob));
    return found->second;
  }

  Op make(const LayerParameter& layer, const std::vector<int>& inputs) const {
    std::vector<std::int64_t> channels;
    for (const int input : inputs) channels.push_back(channels_[static_cast<std::size_t>(input)]);
    return caffe::make_op(layer, channels, weights_);
  }

  // Dropout and its like: every top is another name of the bottom.
  void rename(const LayerParameter& layer, const std::vector<int>& inputs, bool flat) {
    if (inputs.size() != 1)
      throw BadModel(fmt::format("'{}': layer '{}' ({}) reads {} blobs, expected 1", file_,
                                 layer.name(), layer.type(), inputs.size()));
    for (const std::string& top : layer.top()) {
      blobs_[top] = {inputs[0], flat};
      layer_names_.emplace_back(top, inputs[0]);
    }
    layer_names_.emplace_back(layer.name(), inputs[0]);
  }

  // Adds the layer's value under its first top's name; further tops are nothing that can be read.
  int produce_tops(const LayerParameter& layer, Op op, const std::vector<int>& inputs) {
    const std::string& top = layer.top(0);
    if (blobs_.contains(top)) {
      const bool in_place =
          std::find(layer.bottom().begin(), layer.bottom().end(), top) != layer.bottom().end();
      if (!in_place)
        throw BadModel(fmt::format("'{}': blob '{}' is made twice, the second time by layer '{}'",
                                   file_, top, layer.name()));
      set_aside(top, layer.type());
    }
    for (int i = 1; i < layer.top_size(); ++i)
      if (!blobs_.contains(layer.top(i)))
        produce(layer.top(i), UnknownLayer{fmt::format("{} (output {})", layer.type(), i + 1)},
                inputs);
    return produce(top, std::move(op), inputs);
  }

  // Gives the value of that name the name NAME/pre_<type>, since an in-place layer takes NAME over.
  void set_aside(const std::string& blob, const std::string& type) {
    const int index = graph_.find(blob);
    if (index < 0) return;  // a renamed value: the name was only an alias
    std::string suffix;
    for (const char c : type)
      suffix.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
    std::string aside = fmt::format("{}/pre_{}", blob, suffix);
    for (int n = 2; graph_.find(aside) >= 0; ++n)
      aside = fmt::format("{}/pre_{}{}", blob, suffix, n);
    graph_.layers[static_cast<std::size_t>(index)].name = aside;
  }

  int produce(const std::string& blob, Op op, const std::vector<int>& inputs) {
    std::vector<std::int64_t> channels;
    for (const int input : inputs) channels.push_back(channels_[static_cast<std::size_t>(input)]);
    channels_.push_back(output_channels(op, channels));
    const int index = graph_.add(blob, std::move(op), inputs);
    blobs_[blob] = {index, false};
    return index;
  }

  // Names of layers and of renamed blobs, where no value has that name itself.
  void add_aliases() {
    std::set<std::string, std::less<>> taken;
    for (const Layer& layer : graph_.layers) taken.insert(layer.name);
    for (const auto& [name, index] : layer_names_)
      if (!name.empty() && !taken.contains(name)) graph_.aliases.emplace(name, index);
  }

  const NetParameter& net_;
  const CaffeWeights& weights_;
  const std::string file_;
  Graph graph_;
  std::optional<InputTransform> transform_;
  std::vector<bool> auxiliary_;         // by layer of the file
  std::vector<std::int64_t> channels_;  // by layer of the graph; -1: unknown
  std::map<std::string, Value, std::less<>> blobs_;
  std::set<std::string, std::less<>> skipped_;  // blobs of layers that are left out
  std::string data_blob_;                       // what the data layer gives
  std::vector<std::pair<std::string, int>> layer_names_;
};

}  // namespace

CaffeNetwork read_caffe(const CaffeFiles& files) {
  const bool inside = files.prototxt.empty() && files.prototxt_name.empty();
  NetParameter net;
  if (!inside) net = caffe::parse_prototxt(files.prototxt, files.prototxt_name);
  const CaffeWeights weights = caffe::read_weights(files.caffemodel, files.caffemodel_name);
  if (inside) net = caffe::parse_description(weights.description, files.caffemodel_name);
  return GraphBuilder(net, weights, inside ? files.caffemodel_name : files.prototxt_name).run();
}

}  // namespace reverie
