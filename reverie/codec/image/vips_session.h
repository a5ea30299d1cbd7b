// vips_session.h: starts libvips once and silently; owners for its objects. Included inside codec/
// only.
#pragma once

#include <vips/vips.h>

#include <memory>
#include <string>

namespace reverie {

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
using ImagePtr = std::unique_ptr<VipsImage, Unref>;
using SourcePtr = std::unique_ptr<VipsSource, Unref>;

// Starts libvips on the first call, with as many threads as our own loops use. Its settings are
// those of the whole process: messages of libvips and GLib are dropped, and finished operations are
// not cached (a file may change between two reads). Errors: CodecFailure.
void start_vips();

// libvips' error messages since the last call, as one line without its own prefixes.
std::string take_vips_error();

}  // namespace reverie
