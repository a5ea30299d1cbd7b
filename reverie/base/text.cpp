#include "reverie/base/text.h"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <utility>

namespace reverie {
namespace {

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

}  // namespace

std::vector<std::string> nearest_names(std::string_view text,
                                       const std::vector<std::string>& candidates,
                                       std::size_t most) {
  // A third of the letters may be wrong; in words of up to three letters one
  const std::size_t max_edits = text.size() <= 3 ? 1 : std::max<std::size_t>(2, text.size() / 3);

  // A name that contains the text is near, however long it is; with a letter or two more, nearest
  constexpr std::size_t min_part = 3;  // letters of a name that is a part of the text
  const std::string wanted = lower(text);
  std::vector<std::pair<std::size_t, std::string>> scored;
  for (const std::string& name : candidates) {
    const std::size_t edits = edit_distance(text, name);
    const std::string candidate = lower(name);
    if (!wanted.empty() && candidate.find(wanted) != std::string::npos)
      scored.emplace_back(edits <= 2 ? 0 : 1, name);
    else if (edits <= max_edits)
      scored.emplace_back(edits, name);
    else if (name.size() >= min_part && wanted.find(candidate) != std::string::npos)
      scored.emplace_back(max_edits, name);
  }
  std::stable_sort(scored.begin(), scored.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> nearest;
  for (const auto& [score, name] : scored)
    if (nearest.size() < most) nearest.push_back(name);
  return nearest;
}

std::string nearest_note(std::string_view text, const std::vector<std::string>& candidates) {
  const std::vector<std::string> nearest = nearest_names(text, candidates, 1);
  return nearest.empty() ? "" : "; the nearest is '" + nearest[0] + "'";
}

std::string lower(std::string_view text) {
  std::string line(text);
  for (char& c : line) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return line;
}

std::string one_line(std::string_view text) {
  std::string line(text);
  for (char& c : line)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return line;
}

}  // namespace reverie
