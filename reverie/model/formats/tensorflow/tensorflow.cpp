#include "reverie/model/formats/tensorflow/tensorflow.h"

#include <fmt/format.h>

#include <unordered_map>

#include "reverie/base/error.h"
#include "reverie/model/formats/tensorflow/tensorflow_builder.h"

namespace reverie {
namespace {

using tensorflow::Node;

// Positions of nodes in an order in which each comes after what it reads. A loop is broken where it
// closes.
class Sorter {
 public:
  explicit Sorter(const std::vector<Node>& nodes) : nodes_(nodes), seen_(nodes.size()) {
    for (std::size_t i = 0; i < nodes.size(); ++i) places_.emplace(nodes[i].name, i);
  }

  std::vector<std::size_t> run() {
    for (std::size_t i = 0; i < nodes_.size(); ++i) visit(i);
    return std::move(order_);
  }

  // The place of the node that an input names, or none.
  std::optional<std::size_t> place(std::string_view input) const {
    if (input.starts_with('^')) input.remove_prefix(1);
    const auto found = places_.find(input.substr(0, input.find(':')));
    if (found == places_.end()) return std::nullopt;
    return found->second;
  }

 private:
  // Depth first, with a stack of its own: a file may chain as many nodes as it likes
  void visit(std::size_t first) {
    std::vector<std::pair<std::size_t, std::size_t>> stack;  // a node, the next input to look at
    const auto enter = [&](std::size_t node) {
      if (!seen_[node]) stack.emplace_back(node, 0);
      seen_[node] = true;
    };
    enter(first);
    while (!stack.empty()) {
      auto& [node, next] = stack.back();
      if (next == nodes_[node].inputs.size()) {
        order_.push_back(node);
        stack.pop_back();
      } else if (const auto input = place(nodes_[node].inputs[next++])) {
        enter(*input);
      }
    }
  }

  const std::vector<Node>& nodes_;
  std::vector<bool> seen_;
  std::unordered_map<std::string_view, std::size_t> places_;
  std::vector<std::size_t> order_;
};

// For each node what it reads: places, none for an output other than the first or a node that is
// not there. Control inputs are left out.
tensorflow::Links links(const std::vector<Node>& nodes, const Sorter& sorter) {
  tensorflow::Links all(nodes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i)
    for (const std::string_view input : nodes[i].inputs) {
      if (input.starts_with('^')) continue;
      const std::size_t colon = input.find(':');
      const bool is_first = colon == std::string_view::npos || input.substr(colon) == ":0";
      all[i].push_back(is_first ? sorter.place(input) : std::nullopt);
    }
  return all;
}

// A variable, which a frozen graph has turned into a constant.
bool is_variable(const Node& node) {
  return node.op == "Variable" || node.op == "VariableV2" || node.op == "VarHandleOp" ||
         node.op == "VarIsInitializedOp";
}

void refuse_other_formats(std::span<const std::byte> bytes, const std::string& file) {
  if (wire::as_text(bytes).starts_with("\x08\x01\x12"))
    throw Unsupported(fmt::format(
        "'{}' is a SavedModel, whose weights are in other files; freeze it into one GraphDef first",
        file));
}

}  // namespace

TensorFlowNetwork read_tensorflow(std::span<const std::byte> bytes, const std::string& file) {
  refuse_other_formats(bytes, file);
  const std::vector<Node> nodes = tensorflow::read_nodes(bytes, file);
  Sorter sorter(nodes);
  const std::vector<std::size_t> order = sorter.run();
  tensorflow::Builder builder(nodes, links(nodes, sorter), file, bytes.size());
  builder.add_input(order);
  for (const std::size_t node : order) builder.read(node);
  TensorFlowNetwork network = builder.finish();
  bool any_convolution = false;
  for (const Layer& layer : network.graph.layers)
    any_convolution = any_convolution || std::holds_alternative<Convolution>(layer.op);
  for (const Node& node : nodes)
    if (!any_convolution && is_variable(node))
      throw BadModel(fmt::format(
          "'{}' is not frozen: its weights are variables such as '{}', kept in another file; "
          "freeze the graph first",
          file, node.name));
  return network;
}

}  // namespace reverie
