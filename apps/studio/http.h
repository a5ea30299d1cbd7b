// http.h: requests and responses as the studio's parts see them, without the HTTP library.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reverie::studio {

// One request, read whole. Names of headers are in lower case.
struct Request {
  std::string method, path;
  std::map<std::string, std::string> query;
  std::multimap<std::string, std::string> headers;
  std::string body;              // of JSON requests
  std::filesystem::path upload;  // of bytes: a temporary file that holds them, else empty

  // The value of a header or of a part of the query; empty: not given.
  std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
  std::string argument(const std::string& name) const {
    const auto found = query.find(name);
    return found == query.end() ? "" : found->second;
  }
};

struct Response {
  int status = 200;
  std::string type = "application/json";
  std::string body;
  std::filesystem::path file;  // sent instead of the body; byte ranges of it can be asked for
  std::vector<std::pair<std::string, std::string>> headers;
  // An endless response: events from this number on.
  std::optional<std::int64_t> events_after;
};

// One error as the API words it.
Response error_response(int status, const std::string& kind, const std::string& message);

// The media type of a file with that name, by its extension.
std::string media_type(const std::filesystem::path& name);

// The whole number, not negative, that is all of a text; nothing for another text.
std::optional<int> whole_number(std::string_view text);

// How a request is to be treated, decided from its head alone.
struct Reception {
  enum class Where { at_once, files, refused };
  Where where = Where::at_once;  // on the server's thread in a few ms, or on that of the files
  bool takes_upload = false;     // the body goes to a file
  Response refusal;
  std::function<Response(const Request&)> answer;
};

}  // namespace reverie::studio
