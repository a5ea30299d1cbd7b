// zoom_state.h: what is kept beside a finished zoom so that it can grow.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "reverie/base/api.h"
#include "reverie/recipe/recipe_json.h"
#include "reverie/tensor/tensor.h"

namespace REVERIE_API reverie {

// A longer zoom begins with the first `frames` frames of this one, and goes on from the canvas of
// the last of them. The frames themselves are in the video, which is not decoded, or in its folder.
struct ZoomState {
  DreamDocument document;  // of the zoom as it was made
  int frames = 0;          // up to where the end of the video begins to show in it
  // Checksums of encoded pictures (checksum_of): of those frames, which begin the video; and in a
  // palindrome of the way back, which ends it. Empty for a folder.
  std::string forward, backward;
  Tensor canvas;  // [3,H,W], of frame `frames`-1; empty where frames on disk are what goes on
};

// OUTPUT.state, also for a folder.
std::filesystem::path zoom_state_path(const std::filesystem::path& output);

// The bytes of a state's file: two lines of text, the document as JSON in a third, an .npy of the
// canvas. The first line holds a checksum of all that follows.
std::string encode_zoom_state(const ZoomState& state);
// Errors: FileFailure, in one line, when the bytes are damaged or something else; `name` is for
// messages.
ZoomState decode_zoom_state(const std::string& bytes, const std::string& name);

// The file appears whole or not at all. Errors: FileFailure.
void write_zoom_state(const std::filesystem::path& path, const ZoomState& state);
// Errors: FileFailure, as decode_zoom_state.
ZoomState read_zoom_state(const std::filesystem::path& path);

}  // namespace reverie
