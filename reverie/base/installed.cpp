#include "reverie/base/installed.h"

#include <dlfcn.h>
#include <unistd.h>

#include "reverie/base/error.h"

namespace reverie {

std::string own_folder() {
  Dl_info info;
  if (dladdr(reinterpret_cast<void*>(&own_folder), &info) == 0) return "";
  const std::string path = info.dli_fname;
  return path.substr(0, path.rfind('/') + 1);
}

std::string find_program(const std::string& name) {
  // Without a folder it would be whatever lies where the user happens to be
  const std::string folder = own_folder();
  const std::string built = folder + name, installed = folder + REVERIE_LIBEXEC + "/" + name;
  if (!folder.empty())
    for (const std::string& path : {built, installed})
      if (::access(path.c_str(), X_OK) == 0) return path;
  throw FileFailure("missing program '" + installed +
                    "', which is a part of Reverie; install Reverie again");
}

}  // namespace reverie
