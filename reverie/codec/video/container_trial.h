// container_trial.h: whether a container can hold a stream, found by trying. Internal to codec/.
#pragma once

#include <filesystem>
#include <vector>

#include "reverie/codec/video/ffmpeg_handles.h"

namespace reverie::ffmpeg {

// The first packets of each stream of a file, as far as they come early.
using FirstPackets = std::vector<std::vector<Owner<AVPacket>>>;

// Reads until each stream of sound has some, but not far. `streams` is the number of the file's
// streams. Errors: as open_video.
FirstPackets read_first_packets(const std::filesystem::path& path, unsigned streams);

// Writes a video of the muxer with the streams of `planned` and with `candidate` into memory: its
// header, and where there are packets of the candidate, these and its end. What FFmpeg's table of
// codecs says is not enough: it promises codecs that the header then refuses. Returns FFmpeg's
// code.
int try_stream(const AVFormatContext& planned, const AVStream& candidate,
               const std::vector<Owner<AVPacket>>& packets);

// Whether a muxer counts the samples that an encoder of Opus puts in front. The players of Matroska
// take that delay off the times of a file, so somebody must have added it; until version 6 FFmpeg's
// muxer did not.
bool adds_codec_delay(const AVOutputFormat& muxer);

}  // namespace reverie::ffmpeg
