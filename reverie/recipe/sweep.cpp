#include "reverie/recipe/sweep.h"

#include <fmt/format.h>

#include <algorithm>

#include "reverie/base/error.h"
#include "reverie/base/text.h"
#include "reverie/recipe/former_names.h"
#include "reverie/recipe/recipe_options.h"
#include "reverie/recipe/recipe_values.h"

namespace reverie {
namespace {

struct Axis {
  std::string setting;
  std::vector<std::string> values;
};

BadRecipe bad_axis(const std::string& text, const std::string& what) {
  return BadRecipe(fmt::format("--sweep '{}': {}", one_line(text), what));
}

std::vector<std::string> split(const std::string& list) {
  const char mark = list.find(';') == std::string::npos ? ',' : ';';
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(mark, begin), list.size());
    parts.push_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

void check_setting(const std::string& text, const std::string& setting) {
  for (const char* fixed :
       {"preset", "faithful", "model", "input-transform", "size", "page", "keep-profile"})
    if (setting == fixed)
      throw bad_axis(
          text,
          fmt::format("{} cannot be swept: it is the same for all pictures of a sheet", setting));
  std::vector<std::string> known;
  for (const RecipeOption& option : recipe_options()) known.push_back(option.name);
  if (std::find(known.begin(), known.end(), setting) == known.end())
    throw bad_axis(
        text, fmt::format("no setting '{}'{}", one_line(setting), nearest_note(setting, known)));
}

Axis parse_axis(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size())
    throw bad_axis(text, "expected SETTING=VALUE,VALUE...");
  Axis axis{current_name(text.substr(0, equals)), split(text.substr(equals + 1))};
  check_setting(text, axis.setting);
  for (std::string& value : axis.values) value = current_value(axis.setting, value);
  return axis;
}

// Every cell of `sweep` once for each value of the axis.
std::vector<SweepCell> crossed(const std::vector<SweepCell>& cells, const Axis& axis,
                               const RecipeFiles* files) {
  if (cells.size() * axis.values.size() > max_sweep_cells)
    throw BadRecipe(
        fmt::format("the sweep has more than {} pictures; name fewer values", max_sweep_cells));
  std::vector<SweepCell> all;
  for (const SweepCell& cell : cells)
    for (const std::string& value : axis.values) {
      SweepCell next = cell;
      // Flags are typed as yes and no, and read as words of JSON
      set_option(next.recipe, axis.setting,
                 {value == "yes"  ? "true"
                  : value == "no" ? "false"
                                  : value},
                 files);
      next.label += fmt::format("{}{} {}", next.label.empty() ? "" : ", ", axis.setting, value);
      all.push_back(std::move(next));
    }
  return all;
}

}  // namespace

Sweep make_sweep(const Recipe& base, const std::vector<std::string>& axes,
                 const RecipeFiles* files) {
  Sweep sweep{{{"", base}}, 1, {}};
  for (const std::string& text : axes) {
    const Axis axis = parse_axis(text);
    std::vector<std::string>& seen = sweep.settings;
    if (std::find(seen.begin(), seen.end(), axis.setting) != seen.end())
      throw bad_axis(text, fmt::format("{} is swept twice", axis.setting));
    seen.push_back(axis.setting);
    sweep.cells = crossed(sweep.cells, axis, files);
    sweep.columns = static_cast<int>(axis.values.size());
  }
  for (const SweepCell& cell : sweep.cells) validate(cell.recipe);
  return sweep;
}

}  // namespace reverie
