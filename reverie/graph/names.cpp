#include "reverie/graph/names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "reverie/base/error.h"
#include "reverie/base/text.h"

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

int resolve_layer(const Graph& graph, std::string_view text) {
  if (const int exact = graph.find(text); exact >= 0) return exact;
  const std::vector<std::string> names = all_names(graph);
  std::vector<int> found =
      matching(graph, names, [&](const std::string& name) { return matches_glob(text, name); });
  if (found.empty())
    found = matching(graph, names,
                     [&](const std::string& name) { return is_suffix_at_a_boundary(text, name); });
  if (found.size() == 1) return found[0];
  if (found.empty()) {
    const std::vector<std::string> near = nearest_names(text, names, 3);
    throw BadRecipe(
        fmt::format("no layer '{}' in network '{}'; {}", text, graph.name,
                    near.empty() ? "reverie layers lists them"
                                 : fmt::format("the nearest names are {}", fmt::join(near, ", "))));
  }
  std::vector<std::string> several;
  for (int index : found) several.push_back(graph.layers[static_cast<std::size_t>(index)].name);
  const std::size_t count = several.size();
  if (count > 4) several.resize(4);
  throw BadRecipe(fmt::format("layer '{}' is ambiguous in network '{}': it matches {}{}", text,
                              graph.name, fmt::join(several, ", "),
                              count > 4 ? fmt::format(" and {} more", count - 4) : ""));
}

}  // namespace reverie
