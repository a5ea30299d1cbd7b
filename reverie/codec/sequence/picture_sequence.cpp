#include "reverie/codec/sequence/picture_sequence.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fnmatch.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "reverie/base/error.h"
#include "reverie/base/text.h"
#include "reverie/codec/image/image_file.h"
#include "reverie/codec/sequence/numbered_name.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;

bool has_wildcard(const std::string& name) { return name.find_first_of("*?") != std::string::npos; }

// A GIF is a video by itself.
bool is_picture_name(const fs::path& path) {
  std::string extension = lower(path.extension().string());
  if (extension.empty() || extension == ".gif") return false;
  extension.erase(0, 1);
  const std::vector<std::string>& known = image_extensions();
  return std::find(known.begin(), known.end(), extension) != known.end();
}

// A dream of a picture: sky.dream.png.
bool is_dream(const fs::path& path) { return path.stem().extension() == ".dream"; }

fs::path folder_of(const fs::path& path) {
  const fs::path folder = path.parent_path();
  return folder.empty() ? "." : folder;
}

struct Listing {
  std::vector<fs::path> pictures, dreams;
  int others = 0;
};

template <class Takes>
Listing list(const fs::path& folder, Takes takes) {
  Listing found;
  std::error_code error, ignored;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (it->is_directory(ignored)) continue;
    if (name.starts_with('.') || !it->is_regular_file(ignored) || !takes(name))
      ++found.others;
    else
      (is_dream(name) ? found.dreams : found.pictures).push_back(folder / name);
  }
  if (error)
    throw FileFailure(fmt::format("cannot read folder '{}': {}", folder.string(), error.message()));
  return found;
}

// A name apart from the last number in it.
using Series = std::pair<std::string, std::string>;
std::optional<std::pair<Series, std::string>> numbered(const std::string& name) {
  const std::size_t stem = name.rfind('.') == std::string::npos ? name.size() : name.rfind('.');
  const std::size_t last =
      stem == 0 ? std::string::npos : name.find_last_of("0123456789", stem - 1);
  if (last == std::string::npos) return std::nullopt;
  std::size_t first = last;
  while (first > 0 && name[first - 1] >= '0' && name[first - 1] <= '9') --first;
  return std::pair(Series(name.substr(0, first), lower(name.substr(last + 1))),
                   name.substr(first, last + 1 - first));
}

std::string runs_text(const std::vector<std::pair<std::int64_t, std::int64_t>>& runs) {
  constexpr std::size_t most = 4;
  std::vector<std::string> texts;
  for (const auto& [from, to] : runs) {
    if (texts.size() == most) {
      texts.emplace_back("...");
      break;
    }
    texts.push_back(from == to ? fmt::format("{}", from) : fmt::format("{} to {}", from, to));
  }
  return fmt::format("{}", fmt::join(texts, ", "));
}

// Numbers that are missing between the first and the last of `numbers`, which rise.
void tell_of_gaps(const std::string& name, const std::vector<std::int64_t>& numbers,
                  const NoticeSink& notices) {
  std::vector<std::pair<std::int64_t, std::int64_t>> runs;
  std::int64_t missing = 0;
  for (std::size_t i = 1; i < numbers.size(); ++i) {
    if (numbers[i] <= numbers[i - 1] + 1) continue;
    runs.emplace_back(numbers[i - 1] + 1, numbers[i] - 1);
    missing += numbers[i] - numbers[i - 1] - 1;
  }
  if (missing > 0)
    notify(notices, fmt::format("'{}': {} of the numbers {} to {} {} missing ({}); the video goes "
                                "on without them",
                                name, missing, numbers.front(), numbers.back(),
                                missing == 1 ? "is" : "are", runs_text(runs)));
}

void tell_of_numbers(const std::string& name, const std::vector<fs::path>& pictures,
                     const NoticeSink& notices) {
  std::map<Series, std::vector<std::int64_t>> series;
  for (const fs::path& picture : pictures) {
    const auto parts = numbered(picture.filename().string());
    const auto number = parts ? read_number<std::int64_t>(parts->second) : std::nullopt;
    if (!number) return;
    series[parts->first].push_back(*number);
  }
  if (series.size() == 1) return tell_of_gaps(name, series.begin()->second, notices);
  const auto text = [](const Series& one) { return fmt::format("{}*{}", one.first, one.second); };
  if (series.size() < pictures.size())
    notify(notices, fmt::format("'{}' holds {} series of pictures ({}, {}...), which are taken one "
                                "after the other; such a name in quotes takes one of them",
                                name, series.size(), text(series.begin()->first),
                                text(std::next(series.begin())->first)));
}

}  // namespace

bool is_picture_sequence(const fs::path& path) {
  std::error_code ignored;
  if (path == "-" || path.empty()) return false;
  if (fs::exists(path, ignored)) return fs::is_directory(path, ignored);
  const std::string name = path.filename().string();
  return has_wildcard(name) || parse_numbered_name(name);
}

std::string sequence_stem(const fs::path& path) {
  std::error_code ignored;
  const std::string file = path.filename().string();
  std::string stem;
  if (!fs::is_directory(path, ignored)) {
    const auto name = parse_numbered_name(file);
    stem = name ? name->before : file.substr(0, file.find_first_of("*?"));
    stem.erase(stem.find_last_not_of(" _-.") + 1);
    if (!stem.empty()) return stem;
  }
  const fs::path folder = fs::is_directory(path, ignored) ? path : folder_of(path);
  const fs::path whole = fs::absolute(folder).lexically_normal();
  stem = (whole.has_filename() ? whole : whole.parent_path()).filename().string();
  return stem.empty() ? "pictures" : stem;
}

std::vector<fs::path> find_pictures(const fs::path& path, const NoticeSink& notices) {
  const std::string name = path.string();
  std::error_code ignored;
  const bool is_folder = fs::is_directory(path, ignored);
  const std::string pattern = path.filename().string();
  const auto numbers = is_folder ? std::nullopt : parse_numbered_name(pattern);
  Listing found = list(is_folder ? path : folder_of(path), [&](const std::string& file) {
    if (is_folder) return is_picture_name(file);
    if (numbers) return numbers->number(file).has_value();
    return ::fnmatch(pattern.c_str(), file.c_str(), FNM_PERIOD) == 0;
  });
  // Dreams are left out of what they were made from, but can be a video of their own
  if (!is_folder)
    found.pictures.insert(found.pictures.end(), found.dreams.begin(), found.dreams.end());
  else if (found.pictures.empty())
    found.pictures = std::move(found.dreams);
  else
    found.others += static_cast<int>(found.dreams.size());
  if (found.pictures.empty())
    throw FileFailure(is_folder ? fmt::format("no picture in folder '{}'", name)
                                : fmt::format("no file has a name like '{}'", name));
  std::sort(found.pictures.begin(), found.pictures.end(), [](const fs::path& a, const fs::path& b) {
    return comes_before(a.filename().string(), b.filename().string());
  });
  if (is_folder && found.others > 0)
    notify(notices, fmt::format("'{}': {} file{} passed over, hidden or no picture of the video",
                                name, found.others, found.others == 1 ? "" : "s"));
  tell_of_numbers(name, found.pictures, notices);
  return std::move(found.pictures);
}

}  // namespace reverie
