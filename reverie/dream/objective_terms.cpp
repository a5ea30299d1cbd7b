#include "reverie/dream/objective_terms.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "reverie/base/error.h"
#include "reverie/base/text.h"
#include "reverie/dream/dreamer.h"
#include "reverie/dream/engine_options.h"
#include "reverie/dream/looks.h"
#include "reverie/recipe/presets.h"
#include "reverie/recipe/recipe_values.h"
#include "reverie/tensor/npy.h"

namespace reverie {
namespace {

std::string trimmed(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return std::string(text);
}

// "n02123045 tabby, tabby cat": without the number of WordNet.
std::string without_number(const std::string& label) {
  const bool has_number = label.size() > 10 && label[0] == 'n' && label[9] == ' ' &&
                          std::all_of(label.begin() + 1, label.begin() + 9,
                                      [](unsigned char c) { return std::isdigit(c); });
  return has_number ? label.substr(10) : label;
}

// A line and the names in it, in lower case.
std::vector<std::string> names_of(const std::string& line) {
  std::vector<std::string> names{lower(line), lower(without_number(line))};
  const std::string list = names[1];
  for (std::size_t begin = 0; begin < list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    names.push_back(trimmed(std::string_view(list).substr(begin, end - begin)));
    begin = end + 1;
  }
  return names;
}

std::vector<std::string> read_lines(const std::string& name, const RecipeFiles& files) {
  std::istringstream text(files.bytes(name));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(trimmed(line));
  if (lines.empty())
    throw FileFailure(
        fmt::format("label file '{}' is empty, expected one class label per line", name));
  return lines;
}

Mask read_mask(const std::string& name, const NoticeSink& notices, const RecipeFiles& files) {
  Tensor mask = mask_values(files.picture(name, notices));
  for (float& v : mask.elements()) v = std::clamp(v / 255, 0.f, 1.f);
  return std::make_shared<const Tensor>(std::move(mask));
}

}  // namespace

std::vector<LayerSpec> layers_to_dream(const Recipe& recipe, const Network& network,
                                       const NoticeSink& notices) {
  if (!recipe.layers.empty()) {
    std::vector<LayerSpec> layers = recipe.layers;
    for (LayerSpec& spec : layers)
      if (spec.name.empty()) spec.name = class_layer(network);
    return expand_looks(layers, network);
  }
  const Preset* preset = find_preset(recipe.preset);
  if (preset && !preset->layers.empty()) {
    std::vector<std::string> missing;
    for (const LayerSpec& spec : preset->layers)
      if (network.graph.find(spec.name) < 0) missing.push_back(spec.name);
    if (missing.empty()) return preset->layers;
    notify(notices, fmt::format("preset {} dreams on {}, which network '{}' does not have; using "
                                "{} instead (--layer chooses others)",
                                preset->name, fmt::join(missing, " and "), network.name,
                                network.default_layer));
  }
  return expand_looks({{default_layer_of(network, notices), {}, 1}}, network);
}

Objective objective_of(const Recipe& recipe, const Network& network, const NoticeSink& notices,
                       const RecipeFiles& files) {
  const bool is_guided = !recipe.guide.empty();
  if (is_guided && recipe.objective != Reduction::l2)
    notify(notices,
           "objective has no effect with a guide: the match with the guide's features is maximised "
           "instead");
  Objective objective;
  for (const LayerSpec& spec : layers_to_dream(recipe, network, notices)) {
    Term term{spec.name, spec.channels, spec.weight, {}, recipe.objective, spec.at, spec.octaves};
    if (!spec.direction.empty())
      term.direction =
          std::make_shared<const std::vector<float>>(read_direction(spec.direction, files));
    if (!spec.mask.empty()) term.mask = read_mask(spec.mask, notices, files);
    if (!spec.class_name.empty()) {
      term.channels = {class_channel(spec.class_name, recipe.labels, files)};
      term.reduction = Reduction::mean;  // more of the class, not more of its opposite
    }
    objective.terms.push_back(std::move(term));
  }
  if (is_guided && recipe.layers.empty())
    notify(
        notices,
        fmt::format("no layer is named for the guide; matching it in {} (--layer chooses another)",
                    objective.terms[0].layer));
  return objective;
}

std::string class_layer(const Network& network) {
  const auto& layers = network.graph.layers;
  for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) {
    if (std::holds_alternative<InnerProduct>(layer->op)) return layer->name;
    if (std::holds_alternative<Softmax>(layer->op))
      return layers[static_cast<std::size_t>(layer->inputs.at(0))].name;
  }
  throw BadRecipe(fmt::format(
      "network '{}' has no classifier, which @class needs; use one that has, such as googlenet",
      network.name));
}

