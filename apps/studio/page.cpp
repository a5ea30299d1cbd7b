// The page: files that the assembler took into the program.
#include <cctype>
#include <cstddef>
#include <cstring>
#include <string_view>

#include "apps/studio/api.h"
#include "reverie/base/version.h"

// Made by CMake from the files of page/: PAGE_FILE(number, "name") for each
#include "page_files.inc"

namespace reverie::studio {
namespace {

std::string_view type_of(std::string_view name) {
  const auto ends = [&](std::string_view tail) {
    return name.size() >= tail.size() && name.substr(name.size() - tail.size()) == tail;
  };
  if (ends(".html")) return "text/html; charset=utf-8";
  if (ends(".css")) return "text/css; charset=utf-8";
  if (ends(".js")) return "text/javascript; charset=utf-8";
  if (ends(".svg")) return "image/svg+xml";
  if (ends(".jpg")) return "image/jpeg";
  if (ends(".png")) return "image/png";
  if (ends(".webmanifest")) return "application/manifest+json";
  return "application/octet-stream";
}

}  // namespace

Response page_file(const Request& request) {
  const std::string name = request.path == "/" ? "index.html" : request.path.substr(1);
  for (const PageFile& file : page_files) {
    if (name != file.name) continue;
    Response response;
    response.type = type_of(name);
    const std::string tag = std::string("\"") + file.checksum + "\"";
    response.headers.emplace_back("ETag", tag);
    response.headers.emplace_back("Cache-Control", "no-cache");
    if (request.header("if-none-match") == tag) {
      response.status = 304;
      return response;
    }
    response.body.assign(reinterpret_cast<const char*>(file.begin),
                         static_cast<std::size_t>(file.end - file.begin));
    return response;
  }
  return not_found("there is no such page");
}

}  // namespace reverie::studio
