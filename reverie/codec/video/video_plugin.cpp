#include "reverie/codec/video/video_plugin.h"

extern "C" const reverie::VideoPlugin* reverie::reverie_video_module() {
  static constexpr VideoPlugin module{
      ffmpeg::check_encoder, ffmpeg::can_hold_alpha,     ffmpeg::write_video, ffmpeg::read_video,
      ffmpeg::read_recipe,   ffmpeg::count_pictures,     ffmpeg::checksum_of, ffmpeg::join_videos,
      ffmpeg::read_sound,    ffmpeg::stated_sound_length};
  return &module;
}
