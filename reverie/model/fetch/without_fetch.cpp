// What download.h and unpack.h declare, for a build without curl and libarchive.
#include "reverie/base/error.h"
#include "reverie/model/fetch/download.h"
#include "reverie/model/fetch/unpack.h"

namespace reverie::fetch {
namespace {

[[noreturn]] void refuse(const std::string& what) {
  throw Unsupported(
      what +
      ": this build downloads nothing: it was configured with REVERIE_FETCH=OFF; put "
      "the file there by hand, or build Reverie with -D REVERIE_FETCH=ON, which needs "
      "curl and libarchive");
}

}  // namespace

DownloadEnd download(const std::string& url, const std::filesystem::path&, const DownloadOptions&) {
  refuse(url);
}

void unpack_member(const std::filesystem::path& archive, const std::string&,
                   const std::filesystem::path&, std::uintmax_t) {
  refuse(archive.string());
}

}  // namespace reverie::fetch
