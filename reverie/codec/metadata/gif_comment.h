// gif_comment.h: texts in GIF files, which FFmpeg neither writes nor reads.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace reverie {

// The bytes that end a GIF with a comment: the comment extension and the trailer. They replace the
// file's last byte. Source: GIF89a, 24 and 27.
std::string gif_ending(std::string_view comment);

// Gives a finished GIF a comment; an empty one changes nothing. Errors: FileFailure.
void append_gif_comment(const std::filesystem::path& path, std::string_view comment);

// The last comment in a GIF's bytes; empty when there is none or the bytes are not a GIF.
std::string gif_comment(std::string_view gif);

// The length of what stands before the first picture and its settings: the header, the colors that
// pictures without their own use, extensions. 0 where the bytes do not begin a GIF.
std::size_t gif_head(std::string_view gif);

// How often a GIF is played again after the first time: 0 for ever, -1 not at all.
int gif_loops(std::string_view gif);

}  // namespace reverie
