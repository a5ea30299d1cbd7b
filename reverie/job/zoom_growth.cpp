#include "reverie/job/zoom_growth.h"

#include <fmt/format.h>

#include "reverie/base/error.h"
#include "reverie/job/outputs.h"
#include "reverie/video/checkpoint.h"
#include "reverie/video/zoom_film.h"

namespace reverie {

namespace fs = std::filesystem;

std::optional<ZoomState> finished_zoom(const OutputSpec& output) {
  const fs::path state = zoom_state_path(output.path);
  std::error_code ignored;
  if (output.overwrite || has_checkpoint(output.path) || !fs::exists(state, ignored) ||
      !(is_numbered_output(output.path) || fs::exists(output.path, ignored)))
    return std::nullopt;
  return read_zoom_state(state);
}

namespace {

// Errors: BadRecipe when the frames that are to go on are not there any more.
void check_frames(const ZoomState& finished, const std::string& output) {
  if (!is_frame_folder(output)) return check_pictures(finished, output);
  for (int frame = 0; frame < finished.frames; ++frame) {
    const fs::path path = checkpoint_paths(output, true).frame(frame);
    if (!fs::exists(path))
      throw BadRecipe(fmt::format(
          "'{}' is missing, so '{}' cannot go on; bring it back, or start again with --overwrite",
          path.string(), output));
  }
}

}  // namespace

void check_growth(const ZoomState& finished, const DreamDocument& document,
                  const std::string& output) {
  const ZoomSettings &there = *finished.document.zoom, &here = *document.zoom;
  std::string difference = frames_difference(finished.document, document);
  const auto compare = [&](const char* name, const auto& a, const auto& b) {
    if (difference.empty() && a != b)
      difference = fmt::format("{} is {} there and {} here", name, a, b);
  };
  compare("bits", finished.document.output.bits, document.output.bits);
  if (!is_frame_folder(output)) {
    const auto codec = [](const DreamDocument& of) {
      return of.output.codec.empty() ? std::string("auto") : of.output.codec;
    };
    compare("fps", there.fps, here.fps);
    compare("quality", finished.document.output.quality, document.output.quality);
    compare("codec", codec(finished.document), codec(document));
    // The way back is kept in the video only where there is one
    if (here.palindrome) compare("palindrome", there.palindrome, here.palindrome);
  }
  // Its first frames would have to be mixed again
  if (frames_to_dream(here) > here.frames)
    compare("loop_style", std::string("dream"), std::string("dissolve"));
  if (!difference.empty())
    throw BadRecipe(
        fmt::format("'{}' is another dream ({}); choose another output, or start again with "
                    "--overwrite",
                    output, difference));
  if (here.frames <= there.frames)
    throw BadRecipe(
        fmt::format("'{}' has its {} frames already; more --frames go on from there, "
                    "--overwrite starts again",
                    output, there.frames));
  if (finished.frames > plain_frames(here))
    throw BadRecipe(
        fmt::format("'{}' goes on from frame {}, after this loop's beginning; choose {} frames or "
                    "more, or start again with --overwrite",
                    output, finished.frames, finished.frames + here.loop));
  check_frames(finished, output);
}

}  // namespace reverie
