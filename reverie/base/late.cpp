#include "reverie/base/late.h"

#include <dlfcn.h>

#include <string>

#include "reverie/base/error.h"

namespace reverie {
namespace {

// That of the file which this function is in, with its slash; empty where the system does not know.
std::string own_folder() {
  Dl_info info;
  if (dladdr(reinterpret_cast<void*>(&find_late), &info) == 0) return "";
  const std::string path = info.dli_fname;
  return path.substr(0, path.rfind('/') + 1);
}

void* load_film_library() {
  const std::string path = own_folder() + REVERIE_FILM_LIBRARY;
  if (void* const library = dlopen(path.c_str(), RTLD_NOW)) return library;
  throw CodecFailure("films need " + path + ", which cannot be loaded: " + dlerror());
}

}  // namespace

void* find_late(const char* name) {
  static void* const library = load_film_library();
  if (void* const address = dlsym(library, name)) return address;
  throw CodecFailure(std::string(REVERIE_FILM_LIBRARY) + " is of another version: it has no " +
                     name);
}

}  // namespace reverie
