#include "reverie/codec/video/sound_form.h"

#include <fmt/format.h>

#include "reverie/base/error.h"

namespace reverie::ffmpeg {
namespace {

// FFmpeg 5.1 has another way to say how channels are laid out.
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 24, 100)
std::string layout_of(const AVFrame& sound) {
  AVChannelLayout layout{};
  if (sound.ch_layout.order == AV_CHANNEL_ORDER_UNSPEC)
    av_channel_layout_default(&layout, sound.ch_layout.nb_channels);
  else if (av_channel_layout_copy(&layout, &sound.ch_layout) < 0)
    throw OutOfMemory("out of memory for the sound of a video");
  char text[128] = {};
  av_channel_layout_describe(&layout, text, sizeof text);
  av_channel_layout_uninit(&layout);
  return text;
}
#else
std::string layout_of(const AVFrame& sound) {
  const auto layout =
      sound.channel_layout != 0
          ? sound.channel_layout
          : static_cast<std::uint64_t>(av_get_default_channel_layout(sound.channels));
  return fmt::format("0x{:x}", layout);
}
#endif

}  // namespace

std::string sound_form(const AVFrame& sound) {
  return fmt::format(
      "time_base=1/{0}:sample_rate={0}:sample_fmt={1}:channel_layout={2}", sound.sample_rate,
      av_get_sample_fmt_name(static_cast<AVSampleFormat>(sound.format)), layout_of(sound));
}

void count_in_samples(AVFrame& sound, AVRational unit) {
  if (sound.pts != AV_NOPTS_VALUE)
    sound.pts = av_rescale_q(sound.pts, unit, {1, sound.sample_rate});
}

}  // namespace reverie::ffmpeg
