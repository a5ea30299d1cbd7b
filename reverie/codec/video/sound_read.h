// sound_read.h: the sound of a file as samples, by FFmpeg's libraries, which no user of this header
// sees.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>

#include "reverie/base/api.h"
#include "reverie/base/notice.h"

namespace REVERIE_API reverie {

inline constexpr int sound_rate = 48000;  // samples a second, whatever the file has

// What was read.
struct SoundLength {
  double seconds = 0;
  std::int64_t skipped_packets = 0;  // which could not be decoded
};

// Receives samples in order, -1..1 as a rule, in blocks of any length.
using SampleSink = std::function<void(std::span<const float>)>;

// Decodes the sound of an audio file or a video: its best stream, all channels mixed into one, at
// sound_rate. The first sample is at the file's beginning, which is also that of a video's pictures
// (VideoReader) and of remuxed sound; where the sound begins later, or has a gap, there is silence.
// Memory does not grow with the length.
// Errors: FileFailure when it cannot be opened; BadImage when it has no sound, or more than a day
// of it; CodecFailure when nothing can decode it.
SoundLength read_sound(const std::filesystem::path& path, const SampleSink& take,
                       const NoticeSink& notices = {});

// The length of a file's sound as its header states it, in seconds; 0: unknown. Errors: as
// read_sound.
double stated_sound_length(const std::filesystem::path& path);

}  // namespace reverie
