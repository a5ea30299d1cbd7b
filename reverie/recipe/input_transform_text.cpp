#include "reverie/recipe/input_transform_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "reverie/base/error.h"
#include "reverie/base/text.h"

namespace reverie {
namespace {

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts{""};
  for (const char c : text) {
    if (c == separator)
      parts.emplace_back();
    else
      parts.back().push_back(c);
  }
  return parts;
}

[[noreturn]] void fail(const std::string& what) {
  throw BadRecipe(fmt::format(
      "input-transform: {}; expected for example bgr,mean=104:117:123 or rgb,mean=127.5,std=127.5 "
      "or range=-1:1",
      one_line(what)));
}

double number(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !std::isfinite(value) || std::abs(value) > 1e9)
    fail(fmt::format("'{}' is not a number", text));
  return value;
}

// One number for all channels, or one for each.
std::array<double, 3> numbers(const std::string& text) {
  const std::vector<std::string> parts = split(text, ':');
  if (parts.size() != 1 && parts.size() != 3)
    fail(fmt::format("'{}' is {} numbers, expected 1 or 3", text, parts.size()));
  std::array<double, 3> values{};
  for (std::size_t c = 0; c < 3; ++c) values[c] = number(parts[parts.size() == 1 ? 0 : c]);
  return values;
}

void set_range(InputTransform& transform, const std::string& text) {
  const std::vector<std::string> ends = split(text, ':');
  if (ends.size() != 2) fail(fmt::format("range '{}' is not LOW:HIGH", text));
  const double low = number(ends[0]), high = number(ends[1]);
  if (!(low < high)) fail(fmt::format("range '{}' is empty", text));
  transform.scale.fill(static_cast<float>((high - low) / 255));
  transform.mean.fill(static_cast<float>(-low * 255 / (high - low)));
}

void apply(InputTransform& transform, const std::string& part) {
  const std::size_t equals = part.find('=');
  const std::string key = part.substr(0, equals);
  const std::string value = equals == std::string::npos ? "" : part.substr(equals + 1);
  if (part == "rgb" || part == "bgr") {
    transform.order = part == "rgb" ? std::array{0, 1, 2} : std::array{2, 1, 0};
  } else if (key == "range") {
    set_range(transform, value);
  } else if (key == "mean" || key == "scale" || key == "std") {
    const std::array<double, 3> values = numbers(value);
    for (std::size_t c = 0; c < 3; ++c) {
      if (key != "mean" && values[c] == 0) fail(fmt::format("{} is zero", key));
      if (key == "mean")
        transform.mean[c] = static_cast<float>(values[c]);
      else
        transform.scale[c] = static_cast<float>(key == "std" ? 1 / values[c] : values[c]);
    }
  } else {
    fail(fmt::format("'{}' is not known", part));
  }
}

}  // namespace

std::optional<InputTransform> parse_input_transform(const std::string& text) {
  if (text.empty()) return std::nullopt;
  InputTransform transform;
  for (const std::string& part : split(text, ',')) apply(transform, part);
  return transform;
}

std::string to_string(const std::optional<InputTransform>& transform) {
  if (!transform) return "";
  std::string text = transform->order == std::array{2, 1, 0} ? "bgr" : "rgb";
  const auto add = [&](const char* key, const std::array<float, 3>& values, float usual) {
    if (values == std::array{usual, usual, usual}) return;
    const bool one_for_all = values[0] == values[1] && values[0] == values[2];
    text += fmt::format(",{}=", key);
    text += one_for_all ? fmt::format("{}", values[0]) : fmt::format("{}", fmt::join(values, ":"));
  };
  add("mean", transform->mean, 0);
  add("scale", transform->scale, 1);
  return text;
}

}  // namespace reverie
