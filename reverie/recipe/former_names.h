// former_names.h: names that settings and their values had up to 0.1: read everywhere until 0.3.0,
// written and shown nowhere.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reverie/base/api.h"

namespace REVERIE_API reverie {

struct FormerName {
  const char* setting;  // as it is called now
  const char* former;
  const char* value;  // which of the setting's values `former` was; null: the setting itself
};

// All of them: options, JSON keys (with '_' for '-') and axes of sweeps alike.
std::span<const FormerName> former_names();

// The present name of a setting that is named by either one; `name` itself when it is no former
// name. The same for a value of the setting `setting`.
std::string current_name(std::string_view name);
std::string current_value(std::string_view setting, std::string_view value);

// The former names of a setting. Mostly none.
std::vector<std::string> former_names_of(std::string_view setting);

}  // namespace reverie
