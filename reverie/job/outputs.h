// outputs.h: from a job's OutputSpec to file names and options of encoders.
#pragma once

#include <string>

#include "reverie/codec/image/image_file.h"
#include "reverie/codec/video/video_write.h"
#include "reverie/job/job.h"
#include "reverie/video/video_output.h"

namespace reverie {

// "sky" for "photos/sky.jpg", "stdin" for "-".
std::string stem_of(const std::string& input);

// The default output of a video.
std::string default_video_name(const std::string& input);

ImageOptions image_form(const OutputSpec& output);
VideoOptions video_form(const OutputSpec& output);

// Whether a video's frames are its output: a path that ends in '/', is a folder, has no extension,
// or stands for numbered pictures.
bool is_frame_folder(const std::string& path);

// Errors: as check_image_output, of the picture that shows the work, if there is one. `replace`: it
// may be there.
void check_preview(const OutputSpec& output, bool replace);

StateKeeping state_keeping(const OutputSpec& output);

// Known errors of a video's output, before its source is read. A finished zoom whose state was kept
// may grow. Errors: CodecFailure, FileFailure.
void check_video_output(const OutputSpec& output, bool is_zoom);

}  // namespace reverie
