#include "reverie/run/recipe.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "reverie/base/error.h"
#include "reverie/run/recipe_values.h"

namespace reverie {
namespace {

constexpr int most_channel = 1 << 20;

// The whole of `text` as a number, or nothing.
template <class T>
std::optional<T> read_number(std::string_view text) {
  T value{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

BadRecipe bad_spec(std::string_view spec, const std::string& what) {
  return BadRecipe(fmt::format("layer '{}': {}; expected NAME[:CHANNEL[,CHANNEL...]][=WEIGHT]",
                               recipe_values::one_line(spec), recipe_values::one_line(what)));
}

// Appends what one of the comma's neighbours means: "7" or "10-19".
void append_channels(std::string_view spec, std::string_view part, std::vector<int>& channels) {
  const std::size_t dash = part.find('-');
  const auto first = read_number<int>(part.substr(0, dash));
  const auto last =
      dash == std::string_view::npos ? first : read_number<int>(part.substr(dash + 1));
  if (!first || !last || *first < 0 || *last < *first || *last > most_channel)
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

}  // namespace

LayerSpec parse_layer_spec(std::string_view text) {
  LayerSpec spec;
  std::string_view rest = text;

  // The weight is what follows the last '='
  if (const std::size_t equals = rest.rfind('='); equals != std::string_view::npos) {
    const auto weight = read_number<double>(rest.substr(equals + 1));
    if (!weight || !std::isfinite(*weight))
      throw bad_spec(text, fmt::format("weight '{}' is not a number", rest.substr(equals + 1)));
    spec.weight = *weight;
    rest = rest.substr(0, equals);
  }

  // The channels follow the last ':', unless that is inside a path-like name
  const std::size_t colon = rest.rfind(':');
  if (colon != std::string_view::npos && rest.find('/', colon) == std::string_view::npos) {
    const std::string_view channels = rest.substr(colon + 1);
    if (channels != "*") spec.channels = parse_channels(text, channels);
    rest = rest.substr(0, colon);
  }
  if (rest.empty()) throw bad_spec(text, "there is no name");
  spec.name = std::string(rest);
  return spec;
}

std::string to_string(const LayerSpec& spec) {
  std::string text = spec.name;
  const bool colon_in_name = spec.name.find(':') != std::string::npos;
  if (!spec.channels.empty())
    text += ":" + channels_text(spec.channels);
  else if (colon_in_name)
    text += ":*";
  if (spec.weight != 1 || spec.name.find('=') != std::string::npos)
    text += "=" + recipe_values::number_text(spec.weight);
  return text;
}

namespace {

// Settings that are fine by themselves and not together.
void check_conflicts(const Recipe& r) {
  if (r.octave_scale < 1.05 && r.ladder != Ladder::recursion && r.octaves > 1)
    throw BadRecipe(fmt::format(
        "octave-scale is {}, expected 1.05 to 2; only ladder recursion stays at one size",
        r.octave_scale));
  if (r.octave_scale != 1 && r.octave_scale < 1.05)
    throw BadRecipe(fmt::format("octave-scale is {}, expected 1, or 1.05 to 2", r.octave_scale));
  if (r.octaves_above >= r.octaves)
    throw BadRecipe(fmt::format("octaves-above is {}, expected less than octaves, which is {}",
                                r.octaves_above, r.octaves));
  if (r.octaves_above > 0 && r.ladder == Ladder::recursion)
    throw BadRecipe("octaves-above does not go with ladder recursion, which ends at the picture");
  if (!r.guide.empty() && r.ladder == Ladder::recursion)
    throw BadRecipe(
        "guide does not go with ladder recursion (presets hvass and recursive): take --ladder "
        "detail, or no guide");
  if (r.ladder == Ladder::detail && r.resize == Resizing::pillow && r.octaves > 1)
    throw BadRecipe(
        "resize pillow cuts to 0..255, which ladder detail cannot carry: take --resize lanczos");
  if (r.tiling != Tiling::faded && r.tile == 0)
    throw BadRecipe("tile is 0, but only tiling faded finds a size by itself: give --tile");
}

}  // namespace

void validate(const Recipe& recipe) {
  describe(recipe, [](const auto& value, const Label& label, const auto& domain) {
    if (!recipe_values::accepts(domain, value)) {
      // Only ranges refuse a value that has the right type
      if constexpr (std::is_arithmetic_v<std::decay_t<decltype(value)>>)
        throw BadRecipe(fmt::format("{} is {}, expected {}", label.name, value,
                                    recipe_values::expected(domain)));
    }
  });
  check_conflicts(recipe);
}

const char* to_string(Precision precision) {
  for (const auto& [name, value] : precision_names)
    if (value == precision) return name;
  return "";
}

std::optional<WantedSize> parse_size(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const auto bad = [&](const std::string& what) {
    return BadRecipe(fmt::format("size '{}' {}, expected WxH or MAX in pixels, 1 to 65536",
                                 recipe_values::one_line(text), what));
  };
  const auto side = [&](std::string_view digits) {
    const auto value = read_number<int>(digits);
    if (!value) throw bad("is not understood");
    if (*value < 1 || *value > 65536) throw bad("is out of range");
    return *value;
  };
  WantedSize size;
  const std::size_t cross = text.find_first_of("xX");
  if (cross == std::string_view::npos) {
    size.longest = side(text);
  } else {
    size.width = side(text.substr(0, cross));
    size.height = side(text.substr(cross + 1));
  }
  return size;
}

std::pair<std::int64_t, std::int64_t> fitted_size(std::string_view text, std::int64_t width,
                                                  std::int64_t height) {
  const auto wanted = parse_size(text);
  if (!wanted) return {width, height};
  if (wanted->longest == 0) return {wanted->width, wanted->height};
  const double scale =
      static_cast<double>(wanted->longest) / static_cast<double>(std::max(width, height));
  const auto scaled = [&](std::int64_t side) {
    return std::max<std::int64_t>(1, std::llround(static_cast<double>(side) * scale));
  };
  return {scaled(width), scaled(height)};
}

}  // namespace reverie
