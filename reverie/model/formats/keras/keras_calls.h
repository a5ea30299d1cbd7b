// keras_calls.h: what the layers of a Keras model are called with, as its description states it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace reverie::keras {

// A value: output `tensor` of the call `node` of a layer.
struct Ref {
  std::string layer;
  std::int64_t node = 0, tensor = 0;
};

// One use of a layer.
struct Call {
  std::vector<Ref> inputs;
  // What it is called with, in order: null for each of the inputs, else a number, a list, a text.
  std::vector<nlohmann::json> operands;
  nlohmann::json named = nlohmann::json::object();  // arguments with names that are no inputs
};

// The calls in a layer's `inbound_nodes`: of Keras 1 and 2 (lists of [layer, node, tensor,
// arguments]) and of Keras 3 ({"args": ..., "kwargs": ...}).
// Errors: std::invalid_argument when they have another form.
std::vector<Call> parse_calls(const nlohmann::json& inbound_nodes);

// A reference such as ["conv", 0, 0]; false for anything else.
bool read_ref(const nlohmann::json& value, Ref& ref);

// Turns an operation that is no layer (x / 127.5, tf.nn.relu, keras.ops.sigmoid) into the layer
// that does the same; leaves all others as they are. type: Keras' class_name.
void replace_operation(std::string& type, nlohmann::json& config, const Call& call);

}  // namespace reverie::keras
