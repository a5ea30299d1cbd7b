#include "reverie/codec/sequence/numbered_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "reverie/base/text.h"

namespace reverie {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t digits_at(const std::string& text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && is_digit(text[end])) ++end;
  return end - at;
}

constexpr int most_digits = 9;  // so that each number fits into an int

// "%d" or "%06d".
std::optional<NumberedName> parse_percent(const std::string& name) {
  const std::size_t percent = name.find('%');
  if (percent == std::string::npos || name.find('%', percent + 1) != std::string::npos)
    return std::nullopt;
  const std::size_t count = digits_at(name, percent + 1);
  const std::size_t letter = percent + 1 + count;
  if (letter >= name.size() || name[letter] != 'd') return std::nullopt;
  const auto digits = read_number<int>(name.substr(percent + 1, count));
  if (count > 0 && (!digits || *digits < 1 || *digits > most_digits)) return std::nullopt;
  return NumberedName{name.substr(0, percent), digits.value_or(1), name.substr(letter + 1)};
}

// "####", as compositing programs write it.
std::optional<NumberedName> parse_hashes(const std::string& name) {
  const std::size_t first = name.find('#');
  if (first == std::string::npos) return std::nullopt;
  const std::size_t end = std::min(name.find_first_not_of('#', first), name.size());
  const auto digits = static_cast<int>(end - first);
  if (digits < 2 || digits > most_digits || name.find('#', end) != std::string::npos)
    return std::nullopt;
  return NumberedName{name.substr(0, first), digits, name.substr(end)};
}

// The digits at the front of a text without zeros before them, and the rest.
std::string_view take_number(std::string_view& text) {
  const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
  std::string_view number = text.substr(0, end);
  text.remove_prefix(end);
  number.remove_prefix(std::min(number.find_first_not_of('0'), number.size()));
  return number;
}

}  // namespace

std::string NumberedName::name(std::int64_t number) const {
  return fmt::format("{}{:0{}}{}", before, number, digits, after);
}

std::optional<int> NumberedName::number(const std::string& name) const {
  if (name.size() <= before.size() + after.size() || !name.starts_with(before) ||
      !name.ends_with(after))
    return std::nullopt;
  const std::string text = name.substr(before.size(), name.size() - before.size() - after.size());
  if (digits_at(text, 0) != text.size() || text.size() > most_digits) return std::nullopt;
  const int number = *read_number<int>(text);
  // frame_007 is not the seventh of frame_%02d
  return this->name(number) == name ? std::optional(number) : std::nullopt;
}

std::optional<NumberedName> parse_numbered_name(const std::string& name) {
  const auto parsed = parse_percent(name);
  return parsed ? parsed : parse_hashes(name);
}

bool is_numbered_output(const std::filesystem::path& path) {
  constexpr std::array extensions{".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff"};
  const std::string extension = lower(path.extension().string());
  return std::find(extensions.begin(), extensions.end(), extension) != extensions.end() &&
         parse_numbered_name(path.filename().string());
}

bool comes_before(const std::string& a, const std::string& b) {
  std::string_view left = a, right = b;
  while (!left.empty() && !right.empty()) {
    if (is_digit(left.front()) && is_digit(right.front())) {
      const std::string_view here = take_number(left), there = take_number(right);
      if (here.size() != there.size()) return here.size() < there.size();
      if (here != there) return here < there;
    } else if (left.front() != right.front()) {
      return left.front() < right.front();
    } else {
      left.remove_prefix(1);
      right.remove_prefix(1);
    }
  }
  if (left.empty() != right.empty()) return left.empty();
  return a < b;  // frame_01 and frame_1
}

}  // namespace reverie
