// plugin.h: functions of libreverie-video, loaded when first called. Internal to the library.
//
// Videos need FFmpeg and optical flow needs OpenCV: together two hundred shared libraries, which
// dreams of single pictures would load for nothing. Code that needs them is in libreverie-video,
// beside libreverie; see docs/decisions/plugin.md.
#pragma once

namespace reverie {

// The address of a function of libreverie-video, which is loaded at the first call and stays
// loaded. Any thread. Errors: CodecFailure when it cannot be loaded.
void* find_plugin_function(const char* name);

// A function that is declared weak: the linked one where there is one (tests), else that of
// libreverie-video.
template <class Function>
Function* plugin_function(Function* linked, const char* name) {
  return linked != nullptr ? linked : reinterpret_cast<Function*>(find_plugin_function(name));
}

}  // namespace reverie
