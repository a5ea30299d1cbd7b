#include "reverie/model/formats/onnx/onnx_functions.h"

#include <map>
#include <utility>

namespace reverie::onnx {
namespace {

constexpr int max_depth = 16;
// All names that nodes inside functions get; a call nested often would multiply them
constexpr std::size_t max_name_bytes = std::size_t{16} << 20;

class Inliner {
 public:
  explicit Inliner(Model& model) : model_(model) {
    for (const Function& function : model.functions)
      functions_.emplace(std::pair(function.domain, function.name), &function);
  }

  void run() {
    std::vector<Node> nodes = std::move(model_.nodes);
    model_.nodes.clear();
    for (const Node& node : nodes) place(node, 0);
  }

 private:
  void place(const Node& node, int depth) {
    const auto found = functions_.find(std::pair(node.domain, node.type));
    const bool fits = found != functions_.end() && depth < max_depth &&
                      model_.nodes.size() + found->second->nodes.size() <= max_nodes &&
                      name_bytes_ < max_name_bytes;
    if (fits)
      expand(node, *found->second, depth);
    else if (model_.nodes.size() < max_nodes)
      model_.nodes.push_back(node);
  }

  std::string_view keep(std::string name) {
    name_bytes_ += name.size();
    if (name_bytes_ > max_name_bytes) name = "#" + std::to_string(model_.own_names.size());
    return model_.own_names.emplace_back(std::move(name));
  }

  void expand(const Node& call, const Function& function, int depth) {
    // What the function's names mean outside; an input that the call leaves out is none
    std::map<std::string_view, std::string_view> names;
    for (std::size_t i = 0; i < function.inputs.size(); ++i)
      names[function.inputs[i]] = i < call.inputs.size() ? call.inputs[i] : std::string_view{};
    for (std::size_t i = 0; i < function.outputs.size() && i < call.outputs.size(); ++i)
      if (!call.outputs[i].empty()) names[function.outputs[i]] = call.outputs[i];
    const std::string prefix(call.name.empty() && !call.outputs.empty() ? call.outputs[0]
                                                                        : call.name);
    const auto outside = [&](std::string_view name) {
      if (name.empty()) return name;
      const auto found = names.find(name);
      if (found != names.end()) return found->second;
      return names[name] = keep(prefix + "/" + std::string(name));
    };

    for (const Node& inner : function.nodes) {
      Node node = inner;
      const bool is_result = !call.outputs.empty() && !inner.outputs.empty() &&
                             !function.outputs.empty() && inner.outputs[0] == function.outputs[0];
      if (is_result)
        node.name = call.name;
      else if (!inner.name.empty())
        node.name = keep(prefix + "/" + std::string(inner.name));
      for (std::string_view& name : node.inputs) name = outside(name);
      for (std::string_view& name : node.outputs) name = outside(name);
      node.attributes = attributes_of(inner, call, function);
      place(node, depth + 1);
    }
  }

  // An attribute that refers to one of the function takes the call's, else the function's default.
  static std::vector<std::pair<std::string_view, Bytes>> attributes_of(const Node& inner,
                                                                       const Node& call,
                                                                       const Function& function) {
    std::vector<std::pair<std::string_view, Bytes>> attributes;
    for (const auto& [name, message] : inner.attributes) {
      std::string_view reference;
      try {
        reference = parse_attribute(message).reference;
      } catch (const wire::Malformed&) {  // its node will say so
      }
      if (reference.empty()) {
        attributes.emplace_back(name, message);
        continue;
      }
      const Bytes* given = nullptr;
      for (const Bytes& standard : function.defaults)
        if (attribute_name(standard) == reference) given = &standard;
      for (const auto& [called, value] : call.attributes)
        if (called == reference) given = &value;
      if (given != nullptr) attributes.emplace_back(name, *given);
    }
    return attributes;
  }

  Model& model_;
  std::map<std::pair<std::string_view, std::string_view>, const Function*> functions_;
  std::size_t name_bytes_ = 0;
};

}  // namespace

void inline_functions(Model& model) {
  if (!model.functions.empty()) Inliner(model).run();
}

}  // namespace reverie::onnx
