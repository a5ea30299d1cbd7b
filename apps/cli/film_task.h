// video_task.h: what zooms and dreamed videos share: where they go, and what they carry.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "apps/cli/arguments.h"
#include "apps/cli/session.h"
#include "reverie/codec/video/video_write.h"
#include "reverie/recipe/recipe_json.h"

namespace reverie::cli {

// Where a video goes.
struct VideoOutput {
  // Adds -o, --quality, --codec, --preview, --overwrite.
  void add_to(Command command);

  // By the path: a folder ends in '/', exists as one, or has no extension.
  bool is_folder() const;
  // Quality and codec.
  VideoOptions form() const;

  std::string path;
  int quality = 90;
  std::string codec = "auto";
  std::string preview;  // a picture that shows the frame at work; empty for none
  bool overwrite = false;
};

// What is known to fail before the source is read. Errors: CodecFailure, FileFailure.
void check_video_output(const VideoOutput& output);

struct VideoTaskBase {
  Recipe recipe;                         // as the video shall carry it
  Recipe found;                          // the same, with its files where they lie now
  std::vector<Keyframe> found_timeline;  // likewise
  NetworkOptions network;
  MachineArguments machine;
  VideoOutput output;
  std::size_t plan_memory = 0;  // bytes, for `redo`: as the video was made; 0: as `machine` says
  std::optional<DreamDocument> expected;  // for `redo`: a network that must be the same
};

double seconds_since(std::chrono::steady_clock::time_point begin);

// What the video carries, and by which its parts are known again, but for its settings. Where the
// recipe of a video that is made again names no layers, `task.found` gets those that it was made
// with. Errors: BadModel when another network was expected.
DreamDocument document_of(VideoTaskBase& task, const Network& network, bool wanders,
                          const DreamDocument::Picture& source, Terminal& terminal);

}  // namespace reverie::cli
