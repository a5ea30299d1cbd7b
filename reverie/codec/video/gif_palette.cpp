#include "reverie/codec/video/gif_palette.h"

#include <fmt/format.h>

namespace reverie::ffmpeg {
namespace {

// One palette a frame: in a zoom everything changes all the time. The small ordered pattern stands
// still where the picture does, so it neither crawls nor swells the file.
constexpr const char* description =
    "[in]split[colours][pictures];[colours]palettegen=stats_mode=single[palettes];"
    "[pictures][palettes]paletteuse=new=1:dither=bayer:bayer_scale=4[out]";

}  // namespace

PaletteFilter::PaletteFilter(int width, int height, AVPixelFormat form, AVRational time_base)
    : graph_("buffer",
             fmt::format("video_size={}x{}:pix_fmt={}:time_base={}/{}:pixel_aspect=1/1", width,
                         height, static_cast<int>(form), time_base.num, time_base.den),
             description, "buffersink") {}

}  // namespace reverie::ffmpeg
