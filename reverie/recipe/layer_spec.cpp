#include "reverie/recipe/layer_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <system_error>

#include "reverie/base/error.h"
#include "reverie/base/text.h"
#include "reverie/recipe/recipe_values.h"

namespace reverie {
namespace {

constexpr int max_channel = 1 << 20;
constexpr std::array<std::string_view, 5> spec_keys{
    "@at=", "@octaves=", "@direction=", "@class=", "@mask="};

BadRecipe bad_spec(std::string_view spec, const std::string& what) {
  return BadRecipe(
      fmt::format("layer '{}': {}; expected NAME[:CHANNEL[,CHANNEL...]][@KEY=VALUE][=WEIGHT]",
                  one_line(spec), one_line(what)));
}

// Appends what one of the comma's neighbours means: "7" or "10-19".
void append_channels(std::string_view spec, std::string_view part, std::vector<int>& channels) {
  const std::size_t dash = part.find('-');
  const auto first = read_number<int>(part.substr(0, dash));
  const auto last =
      dash == std::string_view::npos ? first : read_number<int>(part.substr(dash + 1));
  if (!first || !last || *first < 0 || *last < *first || *last > max_channel)
    throw bad_spec(spec, fmt::format("'{}' is not a channel or a range like 3-7", part));
  for (int channel = *first; channel <= *last; ++channel) {
    if (std::find(channels.begin(), channels.end(), channel) != channels.end())
      throw bad_spec(spec, fmt::format("channel {} is named twice", channel));
    channels.push_back(channel);
  }
}

std::vector<int> parse_channels(std::string_view spec, std::string_view text) {
  std::vector<int> channels;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    append_channels(spec, text.substr(begin, end - begin), channels);
    begin = end + 1;
  }
  return channels;
}

// "3,7,10-19": runs of three and more become ranges.
std::string channels_text(const std::vector<int>& channels) {
  std::string text;
  for (std::size_t i = 0; i < channels.size();) {
    std::size_t end = i + 1;
    while (end < channels.size() && channels[end] == channels[end - 1] + 1) ++end;
    if (end - i < 3) end = i + 1;
    text += fmt::format("{}{}", text.empty() ? "" : ",", channels[i]);
    if (end - i >= 3) text += fmt::format("-{}", channels[end - 1]);
    i = end;
  }
  return text;
}

// Where the first key begins at or after `from`; the text's length where there is none.
std::size_t next_key(std::string_view text, std::size_t from) {
  std::size_t first = text.size();
  for (std::string_view key : spec_keys) first = std::min(first, text.find(key, from));
  return std::min(first, text.size());
}

// Takes "=WEIGHT" off the end of `rest`, where that is there.
std::optional<double> take_weight(std::string_view& rest) {
  const std::size_t equals = rest.rfind('=');
  if (equals == std::string_view::npos) return std::nullopt;
  for (std::string_view key : spec_keys)
    if (rest.substr(0, equals + 1).ends_with(key)) return std::nullopt;  // the key's own '='
  const auto weight = read_number<double>(rest.substr(equals + 1));
  if (!weight || !std::isfinite(*weight)) return std::nullopt;
  rest = rest.substr(0, equals);
  return weight;
}

// NAME[:CHANNELS]. The channels follow the last ':', unless that is inside a path-like name.
void read_name(std::string_view text, std::string_view rest, LayerSpec& spec) {
  const std::size_t colon = rest.rfind(':');
  if (colon != std::string_view::npos && rest.find('/', colon) == std::string_view::npos) {
    const std::string_view channels = rest.substr(colon + 1);
    if (channels != "*") spec.channels = parse_channels(text, channels);
    rest = rest.substr(0, colon);
  }
  spec.name = std::string(rest);
}

Place parse_place(std::string_view text, std::string_view value) {
  const std::size_t comma = std::min(value.find(','), value.size());
  const double x = read_number<double>(value.substr(0, comma)).value_or(-1);
  const double y =
      read_number<double>(value.substr(std::min(comma + 1, value.size()))).value_or(-1);
  const auto is_fraction = [](double weight) { return weight >= 0 && weight <= 1; };
  if (!is_fraction(x) || !is_fraction(y))
    throw bad_spec(text, fmt::format("'{}' is not a place X,Y, each 0 to 1", value));
  return {x, y};
}

OctaveSpan parse_octaves(std::string_view text, std::string_view value) {
  const std::size_t dash = value.find('-');
  const auto first = read_number<int>(value.substr(0, dash));
  auto last = first;
  if (dash != std::string_view::npos)
    last = dash + 1 == value.size() ? OctaveSpan::most : read_number<int>(value.substr(dash + 1));
  if (!first || !last || *first < 0 || *last < *first || *last > OctaveSpan::most)
    throw bad_spec(text, fmt::format("'{}' is not an octave or a range like 0-1 or 2-, 0 to {}",
                                     value, OctaveSpan::most));
  return {*first, *last};
}

void read_key(std::string_view text, std::string_view part, LayerSpec& spec) {
  const std::size_t equals = part.find('=');
  const std::string_view key = part.substr(1, equals - 1), value = part.substr(equals + 1);
  if (value.empty()) throw bad_spec(text, fmt::format("'@{}=' has no value", key));
  if (key == "at") spec.at = parse_place(text, value);
  if (key == "octaves") spec.octaves = parse_octaves(text, value);
  if (key == "direction") spec.direction = std::string(value);
  if (key == "class") spec.class_name = std::string(value);
  if (key == "mask") spec.mask = std::string(value);
}

std::string octaves_text(const OctaveSpan& octaves) {
  if (octaves.first == octaves.last) return fmt::format("{}", octaves.first);
  if (octaves.last == OctaveSpan::most) return fmt::format("{}-", octaves.first);
  return fmt::format("{}-{}", octaves.first, octaves.last);
}

void check_together(std::string_view text, const LayerSpec& spec) {
  const bool has_class = !spec.class_name.empty(), has_direction = !spec.direction.empty();
  if (spec.name.empty() && !has_class) throw bad_spec(text, "the name is missing");
  if (has_class && (!spec.channels.empty() || has_direction || spec.at || !spec.mask.empty()))
    throw bad_spec(text, "@class does not go with channels, @direction, @at or @mask");
  if (spec.at && !spec.mask.empty()) throw bad_spec(text, "@at and @mask do not go together");
  if (has_direction && !spec.channels.empty())
    throw bad_spec(text,
                   "@direction and channels do not go together: a direction weights every channel");
}

}  // namespace

