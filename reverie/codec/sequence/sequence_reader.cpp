#include "reverie/codec/sequence/sequence_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "reverie/base/error.h"
#include "reverie/codec/image/image_file.h"
#include "reverie/codec/sequence/picture_sequence.h"
#include "reverie/codec/video/transparency.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;

// 23.976 is 24000/1001, as films that were slowed down for television have it.
TimeUnit unit_of(double fps) {
  const double nominal = std::round(fps * 1.001);
  if (std::fabs(fps * 1.001 - nominal) < 0.0006 && std::fabs(fps - std::round(fps)) > 0.001)
    return {1001, static_cast<int>(1000 * nominal)};
  constexpr int parts = 1000;
  const auto rate = static_cast<int>(std::lround(fps * parts));
  return fps == std::round(fps) ? TimeUnit{1, static_cast<int>(fps)} : TimeUnit{parts, rate};
}

class SequenceReader final : public VideoReader::Video {
 public:
  SequenceReader(const fs::path& path, const NoticeSink& notices, const VideoReaderOptions& options)
      : name_(path.string()),
        notices_(notices),
        options_(options),
        pictures_(find_pictures(path, notices)) {
    take_sizes();
    const double fps = options.sequence_fps > 0 ? options.sequence_fps : default_sequence_fps;
    info_.unit = unit_of(fps);
    info_.fps = 1 / info_.unit.seconds(1);
    info_.frames = static_cast<std::int64_t>(pictures_.size());
    info_.seconds = info_.unit.seconds(info_.frames);
    notify(notices, fmt::format("'{}': {} picture{} at {:.6g} frames a second{}", name_,
                                pictures_.size(), pictures_.size() == 1 ? "" : "s", info_.fps,
                                options.sequence_fps > 0 ? "" : " (--fps chooses another rate)"));
    find_alpha();
  }

  const VideoInfo& info() const override { return info_; }

  // Decodes it in any case: a damaged picture is no frame, whoever asks.
  bool skip() override {
    for (; position_ < pictures_.size(); ++position_) try {
        const bool is_first = position_ == 0;
        picture_ = read_image(pictures_[position_], is_first ? notices_ : NoticeSink());
        time_ = {static_cast<std::int64_t>(position_++), 1};
        return true;
      } catch (const BadImage& error) {
        tell_of_damage(error.what());
      }
    return false;
  }

  void convert(Image& frame) override {
    compose_on(options_.background, info_.alpha && options_.keep_alpha, picture_);
    frame = std::move(picture_);
  }

  FrameTime time() const override { return time_; }
  std::int64_t skipped() const override { return skipped_; }

 private:
  // Errors: BadImage for pictures of different sizes, or where none can be read.
  void take_sizes() {
    const fs::path* first = nullptr;
    for (const fs::path& picture : pictures_) {
      PictureInfo here;
      try {
        here = read_image_info(picture);
      } catch (const BadImage&) {
        // A damaged one is passed over when the video comes to it
        if (first == nullptr && &picture == &pictures_.back()) throw;
        continue;
      }
      if (first == nullptr) {
        first = &picture;
        info_.width = here.width;
        info_.height = here.height;
        info_.pixel_width = here.pixel_width;
        info_.pixel_height = here.pixel_height;
      }
      if (here.width != info_.width || here.height != info_.height)
        throw BadImage(fmt::format(
            "'{}' is {}x{}, expected {}x{} as '{}'; the pictures of a video "
            "have one size",
            picture.string(), here.width, here.height, info_.width, info_.height, first->string()));
      has_alpha_ = has_alpha_ || here.alpha;
    }
  }

  // An alpha channel is often opaque everywhere, so some pictures are looked at.
  void find_alpha() {
    if (!has_alpha_) return;
    const std::size_t last = pictures_.size() - 1;
    for (const std::size_t place : {std::size_t{0}, last / 2, last}) try {
        info_.alpha = info_.alpha || !read_image(pictures_[place]).alpha.empty();
      } catch (const BadImage&) {
        // It is told when the video comes to it
      }
    if (info_.alpha && !options_.keep_alpha) notify(notices_, transparency_notice(name_));
  }

  void tell_of_damage(const std::string& error) {
    constexpr int most = 3;
    if (++skipped_ <= most)
      notify(notices_, fmt::format("{}; it is passed over, and the frame before it stays", error));
  }

  const std::string name_;
  const NoticeSink notices_;
  const VideoReaderOptions options_;
  const std::vector<fs::path> pictures_;
  VideoInfo info_;
  bool has_alpha_ = false;
  std::size_t position_ = 0;
  Image picture_;
  FrameTime time_;
  std::int64_t skipped_ = 0;
};

}  // namespace

std::unique_ptr<VideoReader::Video> read_sequence(const fs::path& path, const NoticeSink& notices,
                                                  const VideoReaderOptions& options) {
  return std::make_unique<SequenceReader>(path, notices, options);
}

}  // namespace reverie
