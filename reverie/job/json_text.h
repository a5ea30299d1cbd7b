// json_text.h: how job/ writes JSON. Internal.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace reverie {

// Keeps the order of its keys.
using Json = nlohmann::ordered_json;

// File names may hold bytes that are no UTF-8; they are replaced rather than refused.
inline std::string json_text(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace reverie
