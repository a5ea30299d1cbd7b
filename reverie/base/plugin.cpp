#include "reverie/base/plugin.h"

#include <dlfcn.h>

#include <string>

#include "reverie/base/error.h"
#include "reverie/base/installed.h"

namespace reverie {
namespace {

void* load_video_library() {
  const std::string path = own_folder() + REVERIE_FILM_LIBRARY;
  if (void* const library = dlopen(path.c_str(), RTLD_NOW)) return library;
  throw CodecFailure("films need " + path + ", which cannot be loaded: " + dlerror());
}

}  // namespace

void* find_plugin_function(const char* name) {
  static void* const library = load_video_library();
  if (void* const address = dlsym(library, name)) return address;
  throw CodecFailure(std::string(REVERIE_FILM_LIBRARY) + " is of another version: it has no " +
                     name);
}

}  // namespace reverie
