#include "reverie/model/formats/keras/keras_calls.h"

#include <algorithm>
#include <map>
#include <stdexcept>

namespace reverie::keras {
namespace {

using Json = nlohmann::json;

constexpr int max_list_depth = 8;        // of lists in lists
constexpr std::size_t max_items = 5000;  // that one call is given

[[noreturn]] void refuse() { throw std::invalid_argument("inbound_nodes of an unknown form"); }

// Keras 3 --------------------------------------------------------------------------------------

bool is_of_class(const Json& value, const char* name) {
  return value.is_object() && value.contains("class_name") && value["class_name"] == name &&
         value.contains("config") && value["config"].is_object();
}

// Adds an argument. A list may hold values of the graph, as that of a Concatenate does.
void add_argument(const Json& value, Call& call, int depth = 0) {
  if (depth > max_list_depth || call.operands.size() >= max_items) refuse();
  if (is_of_class(value, "__keras_tensor__")) {
    const Json& config = value["config"];
    Ref ref;
    if (!config.contains("keras_history") || !read_ref(config["keras_history"], ref)) refuse();
    call.inputs.push_back(std::move(ref));
    call.operands.emplace_back();
  } else if (is_of_class(value, "__numpy__") || is_of_class(value, "__tensor__")) {
    call.operands.push_back(value["config"].value("value", Json()));
  } else if (value.is_array() && std::any_of(value.begin(), value.end(), [](const Json& item) {
               return is_of_class(item, "__keras_tensor__") || item.is_array();
             })) {
    for (const Json& item : value) add_argument(item, call, depth + 1);
  } else {
    call.operands.push_back(value);
  }
}

Call parse_arguments(const Json& node) {
  Call call;
  const Json& args = node.at("args");
  if (!args.is_array()) refuse();
  for (const Json& value : args) add_argument(value, call);
  if (!node.contains("kwargs")) return call;
  const Json& kwargs = node["kwargs"];
  if (!kwargs.is_object()) refuse();
  for (const auto& [key, value] : kwargs.items()) {
    const std::size_t inputs = call.inputs.size(), operands = call.operands.size();
    add_argument(value, call);
    if (call.inputs.size() > inputs) continue;
    call.operands.resize(operands);
    call.named[key] = value;
  }
  return call;
}

// Keras 1 and 2 --------------------------------------------------------------------------------

// [layer, node, tensor, arguments]; or a constant in the place of the first.
void add_input(const Json& from, Call& call) {
  if (!from.is_array() || from.size() < 3 || !from[0].is_string()) refuse();
  if (from[0] == "_CONSTANT_VALUE") {
    call.operands.push_back(from[2]);
  } else {
    Ref ref;
    if (!read_ref(Json{from[0], from[1], from[2]}, ref)) refuse();
    call.inputs.push_back(std::move(ref));
    call.operands.emplace_back();
  }
  if (from.size() < 4 || !from[3].is_object()) return;
  for (const auto& [key, value] : from[3].items()) {
    Ref ref;
    if (read_ref(value, ref)) {
      call.inputs.push_back(std::move(ref));
      call.operands.emplace_back();
    } else {
      if (key == "y" || key == "bias") call.operands.push_back(value);
      call.named[key] = value;
    }
  }
}

Call parse_list(const Json& node) {
  Call call;
  if (!node.is_array() || node.size() > max_items) refuse();
  if (!node.empty() && node[0].is_string())  // of a layer with one input, which is no list
    add_input(node, call);
  else
    for (const Json& from : node) add_input(from, call);
  return call;
}

// Operations -----------------------------------------------------------------------------------

// The operations of two values, by the names that they have in both versions.
const std::map<std::string, char>& arithmetic() {
  static const std::map<std::string, char> all{
      {"Add", '+'},         {"__operators__.add", '+'}, {"math.add", '+'},
      {"nn.bias_add", '+'}, {"Subtract", '-'},          {"math.subtract", '-'},
      {"Multiply", '*'},    {"math.multiply", '*'},     {"TrueDivide", '/'},
      {"Divide", '/'},      {"math.truediv", '/'},      {"math.divide", '/'},
      {"Maximum", '>'},     {"math.maximum", '>'}};
  return all;
}

// The operations of one value, by the activations that they are.
const std::map<std::string, const char*>& activations() {
  static const std::map<std::string, const char*> all{{"nn.relu", "relu"},
                                                      {"Relu", "relu"},
                                                      {"nn.relu6", "relu6"},
                                                      {"Relu6", "relu6"},
                                                      {"math.sigmoid", "sigmoid"},
                                                      {"nn.sigmoid", "sigmoid"},
                                                      {"Sigmoid", "sigmoid"},
                                                      {"nn.silu", "silu"},
                                                      {"nn.swish", "silu"},
                                                      {"Silu", "silu"},
                                                      {"math.tanh", "tanh"},
                                                      {"nn.tanh", "tanh"},
                                                      {"Tanh", "tanh"},
                                                      {"nn.elu", "elu"},
                                                      {"Elu", "elu"},
                                                      {"nn.selu", "selu"},
                                                      {"Selu", "selu"},
                                                      {"math.softplus", "softplus"},
                                                      {"Softplus", "softplus"},
                                                      {"nn.softsign", "softsign"},
                                                      {"Softsign", "softsign"},
                                                      {"HardSigmoid", "hard_sigmoid"},
                                                      {"HardSilu", "hard_silu"},
                                                      {"math.exp", "exponential"},
                                                      {"Exp", "exponential"},
                                                      {"math.abs", "abs"},
                                                      {"Absolute", "abs"},
                                                      {"Abs", "abs"},
                                                      {"nn.softmax", "softmax"},
                                                      {"identity", "linear"},
                                                      {"cast", "linear"},
                                                      {"stop_gradient", "linear"}};
  return all;
}

bool is_number_or_list(const Json& value) {
  return value.is_number() || (value.is_array() && !value.empty() && value.size() <= max_items &&
                               std::all_of(value.begin(), value.end(),
                                           [](const Json& item) { return item.is_number(); }));
}

// The function of each number in it.
template <class Function>
Json each(const Json& value, Function&& function) {
  if (value.is_number()) return function(value.get<double>());
  Json list = Json::array();
  for (const Json& item : value) list.push_back(function(item.get<double>()));
  return list;
}

// A value and a constant: a Rescaling. False where it is none.
bool rescale(char operation, const Call& call, std::string& type, Json& config) {
  const bool is_first = call.operands[0].is_null();
  const Json& constant = call.operands[is_first ? 1 : 0];
  if (!is_number_or_list(constant) || operation == '>' || (operation == '/' && !is_first))
    return false;
  type = "Rescaling";
  if (operation == '+') config["offset"] = constant;
  if (operation == '*') config["scale"] = constant;
  if (operation == '/') config["scale"] = each(constant, [](double v) { return 1 / v; });
  if (operation == '-') {
    config["scale"] = is_first ? 1 : -1;
    config["offset"] = is_first ? each(constant, [](double v) { return -v; }) : constant;
  }
  return true;
}

}  // namespace

bool read_ref(const Json& value, Ref& ref) {
  if (!value.is_array() || value.size() != 3 || !value[0].is_string() ||
      !value[1].is_number_integer() || !value[2].is_number_integer())
    return false;
  ref = {value[0].get<std::string>(), value[1].get<std::int64_t>(), value[2].get<std::int64_t>()};
  return true;
}

std::vector<Call> parse_calls(const Json& inbound_nodes) {
  if (!inbound_nodes.is_array() || inbound_nodes.size() > max_items) refuse();
  std::vector<Call> calls;
  for (const Json& node : inbound_nodes) {
    const bool is_object = node.is_object() && node.contains("args");
    calls.push_back(is_object ? parse_arguments(node) : parse_list(node));
  }
  return calls;
}

void replace_operation(std::string& type, Json& config, const Call& call) {
  std::string operation = type;
  if (type == "TFOpLambda" && config.contains("function") && config["function"].is_string())
    operation = config["function"].get<std::string>();

  if (const auto found = arithmetic().find(operation); found != arithmetic().end()) {
    const bool with_constant = call.inputs.size() == 1 && call.operands.size() == 2;
    if (with_constant && rescale(found->second, call, type, config)) return;
    if (operation == type) return;  // it has the name of a layer that does the same
    if (found->second == '+') type = "Add";
    if (found->second == '-') type = "Subtract";
    if (found->second == '*') type = "Multiply";
    if (found->second == '>') type = "Maximum";
    if (found->second == '/') type = operation;
    return;
  }
  if (const auto found = activations().find(operation); found != activations().end()) {
    type = "Activation";
    config["activation"] = found->second;
    return;
  }
  if (operation == "clip_by_value" || operation == "Clip") {
    const auto bound = [&](const char* key, const char* other, std::size_t place) {
      for (const char* name : {key, other}) {
        if (call.named.contains(name)) return call.named[name];
        if (config.contains(name)) return config[name];
      }
      return place < call.operands.size() ? call.operands[place] : Json();
    };
    config["minimum"] = bound("clip_value_min", "x_min", 1);
    config["maximum"] = bound("clip_value_max", "x_max", 2);
    type = "Clip";
    return;
  }
  if (operation == "Mean" || operation == "math.reduce_mean") {
    for (const char* key : {"axis", "keepdims"})
      if (call.named.contains(key)) config[key] = call.named[key];
    type = "Mean";
    return;
  }
  if (operation != type) type = operation;  // so that messages say what it is
}

}  // namespace reverie::keras
