// pixel_conversion.h: decoded frames of any pixel format to Images, and Images to what encoders
// take. Internal to codec/.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reverie/base/notice.h"
#include "reverie/codec/video/ffmpeg_handles.h"
#include "reverie/codec/video/hdr.h"
#include "reverie/image/image.h"

namespace reverie::ffmpeg {

// How many quarter turns clockwise turn a stream's pictures upright: 0..3.
int quarter_turns_of(const AVStream& stream);

// From decoded frames to upright Images of the first frame's size; samples of more than 8 bits keep
// their precision as fractions.
class PixelReader {
 public:
  // `name` is the video's, for messages. Converted HDR and wide colors are a notice.
  PixelReader(std::string name, int quarter_turns, NoticeSink notices);

  // Errors: CodecFailure when libswscale does not know the pixel format.
  void run(const AVFrame& decoded, Image& frame);

 private:
  void set_up(const AVFrame& decoded);
  void choose_light(const AVFrame& decoded);

  const std::string name_;
  const int quarter_turns_;
  const NoticeSink notices_;
  Owner<SwsContext> converter_;
  std::vector<int> form_;  // what converter_ was made for
  std::optional<HdrConversion> light_;
  std::string said_;            // what the last notice was about
  int width_ = 0, height_ = 0;  // of the first frame, as it lies
  bool deep_ = false;           // more than 8 bits
  std::vector<std::uint16_t> rgb_;
};

// Rounded and clipped, [3,H,W] to rows of RGB24; columns and rows past the end repeat the last.
void pack(ConstView color, AVFrame& rgb);

// Errors: OutOfMemory.
Owner<AVFrame> new_picture(int width, int height, AVPixelFormat format);

// RGB24 to YUV420P in the range of 16 to 235; `matrix` is one of libswscale's SWS_CS_ITU709 and
// _ITU601. Errors: CodecFailure.
Owner<SwsContext> color_converter(int width, int height, int matrix);

}  // namespace reverie::ffmpeg
