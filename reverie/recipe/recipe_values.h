// recipe_values.h: checks of a setting's domain, and the text forms of its values. Internal to the
// recipe's JSON and text forms.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <type_traits>

#include "reverie/base/error.h"
#include "reverie/recipe/recipe.h"
#include "reverie/recipe/timeline_settings.h"

namespace reverie::recipe_values {

// The shortest decimal form that reads back as the same number, without ".0".
template <class T>
std::string number_text(T value) {
  return fmt::format("{}", value);
}

// For messages: "1 to 16", "true or false".
template <class T>
std::string expected(const Range<T>& range) {
  const char* kind = std::is_integral_v<T> ? "a whole number, " : "";
  return fmt::format("{}{} to {}", kind, number_text(range.low), number_text(range.high));
}
inline std::string expected(const Flag&) { return "true or false"; }
inline std::string expected(const Text&) { return "a text"; }
inline std::string expected(const LayerList&) { return "a layer or a list of layers"; }
inline std::string expected(const GuideList&) { return "a picture or a list of pictures"; }
inline std::string expected(const OffsetList&) { return "a list of [x, y] pairs of whole numbers"; }
inline std::string expected(const ZoomText&) { return "pixels per side (5) or a factor (1.02x)"; }
inline std::string expected(const SoundText&) { return "a file, auto, copy, convert or none"; }
inline std::string expected(const BeatList&) {
  return "a beat such as strength=onsets:0.5..2, or a list of them";
}
inline std::string expected(const KeyframeList&) { return "a list of keyframes"; }
inline std::string expected(const InputTransformText&) {
  return "a format such as \"bgr,mean=104:117:123\"";
}
inline std::string expected(const SizeText&) { return "a size as \"WxH\" or \"MAX\""; }
template <class T>
std::string expected(const Choice<T>& choice) {
  std::string list;
  for (const Named<T>& named : choice.names)
    list += (list.empty() ? "" : ", ") + std::string(named.name);
  return list;
}

// Whether a value of the right type is in the domain; NaN never is.
template <class T>
bool accepts(const Range<T>& range, const T& value) {
  return range.low <= value && value <= range.high;
}
template <class Domain, class T>
bool accepts(const Domain&, const T&) {
  return true;
}

// Errors: BadRecipe for a number that its domain does not accept.
template <class T, class Domain>
void check(const T& value, const Label& label, const Domain& domain) {
  if (accepts(domain, value)) return;
  // Only ranges refuse a value that has the right type
  if constexpr (std::is_arithmetic_v<T>)
    throw BadRecipe(
        fmt::format("{} is {}, expected {}", label.name, number_text(value), expected(domain)));
}

// The name of a choice's value; null for an unknown value.
template <class T>
const char* name_of(const T& value, const Choice<T>& choice) {
  for (const Named<T>& named : choice.names)
    if (named.value == value) return named.name;
  return nullptr;
}

// Reads the name of a choice's value. False for an unknown name; `value` is unchanged then.
template <class T>
bool read_name(std::string_view name, T& value, const Choice<T>& choice) {
  for (const Named<T>& named : choice.names)
    if (named.name == name) {
      value = named.value;
      return true;
    }
  return false;
}

// "octave-scale" to "octave_scale", the form in JSON and Python, and back.
inline std::string json_key(std::string_view name) {
  std::string key(name);
  for (char& c : key)
    if (c == '-') c = '_';
  return key;
}
inline std::string json_key(const Label& label) { return json_key(label.name); }
inline std::string name_of_key(std::string_view key) {
  std::string name(key);
  for (char& c : name)
    if (c == '_') c = '-';
  return name;
}

}  // namespace reverie::recipe_values
