// former_names.h: names that settings and their values had up to version 0.1. They are read until
// 0.3.0 and never written or shown.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reverie/base/api.h"

namespace REVERIE_API reverie {

struct FormerName {
  const char* setting;  // its present name
  const char* former;
  const char* value;  // present name of its value `former`; null: the setting's former name
};

// All former names; they hold for options, JSON keys (with '_' for '-') and axes of sweeps.
std::span<const FormerName> former_names();

// The present name of a setting, given a former or present one; `name` itself when it is not a
// former name. The same for a value of the setting `setting`.
std::string current_name(std::string_view name);
std::string current_value(std::string_view setting, std::string_view value);

// The former names of a setting. Mostly none.
std::vector<std::string> former_names_of(std::string_view setting);

}  // namespace reverie