LayerSpec parse_layer_spec(std::string_view text) {
  LayerSpec spec;
  std::string_view rest = text;
  if (const auto weight = take_weight(rest)) {
    spec.weight = *weight;
  } else if (next_key(text, 0) == text.size() && text.find('=') != std::string_view::npos) {
    throw bad_spec(text,
                   fmt::format("weight '{}' is not a number", text.substr(text.rfind('=') + 1)));
  }

  const std::size_t first = next_key(rest, 0);
  read_name(text, rest.substr(0, first), spec);
  for (std::size_t begin = first; begin < rest.size();) {
    const std::size_t end = next_key(rest, begin + 1);
    read_key(text, rest.substr(begin, end - begin), spec);
    begin = end;
  }
  check_together(text, spec);
  return spec;
}

std::string to_string(const LayerSpec& spec) {
  std::string text = spec.name;
  const bool colon_in_name = spec.name.find(':') != std::string::npos;
  if (!spec.channels.empty())
    text += ":" + channels_text(spec.channels);
  else if (colon_in_name)
    text += ":*";
  const auto number = [](double value) { return recipe_values::number_text(value); };
  if (spec.at) text += fmt::format("@at={},{}", number(spec.at->x), number(spec.at->y));
  if (spec.octaves != OctaveSpan{}) text += "@octaves=" + octaves_text(spec.octaves);
  if (!spec.direction.empty()) text += "@direction=" + spec.direction;
  if (!spec.class_name.empty()) text += "@class=" + spec.class_name;
  if (!spec.mask.empty()) text += "@mask=" + spec.mask;
  const std::string names = spec.name + spec.direction + spec.class_name + spec.mask;
  if (spec.weight != 1 || names.find('=') != std::string::npos) text += "=" + number(spec.weight);
  return text;
}

GuideSpec parse_guide_spec(std::string_view text) {
  GuideSpec spec;
  std::string_view rest = text;
  if (const auto weight = take_weight(rest)) spec.weight = *weight;
  if (rest.empty())
    throw BadRecipe(
        fmt::format("guide '{}' names no picture, expected IMAGE[=WEIGHT]", one_line(text)));
  spec.file = std::string(rest);
  return spec;
}

std::string to_string(const GuideSpec& spec) {
  if (spec.weight == 1 && spec.file.find('=') == std::string::npos) return spec.file;
  return spec.file + "=" + recipe_values::number_text(spec.weight);
}

}  // namespace reverie
