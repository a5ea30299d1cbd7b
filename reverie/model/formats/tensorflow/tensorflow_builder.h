// tensorflow_builder.h: turns the nodes of a GraphDef into layers.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "reverie/model/formats/tensorflow/tensorflow.h"
#include "reverie/model/formats/tensorflow/tensorflow_ops.h"

namespace reverie::tensorflow {

// For each node the nodes that it reads; nothing where the input is unknown.
using Links = std::vector<std::vector<std::optional<std::size_t>>>;

// REQUIRES: call add_input first, then read for each node after its inputs, then finish.
class Builder {
 public:
  // `nodes` must outlive this.
  Builder(const std::vector<Node>& nodes, Links links, const std::string& file,
          std::size_t file_bytes);

  // Makes the node of the picture layer 0: the one that the first convolution in `order` depends
  // on. Errors: BadModel when there is none; Unsupported when it is not a color picture.
  void add_input(const std::vector<std::size_t>& order);

  void read(std::size_t node);

  TensorFlowNetwork finish();

 private:
  using Inputs = std::vector<Value>;
  using Reader = Value (Builder::*)(const Node&, const Inputs&);
  static const std::map<std::string_view, Reader>& readers();

  Value value_of(const Node& node, const Inputs& inputs);
  std::optional<std::size_t> find_picture(const std::vector<std::size_t>& order) const;
  Order order_of_picture(const std::vector<std::size_t>& order) const;

  // One for each kind of node; what they return has a new layer or that of an input
  Value convolution(const Node& node, const Inputs& inputs);
  Value pool(const Node& node, const Inputs& inputs);
  Value lrn(const Node& node, const Inputs& inputs);
  Value batch_norm(const Node& node, const Inputs& inputs);
  Value relu(const Node& node, const Inputs& inputs);
  Value bias(const Node& node, const Inputs& inputs);
  Value arithmetic(const Node& node, const Inputs& inputs);
  Value concat(const Node& node, const Inputs& inputs);
  Value pad(const Node& node, const Inputs& inputs);
  Value reduce(const Node& node, const Inputs& inputs);
  Value matrix_product(const Node& node, const Inputs& inputs);
  Value reshape(const Node& node, const Inputs& inputs);
  Value transpose(const Node& node, const Inputs& inputs);
  Value softmax(const Node& node, const Inputs& inputs);
  Value same(const Node& node, const Inputs& inputs);
  Value same_on_picture(const Node& node, const Inputs& inputs);
  Value shape(const Node& node, const Inputs& inputs);

  // How a value combines with a constant per channel.
  Value with_constant(const Node& node, const Value& data, const Constant& constant, bool first);
  // The convolution or matrix product that `data` is, with a bias, as a layer of its own; none when
  // it is neither or has one.
  std::optional<Value> with_bias(const Node& node, const Value& data,
                                 const std::vector<double>& bias);
  OpSource source(const Node& node, const Inputs& inputs) const;
  std::int64_t channels(const Value& value) const;
  Value add(const Node& node, Op op, const std::vector<Value>& inputs);
  Value unknown(const Node& node, const Inputs& inputs, const std::string& why = "");
  [[noreturn]] void fail(const Node& node, const std::string& what) const;

  const std::vector<Node>& nodes_;
  const Links links_;
  const std::string file_;
  WeightLoader loader_;
  TensorFlowNetwork network_;
  std::optional<std::size_t> picture_;  // the node that gives it
  std::vector<Value> values_;           // by node
  std::vector<std::int64_t> channels_;  // by layer; -1: unknown
};

}  // namespace reverie::tensorflow
