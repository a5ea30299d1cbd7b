#include "apps/studio/http.h"

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

namespace reverie::studio {

Response error_response(int status, const std::string& kind, const std::string& message) {
  Response response;
  response.status = status;
  response.body = nlohmann::json{{"error", {{"kind", kind}, {"message", message}}}}.dump(
      -1, ' ', false, nlohmann::json::error_handler_t::replace);
  return response;
}

std::string media_type(const std::filesystem::path& name) {
  static constexpr std::array<std::pair<const char*, const char*>, 10> known{
      {{".html", "text/html; charset=utf-8"},
       {".css", "text/css; charset=utf-8"},
       {".js", "text/javascript; charset=utf-8"},
       {".svg", "image/svg+xml"},
       {".webmanifest", "application/manifest+json"},
       {".png", "image/png"},
       {".jpg", "image/jpeg"},
       {".webp", "image/webp"},
       {".mp4", "video/mp4"},
       {".webm", "video/webm"}}};
  const std::string extension = name.extension().string();
  for (const auto& [ending, type] : known)
    if (extension == ending) return type;
  return "application/octet-stream";
}

std::optional<int> whole_number(std::string_view text) {
  int value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

}  // namespace reverie::studio
