#include "apps/studio/gate.h"

#include <fmt/format.h>

#include "apps/studio/ids.h"

namespace reverie::studio {
namespace {

constexpr int wrong_tokens_at_once = 20;
constexpr std::size_t most_prefixes = 256;

bool begins_with(const std::string& text, const char* begin) { return text.rfind(begin, 0) == 0; }

}  // namespace

void add_safety_headers(Response& response) {
  const auto add = [&](const char* name, const char* value) {
    for (const auto& [there, unused] : response.headers)
      if (there == name) return;
    response.headers.emplace_back(name, value);
  };
  add("Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src "
      "'self'; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'");
  add("X-Content-Type-Options", "nosniff");
  add("Referrer-Policy", "no-referrer");
  add("Cross-Origin-Resource-Policy", "same-origin");
  add("Cross-Origin-Opener-Policy", "same-origin");
  add("Cache-Control", "no-store");
}

std::optional<Response> Gate::refusal(Request& request) {
  // Whoever names another host was led here by another page's DNS
  if (request.headers.count("host") != 1 || !is_our_host(request.header("host")))
    return error_response(403, "Forbidden", "this address is not the studio's; see --host");
  const bool is_private = begins_with(request.path, "/api/") || begins_with(request.path, "/s/");
  if (!is_private) {
    if (request.method == "GET" || request.method == "HEAD") return std::nullopt;
    return error_response(405, "BadMethod", "only GET here");
  }
  if (auto refused = wrong_origin(request)) return refused;
  if (begins_with(request.path, "/s/")) {
    const std::string prefix = request.path.substr(0, 35);
    if (prefixes_.count(prefix) == 0 || !begins_with(request.path.substr(prefix.size()), "/api/"))
      return error_response(403, "Forbidden", "this link has expired; reload the page");
    if (request.method != "GET" && request.method != "HEAD")
      return error_response(403, "Forbidden", "only GET here");
    request.path = request.path.substr(prefix.size());
    return std::nullopt;
  }
  return wrong_token(request);
}

bool Gate::is_our_host(const std::string& host) const {
  for (const char* name : {"127.0.0.1", "localhost", "[::1]"})
    if (host == fmt::format("{}:{}", name, options_.port)) return true;
  for (const std::string& name : options_.hosts)
    if (host == name || host == fmt::format("{}:{}", name, options_.port)) return true;
  return false;
}

std::optional<Response> Gate::wrong_origin(const Request& request) const {
  const std::string origin = request.header("origin"), site = request.header("sec-fetch-site");
  const bool is_ours = origin.empty() || origin == "http://" + request.header("host");
  const bool is_same_site = site.empty() || site == "same-origin" || site == "none";
  if (is_ours && is_same_site) return std::nullopt;
  return error_response(403, "Forbidden", "only the studio's own page may ask");
}

std::optional<Response> Gate::wrong_token(const Request& request) {
  const auto now = std::chrono::steady_clock::now();
  if (wrong_tokens_ >= wrong_tokens_at_once && now - last_wrong_ < std::chrono::seconds(1))
    return error_response(429, "Busy", "too many wrong tokens; wait a second");
  constexpr const char* scheme = "Reverie ";
  const std::string given = request.header("authorization");
  if (begins_with(given, scheme) && equal_secrets(given.substr(8), options_.token))
    return std::nullopt;
  ++wrong_tokens_;
  last_wrong_ = now;
  return error_response(
      403, "Forbidden",
      "open the page by the link that `reverie serve` printed, which holds its key");
}

std::string Gate::new_prefix() {
  if (prefixes_.size() >= most_prefixes) prefixes_.erase(prefixes_.begin());
  return *prefixes_.insert("/s/" + random_hex(16)).first;
}

}  // namespace reverie::studio
