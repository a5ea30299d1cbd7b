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
  // A name that contains the text is near, however long it is; with a letter or two more, nearest
  std::vector<std::pair<std::size_t, std::string>> scored;
  for (const std::string& name : candidates) {
    const bool contains = !text.empty() && name.find(text) != std::string::npos;
    const std::size_t edits = edit_distance(text, name);
    scored.emplace_back(!contains ? edits : edits <= 2 ? 0 : 1, name);
  }
  std::stable_sort(scored.begin(), scored.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> nearest;
  for (const auto& [score, name] : scored)
    if (nearest.size() < most) nearest.push_back(name);
  return nearest;
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
