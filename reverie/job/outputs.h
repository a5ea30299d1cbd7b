// outputs.h: from what a job says about its output to names of files and options of encoders.
#pragma once

#include <string>

#include "reverie/codec/image/image_file.h"
#include "reverie/codec/video/video_write.h"
#include "reverie/job/job.h"

namespace reverie {

// "sky" for "photos/sky.jpg", "stdin" for "-".
std::string stem_of(const std::string& input);

// Where a video goes when the job does not say.
std::string default_video_name(const std::string& input);

ImageOptions image_form(const OutputSpec& output);
VideoOptions video_form(const OutputSpec& output);

// Whether a video's frames go to a folder: a path that ends in '/', is one, or has no extension.
bool is_frame_folder(const std::string& path);

// What is known to fail before the source of a video is read. Errors: CodecFailure, FileFailure.
void check_video_output(const OutputSpec& output);

}  // namespace reverie
