// checkpoint.h: the frames and state of an unfinished video on disk, so that a killed program loses
// only the frame at work.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "reverie/base/api.h"
#include "reverie/codec/sequence/numbered_name.h"
#include "reverie/image/image.h"
#include "reverie/recipe/recipe_json.h"
#include "reverie/video/zoom_state.h"

namespace REVERIE_API reverie {

// Where a video's checkpoint is.
struct CheckpointPaths {
  std::filesystem::path state;   // folder for the document and the last canvas: OUTPUT.parts
  std::filesystem::path frames;  // folder for the frames, the same or another
  NumberedName names{"frame_", 6, ".png"};  // of the frames
  int pixel_width = 1, pixel_height = 1;    // pixel aspect ratio of the frames

  std::filesystem::path frame(int number) const { return frames / names.name(number); }
};

// For a video file, all in PATH.parts. With `is_folder` the frames are the output: in the folder
// itself, or under the names that the path stands for (is_numbered_output).
CheckpointPaths checkpoint_paths(const std::filesystem::path& output, bool is_folder);

// Whether a video was begun there, whatever its dream.
bool has_checkpoint(const std::filesystem::path& output);

// The tiles of an unfinished video of the same dream, in which it is to be continued whatever the
// memory limit is now. Nothing without one.
std::optional<DreamDocument::UsedTiles> checkpoint_tiling(const std::filesystem::path& output,
                                                          const DreamDocument& document);

// The first difference by which two zooms or videos have different frames, as first_difference();
// their lengths and rates do not count.
std::string frames_difference(const DreamDocument& there, const DreamDocument& here);

// Removes the rest of a finished video's checkpoint, whose program was killed before it had removed
// all of it. Errors: FileFailure.
void remove_finished_checkpoint(const std::filesystem::path& output, bool is_folder);

// Locks a folder for one process as long as this lives.
class FileLock {
 public:
  // Errors: FileFailure when the folder cannot be written or another process has locked it.
  explicit FileLock(const std::filesystem::path& folder);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int file_ = -1;
};

// Frames are frame_000000.png and so on, written whole or not at all, of 8 bits, or of 16 where the
// output has more than 8. The canvas that the last of them shows, in float, is kept beside them.
// One process at a time: the folder is locked.
class Checkpoint {
 public:
  // Resumes a checkpoint of the same dream, else begins a new one. A checkpoint of another dream
  // is an error that says what differs; with `overwrite` it is removed. The number of frames,
  // the frame rate, the loop, and the end and the sound of a video may differ, because frames do
  // not depend on them; their depth may not. What is begun goes on from the frames of `grown`, a
  // finished zoom of the same dream.
  // Errors: FileFailure, also when another process is at work; BadRecipe.
  Checkpoint(const CheckpointPaths& place, const DreamDocument& document, bool overwrite,
             const ZoomState* grown = nullptr);
  Checkpoint(const Checkpoint&) = delete;
  Checkpoint& operator=(const Checkpoint&) = delete;

  // The number of frames that are finished, and the canvas of the last; empty when there is none.
  int frames() const { return frames_; }
  Tensor& canvas() { return canvas_; }

  const DreamDocument& document() const { return document_; }
  // The finished zoom that this one goes on from, without its canvas. Of its frames only the last
  // is here, unless frames are the output.
  const std::optional<ZoomState>& base() const { return base_; }
  // The canvas of a frame, where it is kept: that of the last one is.
  std::optional<Tensor> canvas_of(int frame) const;

  // Writes the canvas as frame frames(), and returns the picture that was written. It carries the
  // document only where frames are the output. `alpha` is [1,H,W]; empty for an opaque frame.
  // Errors: FileFailure.
  Image finish_frame(Tensor alpha = {});

  // Errors: as read_image.
  Image read(int frame) const;
  // Writes a frame again, for instance mixed with another. Errors: FileFailure.
  void replace(int frame, const Image& picture) const;
  std::filesystem::path frame_path(int frame) const;

  // Where a video may be written before it is renamed: on the same disk as its output.
  std::filesystem::path video_path(const std::string& extension) const {
    return place_.state / ("film" + extension);
  }
  // Where a stretch of it may be written, `number` from 0.
  std::filesystem::path stretch_path(int number, const std::string& extension) const;

  // Removes the state; frames are kept only where they are the output. Errors: FileFailure.
  void remove_state();

 private:
  int frame_bits(const DreamDocument& document) const;
  void resume(bool overwrite);
  void go_on(const DreamDocument& there);
  void begin(const ZoomState* grown);
  void go_on_from(const ZoomState& grown);
  void find_canvas();
  std::filesystem::path document_path() const;
  std::filesystem::path base_path() const;
  std::filesystem::path canvas_path(int frame) const;
  bool frames_are_output() const { return place_.frames != place_.state; }

  CheckpointPaths place_;
  DreamDocument document_;
  int frames_ = 0;
  Tensor canvas_;  // [3,H,W]
  std::optional<ZoomState> base_;
  std::optional<FileLock> lock_;
};

}  // namespace reverie
