// gif_comment.h: texts in GIF files, which FFmpeg neither writes nor reads.
#pragma once

#include <string>
#include <string_view>

namespace reverie {

// The bytes that end a GIF with a comment: the comment extension and the trailer. They replace the
// file's last byte. Source: GIF89a, 24 and 27.
std::string gif_ending(std::string_view comment);

// The last comment in a GIF's bytes; empty when there is none or the bytes are not a GIF.
std::string gif_comment(std::string_view gif);

// How often a GIF is played again after the first time: 0 for ever, -1 not at all.
int gif_loops(std::string_view gif);

}  // namespace reverie
