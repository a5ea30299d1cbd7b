// picture_sequence.h: pictures in files of their own that together are a video.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "reverie/base/notice.h"

namespace reverie {

// Frames per second of pictures, which do not say it themselves; that of a zoom, too.
inline constexpr double default_sequence_fps = 30;

// Whether a path names several pictures: a folder, or a name that no file has and that stands for
// many ("frame_%04d.png", "frame_####.png", "frame_*.png", "frame_?.png").
bool is_picture_sequence(const std::filesystem::path& path);

// A short name of the pictures, for a file that is made of them: the folder's, or what stands
// before the number.
std::string sequence_stem(const std::filesystem::path& path);

// The pictures that a path names, in the order of their numbers (frame_9 before frame_10). In a
// folder what is no picture is passed over; a notice counts it, and tells of numbers that are
// missing. Errors: FileFailure where there is none.
std::vector<std::filesystem::path> find_pictures(const std::filesystem::path& path,
                                                 const NoticeSink& notices = {});

}  // namespace reverie
