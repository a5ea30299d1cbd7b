// input_transform_text.h: the input format of a network, as text that users write and read.
#pragma once

#include <optional>
#include <string>

#include "reverie/base/api.h"
#include "reverie/graph/kinds.h"

namespace REVERIE_API reverie {

// From text such as "bgr,mean=104:117:123", "rgb,mean=127.5,std=127.5" or "range=-1:1": the order
// of the channels, then numbers for each of them in that order, or one for all. `scale` multiplies,
// `std` divides, `range` spreads 0..255 over it. Nothing for an empty text. Errors: BadRecipe.
std::optional<InputTransform> parse_input_transform(const std::string& text);

// parse_input_transform(to_string(transform)) == transform.
std::string to_string(const std::optional<InputTransform>& transform);

}  // namespace reverie
