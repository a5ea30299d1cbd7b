// native_description.h: a Graph without its weights as JSON, and back.
#pragma once

#include <functional>
#include <string>

#include "reverie/model/formats/native/native.h"

namespace reverie::native {

// The JSON text. `weights` is called once for each array that a layer has and returns the name
// under which it is stored.
using StoreWeights = std::function<std::string(const std::string& name, const Weights& weights)>;
std::string to_json(const NativeNetwork& network, const StoreWeights& store);

// `load` returns the array of a name, and throws when there is none.
// Errors: BadModel, naming the layer and what was expected; Unsupported for a later version.
using LoadWeights = std::function<Weights(const std::string& name)>;
NativeNetwork from_json(const std::string& text, const std::string& file, const LoadWeights& load);

}  // namespace reverie::native
