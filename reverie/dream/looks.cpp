#include "reverie/dream/looks.h"

#include <fmt/format.h>

#include <algorithm>

#include "reverie/base/error.h"
#include "reverie/recipe/recipe_options.h"

namespace reverie {
namespace {

const Look* find_look(const std::string& name, const Network& network) {
  for (const Look& look : network.looks)
    if (look.name == name) return &look;
  return nullptr;
}

// The look that a spec stands for, or null.
const Look* look_of(const LayerSpec& spec, const Network& network) {
  const bool has_channels =
      !spec.channels.empty() || !spec.direction.empty() || !spec.class_name.empty();
  return has_channels ? nullptr : find_look(spec.name, network);
}

// What the recipe dreams of by itself, if that is one look; or null.
const Look* only_look(const Recipe& recipe, const Network& network) {
  if (recipe.layers.size() > 1) return nullptr;
  if (recipe.layers.size() == 1) return look_of(recipe.layers[0], network);
  return find_look(network.default_layer, network);
}

// The names of settings that differ from those of the preset `classic`.
std::vector<std::string> changed_settings(const Recipe& recipe) {
  const std::vector<RecipeOption> now = recipe_options(recipe), before = recipe_options();
  std::vector<std::string> changed;
  for (std::size_t i = 0; i < now.size(); ++i)
    if (now[i].fallback != before[i].fallback) changed.push_back(now[i].name);
  return changed;
}

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::vector<LayerSpec> expand_looks(const std::vector<LayerSpec>& layers, const Network& network) {
  std::vector<LayerSpec> expanded;
  for (const LayerSpec& spec : layers) {
    const Look* look = look_of(spec, network);
    if (look == nullptr) {
      expanded.push_back(spec);
      continue;
    }
    for (const Look::Term& term : look->terms) {
      LayerSpec& one = expanded.emplace_back(spec);
      one.name = term.layer;
      one.weight = spec.weight * term.weight;
    }
  }
  return expanded;
}

Recipe with_look_settings(Recipe recipe, const Network& network,
                          const std::vector<std::string>& chosen) {
  const Look* look = only_look(recipe, network);
  if (look == nullptr || look->settings.empty()) return recipe;
  if (recipe.preset != Recipe{}.preset || !recipe.guide.empty()) return recipe;
  const std::vector<std::string> changed = changed_settings(recipe);
  for (const auto& [name, text] : look->settings) {
    if (has(chosen, name) || has(changed, name)) continue;
    try {
      set_option(recipe, name, {text});
    } catch (const BadRecipe& error) {
      throw BadModel(
          fmt::format("network '{}': look '{}': {}", network.name, look->name, error.what()));
    }
  }
  return recipe;
}

}  // namespace reverie
