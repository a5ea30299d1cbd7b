#include "apps/studio/ids.h"

#include <sys/random.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>

namespace reverie::studio {
namespace {

constexpr std::string_view digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";  // Crockford's base 32

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  std::size_t done = 0;
  while (done < count) {
    const ssize_t got = ::getrandom(bytes.data() + done, count - done, 0);
    if (got <= 0) throw std::runtime_error("the system has no random numbers");
    done += static_cast<std::size_t>(got);
  }
  return bytes;
}

}  // namespace

std::string new_dream_id(std::int64_t now) {
  std::string id(26, '0');
  for (int place = 9; place >= 0; --place, now >>= 5)
    id[static_cast<std::size_t>(place)] = digits[static_cast<std::size_t>(now & 31)];
  const std::string random = random_bytes(16);
  for (std::size_t place = 10; place < 26; ++place)
    id[place] = digits[static_cast<unsigned char>(random[place - 10]) & 31];
  return id;
}

bool is_dream_id(std::string_view text) {
  return text.size() == 26 && text.find_first_not_of(digits) == std::string_view::npos;
}

bool is_asset_id(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string random_hex(std::size_t count) {
  std::string text;
  for (const char byte : random_bytes(count)) {
    text += "0123456789abcdef"[(static_cast<unsigned char>(byte) >> 4) & 15];
    text += "0123456789abcdef"[static_cast<unsigned char>(byte) & 15];
  }
  return text;
}

bool equal_secrets(std::string_view a, std::string_view b) {
  unsigned difference = a.size() == b.size() ? 0 : 1;
  for (std::size_t at = 0; at < std::min(a.size(), b.size()); ++at)
    difference |= static_cast<unsigned>(a[at] != b[at]);
  return difference == 0;
}

std::int64_t now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

}  // namespace reverie::studio
