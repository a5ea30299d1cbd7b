#include "reverie/recipe/former_names.h"

namespace reverie {
namespace {

constexpr FormerName table[] = {
    {"objective", "energy", "l2"},
    {"objective", "square", "mean-square"},
    {"octave-mode", "ladder", nullptr},
    {"octave-mode", "recursion", "recursive"},
    {"recursion-keep", "keep", nullptr},
    {"normalize", "normalise", nullptr},
    {"normalize", "mean", "mean-abs"},
    {"normalize", "standard", "standardize"},
    {"normalize", "bands", "laplacian"},
    {"smooth", "growing-colour", "growing-color"},
    {"optimizer", "optimiser", nullptr},
    {"optimizer", "plain", "ascent"},
    {"tv-penalty", "total-variation", nullptr},
    {"source-penalty", "source-distance", nullptr},
    {"random-flip", "flip", nullptr},
    {"random-rotation", "turn", nullptr},
    {"random-scale", "stretch", nullptr},
    {"match-tone", "hold", nullptr},
    {"match-tone", "tone", "full"},
    {"color", "colour", nullptr},
    {"tiling", "faded", "blended"},
    {"temporal-blend", "carry", nullptr},
    {"scene-threshold", "cut", nullptr},
};

}  // namespace

std::span<const FormerName> former_names() { return table; }

std::string current_name(std::string_view name) {
  for (const FormerName& row : table)
    if (row.value == nullptr && name == row.former) return row.setting;
  return std::string(name);
}

std::string current_value(std::string_view setting, std::string_view value) {
  for (const FormerName& row : table)
    if (row.value != nullptr && setting == row.setting && value == row.former) return row.value;
  return std::string(value);
}

std::vector<std::string> former_names_of(std::string_view setting) {
  std::vector<std::string> names;
  for (const FormerName& row : table)
    if (row.value == nullptr && setting == row.setting) names.emplace_back(row.former);
  return names;
}

}  // namespace reverie
