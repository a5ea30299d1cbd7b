// sound_form.h: decoded sound as FFmpeg's filters want it described. Internal to codec/.
#pragma once

#include <string>

#include "reverie/codec/video/ffmpeg_handles.h"

namespace reverie::ffmpeg {

// What an "abuffer" takes for sound of this form, with times in samples.
std::string sound_form(const AVFrame& sound);

// The samples of a frame, in time with its rate; the decoder's `unit` is that of its times.
void count_in_samples(AVFrame& sound, AVRational unit);

}  // namespace reverie::ffmpeg
