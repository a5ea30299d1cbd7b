// pixel_conversion.h: decoded frames of any pixel format to Images, and Images to what encoders
// take. Internal to codec/.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "reverie/base/notice.h"
#include "reverie/codec/video/ffmpeg_handles.h"
#include "reverie/codec/video/hdr.h"
#include "reverie/image/image.h"

namespace reverie::ffmpeg {

// How a stream's pictures are turned and mirrored to be shown: first rows become columns, then the
// directions are reversed.
struct Orientation {
  bool transposed = false, reversed_x = false, reversed_y = false;
};
Orientation orientation_of(const AVStream& stream);

// Whether the format of pixels has an alpha channel.
bool has_alpha(int format);

// From decoded frames to upright Images of the first frame's size; samples of more than 8 bits keep
// their precision as fractions.
class PixelReader {
 public:
  // `name` is the video's, for messages. Converted HDR and wide colors are a notice. Without
  // `keep_alpha` transparent pixels show the background, RGB 0..255.
  PixelReader(std::string name, Orientation orientation, bool keep_alpha,
              const std::array<int, 3>& background, NoticeSink notices);

  // Errors: CodecFailure when libswscale does not know the pixel format.
  void run(const AVFrame& decoded, Image& frame);

 private:
  void set_up(const AVFrame& decoded);
  void choose_light(const AVFrame& decoded);

  const std::string name_;
  const Orientation orientation_;
  const bool keep_alpha_;
  const std::array<int, 3> background_;
  const NoticeSink notices_;
  Owner<SwsContext> converter_;
  std::vector<int> form_;  // what converter_ was made for
  std::optional<HdrConversion> light_;
  std::string said_;            // what the last notice was about
  int width_ = 0, height_ = 0;  // of the first frame, as it lies
  bool deep_ = false;           // more than 8 bits
  int channels_ = 3;            // of rgb_: 4 with alpha
  std::vector<std::uint16_t> rgb_;
};

// Rounded and clipped, to RGB24, RGBA, RGB48, RGBA64, or planes (GBRP10 and others, alpha too);
// columns and rows past the end repeat the last.
void pack(const Image& frame, AVFrame& rgb);

// The format of pixels that pack() writes for an encoder that takes `encoded`: the same where it is
// RGB in planes, else one of at least `bits` that libswscale converts.
AVPixelFormat packed_format(AVPixelFormat encoded, bool alpha, int bits);

bool is_rgb(AVPixelFormat format);

// Errors: OutOfMemory.
Owner<AVFrame> new_picture(int width, int height, AVPixelFormat format);

// What pack() writes to what an encoder takes: RGB, or YUV in the range of 16 to 235; `matrix` is
// one of libswscale's SWS_CS_ITU709 and _ITU601. Errors: CodecFailure.
Owner<SwsContext> color_converter(int width, int height, AVPixelFormat from, AVPixelFormat to,
                                  int matrix);

}  // namespace reverie::ffmpeg
