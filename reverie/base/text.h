// text.h: what messages and settings do with words. Internal to the library.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reverie/base/api.h"

namespace REVERIE_API reverie {

// The candidates nearest to `text` by edit distance, best first, at most `most`.
std::vector<std::string> nearest_names(std::string_view text,
                                       const std::vector<std::string>& candidates,
                                       std::size_t most);

// What a user wrote, fit for a message of one line.
std::string one_line(std::string_view text);

}  // namespace reverie