int class_channel(const std::string& name, const std::string& labels_file,
                  const RecipeFiles& files) {
  if (const auto number = read_number<int>(name)) return *number;
  if (labels_file.empty())
    throw BadRecipe(
        fmt::format("class '{}' is not a number, and there are no labels; name a file with one "
                    "label per line by --labels",
                    name));

  const std::vector<std::string> lines = read_lines(labels_file, files);
  const std::string wanted = lower(name);
  std::vector<std::string> all;
  for (std::size_t i = 0; i < lines.size(); ++i)
    for (const std::string& label : names_of(lines[i])) {
      if (label == wanted) return static_cast<int>(i);
      all.push_back(label);
    }
  const std::vector<std::string> near = nearest_names(wanted, all, 3);
  throw BadRecipe(
      fmt::format("no class '{}' in '{}'{}", one_line(name), labels_file,
                  near.empty() ? "" : fmt::format("; the nearest are {}", fmt::join(near, ", "))));
}

std::vector<float> read_direction(const std::string& file, const RecipeFiles& files) {
  const std::string text = files.bytes(file);
  std::vector<float> direction;
  if (text.starts_with("\x93NUMPY")) {
    const Tensor numbers = read_npy(text, file);
    direction.assign(numbers.elements().begin(), numbers.elements().end());
  } else {
    const auto list = nlohmann::json::parse(text, nullptr, false);
    const auto is_number = [](const auto& item) { return item.is_number(); };
    if (!list.is_array() || !std::all_of(list.begin(), list.end(), is_number))
      throw BadRecipe(
          fmt::format("direction '{}' is neither a .npy file nor a JSON list of numbers", file));
    direction = list.get<std::vector<float>>();
  }
  for (float v : direction)
    if (!std::isfinite(v))
      throw BadRecipe(fmt::format("direction '{}' holds a number that is not finite", file));
  return direction;
}

Tensor visible_features(ConstView features, const Image& guide, const std::string& name) {
  const Shape& shape = features.shape();
  std::vector<std::int64_t> visible;
  for (std::int64_t y = 0; y < shape.height(); ++y)
    for (std::int64_t x = 0; x < shape.width(); ++x) {
      // The middle of what the position sees
      const std::int64_t row = (2 * y + 1) * guide.height() / (2 * shape.height());
      const std::int64_t column = (2 * x + 1) * guide.width() / (2 * shape.width());
      if (guide.alpha.empty() || guide.alpha.view().at(0, row, column) >= 128)
        visible.push_back(y * shape.width() + x);
    }
  if (visible.empty()) throw BadRecipe(fmt::format("guide '{}' is transparent everywhere", name));
  const std::int64_t plane = shape.height() * shape.width();
  const auto count = static_cast<std::int64_t>(visible.size());
  Tensor kept = Tensor::uninitialized({shape.channels(), 1, count});
  for (std::int64_t c = 0; c < shape.channels(); ++c)
    for (std::int64_t i = 0; i < count; ++i)
      kept[c * count + i] = features[c * plane + visible[static_cast<std::size_t>(i)]];
  return kept;
}

}  // namespace reverie
