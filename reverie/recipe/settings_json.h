// settings_json.h: the list of all settings as data, for user interfaces, bindings and the manual.
#pragma once

#include <string>

#include "reverie/base/api.h"

namespace REVERIE_API reverie {

// Every setting of a recipe, a zoom, a video and an atlas, from their describe(). docs/settings.md
// is made from it, and says what the keys mean:
//   {"recipe": [SETTING...], "zoom": [...], "video": [...], "atlas": [...],
//    "presets": [{"name", "help"}...],
//    "commands": {"zoom": {KEY: VALUE...}, "video": {...}}}   recipe defaults of these commands
// SETTING: {"name", "key", "letter", "group", "kind", "form", "unit", "help", "default",
//   "presets": {PRESET: VALUE...}, "faithful": {PRESET: VALUE...},   of a recipe's setting
//   "low", "high", "scale": "linear" | "log", "step",                of "integer" and "number"
//   "choices": [{"name", "help"}...],                                of "choice"
//   "reads_file", "repeats", "animatable": whether keyframes can change it,
//   "needs": {"setting", "is" | "is_not": VALUE},                    where it has no effect else
//   "former": {"names": [...], "values": {FORMER: VALUE...}}}        where there are some
// `indent` is in spaces; negative: one line.
std::string settings_json(int indent = 2);

// docs/settings.md.
std::string settings_markdown();

}  // namespace reverie
