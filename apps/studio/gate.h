// gate.h: who may ask. Everything passes here before anything is looked up.
//
// There are no cookies, so a foreign page has nothing to ride on: it knows neither the token nor
// the prefix. Host, Origin and Sec-Fetch-Site are the second lock.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "apps/studio/http.h"

namespace reverie::studio {

struct GateOptions {
  std::string token;
  int port = 0;
  std::vector<std::string> hosts;  // names beside 127.0.0.1, localhost and [::1]
};

// What stands in `Authorization: Reverie TOKEN`; and prefixes `/s/<32 hex>` for what cannot carry a
// header: pictures, films, events. One thread.
class Gate {
 public:
  explicit Gate(GateOptions options) : options_(std::move(options)) {}

  // Why the request is refused; nothing: it may go on, and its path has lost the prefix.
  std::optional<Response> refusal(Request& request);

  // A new prefix, "/s/<32 hex>".
  std::string new_prefix();

 private:
  bool is_our_host(const std::string& host) const;
  std::optional<Response> wrong_origin(const Request& request) const;
  std::optional<Response> wrong_token(const Request& request);

  const GateOptions options_;
  std::set<std::string> prefixes_;
  int wrong_tokens_ = 0;
  std::chrono::steady_clock::time_point last_wrong_{};
};

// The headers that every answer carries: what the page may load and who may frame it.
void add_safety_headers(Response& response);

}  // namespace reverie::studio
