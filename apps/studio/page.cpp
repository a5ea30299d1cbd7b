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
Response page_file(const Request& request) {
  const std::string name = request.path == "/" ? "index.html" : request.path.substr(1);
  for (const PageFile& file : page_files) {
    if (name != file.name) continue;
    Response response;
    response.type = media_type(name);
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
