// plugin.h: functions that are loaded when they are first called. Internal to the library.
//
// Videos need FFmpeg and optical flow needs OpenCV: two hundred libraries together, which every
// dream of a still would load for nothing. What stands on them lies in libreverie-video, beside
// libreverie; see docs/decisions/plugin.md.
#pragma once

namespace reverie {

// The address of a function of libreverie-video, which is loaded at the first call and stays. Any
// thread. Errors: CodecFailure when it cannot be loaded.
void* find_plugin_function(const char* name);

// A function that is declared weak: itself where it is linked in (tests), else from
// libreverie-video.
template <class Function>
Function* plugin_function(Function* linked, const char* name) {
  return linked != nullptr ? linked : reinterpret_cast<Function*>(find_plugin_function(name));
}

}  // namespace reverie
