#include "reverie/base/plugin.h"

#include <dlfcn.h>

#include <string>

#include "reverie/base/error.h"
#include "reverie/base/installed.h"

namespace reverie {
#ifdef REVERIE_WITHOUT_VIDEO

void* find_plugin_function(const char*) {
  throw CodecFailure(
      "this build reads and writes no videos: it was configured with REVERIE_VIDEO=OFF; build "
      "Reverie with -D REVERIE_VIDEO=ON, which needs FFmpeg and OpenCV");
}

#else

namespace {

void* load_video_library() {
  const std::string path = own_folder() + REVERIE_VIDEO_LIBRARY;
  if (void* const library = dlopen(path.c_str(), RTLD_NOW)) return library;
  throw CodecFailure("videos need " + path + ", which cannot be loaded: " + dlerror());
}

}  // namespace

void* find_plugin_function(const char* name) {
  static void* const library = load_video_library();
  if (void* const address = dlsym(library, name)) return address;
  throw CodecFailure(std::string(REVERIE_VIDEO_LIBRARY) + " is of another version: it has no " +
                     name);
}

#endif

}  // namespace reverie
