// key_values.h: the values of keyframes as settings, and settings as such values. Internal to the
// library.
#pragma once

#include <cmath>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "reverie/recipe/recipe_values.h"
#include "reverie/recipe/video_settings.h"
#include "reverie/recipe/zoom_settings.h"

namespace reverie::key_values {

// ---- A setting as a value of a keyframe

template <class T>
KeyValue to_key(const T& value, const Range<T>&) {
  return static_cast<double>(value);
}
inline KeyValue to_key(bool value, const Flag&) { return value; }
template <class T>
KeyValue to_key(const T& value, const Choice<T>& choice) {
  return std::string(recipe_values::name_of(value, choice));
}
inline KeyValue to_key(const ZoomStep& value, const ZoomText&) { return value; }
inline KeyValue to_key(const std::vector<LayerSpec>& value, const LayerList&) { return value; }
inline KeyValue to_key(const std::vector<GuideSpec>& value, const GuideList&) { return value; }
inline KeyValue to_key(const std::vector<BeatSpec>& value, const BeatList&) { return value; }
// Settings of other domains are not animatable.
template <class T, class Domain>
KeyValue to_key(const T&, const Domain&) {
  return {};
}

// ---- A value of a keyframe as a setting: false when it is of another type

template <class T>
bool from_key(const KeyValue& key, T& value, const Range<T>&) {
  const auto* const number = std::get_if<double>(&key);
  if (number == nullptr) return false;
  if (std::is_integral_v<T> && std::floor(*number) != *number) return false;
  value = static_cast<T>(*number);
  return true;
}
template <class T>
bool from_key(const KeyValue& key, T& value, const Choice<T>& choice) {
  const auto* const name = std::get_if<std::string>(&key);
  return name != nullptr && recipe_values::read_name(*name, value, choice);
}
template <class T, class Domain>
bool from_key(const KeyValue& key, T& value, const Domain&) {
  if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, ZoomStep> ||
                std::is_same_v<T, std::vector<LayerSpec>> ||
                std::is_same_v<T, std::vector<GuideSpec>> ||
                std::is_same_v<T, std::vector<BeatSpec>>)
    if (const auto* const same = std::get_if<T>(&key)) {
      value = *same;
      return true;
    }
  return false;
}

// ---- Which settings there are

// Calls field(default, Label, domain) for every setting of recipes, zooms and videos; what zooms
// and videos share comes twice.
template <class Visitor>
void describe_all(Visitor& field) {
  const Recipe recipe;
  const ZoomSettings zoom;
  const VideoSettings video;
  describe(recipe, field);
  describe_zoom(zoom, field);
  describe_video(video, field);
}

// Calls field(default, Label, domain) for every animatable setting of zooms and of videos, each
// once.
template <class Visitor>
void describe_animatable(Visitor&& field) {
  std::set<std::string_view> seen;
  const auto each = [&](const auto& value, const Label& label, const auto& domain) {
    if (label.animatable && seen.insert(label.name).second) field(value, label, domain);
  };
  describe_all(each);
}

// Checks the values of all keyframes. `describe_own` describes the settings besides the recipe's;
// `kind` is "a zoom" or "a video". Errors: BadRecipe naming the first that is out of its range, or
// that such a video does not have.
template <class Describe>
void check_keyframes(const TimelineSettings& timeline, const char* kind, Describe describe_own) {
  const Recipe recipe;
  for (const Keyframe& key : timeline.keyframes) {
    std::set<std::string_view> known;
    const auto check = [&](const auto& value, const Label& label, const auto& domain) {
      const auto found = key.values.find(label.name);
      if (!label.animatable || found == key.values.end()) return;
      known.insert(label.name);
      std::decay_t<decltype(value)> copy = value;
      if (!from_key(found->second, copy, domain))
        throw BadRecipe(fmt::format("timeline: {}: {} is of another kind, expected {}",
                                    to_string(key.when), label.name,
                                    recipe_values::expected(domain)));
      recipe_values::check(copy, label, domain);
    };
    describe(recipe, check);
    describe_own(check);
    for (const auto& [name, value] : key.values)
      if (!known.contains(name))
        throw BadRecipe(fmt::format(
            "timeline: {} has '{}', which {} does not have or cannot change from frame to frame",
            to_string(key.when), name, kind));
  }
}

}  // namespace reverie::key_values
