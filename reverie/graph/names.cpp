#include "reverie/graph/names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <numeric>

#include "reverie/base/error.h"

namespace reverie {
namespace {

bool matches_glob(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*')
    return matches_glob(pattern.substr(1), text) ||
           (!text.empty() && matches_glob(pattern, text.substr(1)));
  if (text.empty() || (pattern[0] != '?' && pattern[0] != text[0])) return false;
  return matches_glob(pattern.substr(1), text.substr(1));
}

bool is_suffix_at_a_boundary(std::string_view suffix, std::string_view text) {
  if (suffix.empty() || text.size() <= suffix.size() || !text.ends_with(suffix)) return false;
  const char before = text[text.size() - suffix.size() - 1];
  return before == '/' || before == '_' || before == '.';
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const bool same = std::tolower(static_cast<unsigned char>(a[i])) ==
                        std::tolower(static_cast<unsigned char>(b[j]));
      const std::size_t substituted = diagonal + (same ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({substituted, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

std::vector<std::string> all_names(const Graph& graph) {
  std::vector<std::string> names;
  for (const Layer& layer : graph.layers) names.push_back(layer.name);
  for (const auto& [alias, index] : graph.aliases) names.push_back(alias);
  return names;
}

// The layers that any of `names` for which `accepts` holds belongs to, each once.
template <class Accepts>
std::vector<int> matching(const Graph& graph, const std::vector<std::string>& names,
                          Accepts accepts) {
  std::vector<int> found;
  for (const std::string& name : names)
    if (accepts(name)) found.push_back(graph.find(name));
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

}  // namespace

std::vector<std::string> nearest_names(std::string_view text,
                                       const std::vector<std::string>& candidates,
                                       std::size_t most) {
  // A name that contains the text is near, however long it is
  std::vector<std::pair<std::size_t, std::string>> scored;
  for (const std::string& name : candidates) {
    const bool contains = !text.empty() && name.find(text) != std::string::npos;
    scored.emplace_back(contains ? 1 : edit_distance(text, name), name);
  }
  std::stable_sort(scored.begin(), scored.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> nearest;
  for (const auto& [score, name] : scored)
    if (nearest.size() < most) nearest.push_back(name);
  return nearest;
}

int resolve_layer(const Graph& graph, std::string_view text) {
  if (const int exact = graph.find(text); exact >= 0) return exact;
  const std::vector<std::string> names = all_names(graph);
  std::vector<int> found =
      matching(graph, names, [&](const std::string& name) { return matches_glob(text, name); });
  if (found.empty())
    found = matching(graph, names,
                     [&](const std::string& name) { return is_suffix_at_a_boundary(text, name); });
  if (found.size() == 1) return found[0];
  if (found.empty())
    throw BadRecipe(fmt::format("no layer '{}' in network '{}'; the nearest names are {}", text,
                                graph.name, fmt::join(nearest_names(text, names, 3), ", ")));
  std::vector<std::string> several;
  for (int index : found) several.push_back(graph.layers[static_cast<std::size_t>(index)].name);
  const std::size_t count = several.size();
  if (count > 4) several.resize(4);
  throw BadRecipe(fmt::format("layer '{}' is not one layer of network '{}': it matches {}{}", text,
                              graph.name, fmt::join(several, ", "),
                              count > 4 ? fmt::format(" and {} more", count - 4) : ""));
}

}  // namespace reverie
