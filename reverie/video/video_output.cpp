#include "reverie/video/video_output.h"

#include "reverie/base/file/atomic_file.h"
#include "reverie/codec/image/image_file.h"

namespace reverie {
namespace {

VideoOptions shown_as(const std::filesystem::path& output, VideoOptions options) {
  options.overwrite = true;  // what a killed program left
  options.shown_path = output;
  return options;
}

}  // namespace

VideoOutput::VideoOutput(const Checkpoint& checkpoint, const std::filesystem::path& output,
                         std::int64_t width, std::int64_t height, VideoOptions options,
                         const NoticeSink& notices)
    : output_(output),
      unnamed_(checkpoint.video_path(output.extension().string())),
      writer_(unnamed_, width, height, shown_as(output, std::move(options)), notices) {}

void VideoOutput::finish(bool cut) {
  writer_.finish(cut);
  replace_file(unnamed_, output_);
}

void show_preview(const std::filesystem::path& path, int number, const Image& frame) {
  constexpr int every = 5;  // frames
  if (path.empty() || number % every != 0) return;
  ImageOptions options;
  options.overwrite = true;
  write_image(path, frame, options);
}

}  // namespace reverie
