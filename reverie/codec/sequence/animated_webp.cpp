#include "reverie/codec/sequence/animated_webp.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <numeric>
#include <optional>
#include <string_view>
#include <utility>

#include "reverie/base/error.h"
#include "reverie/base/file/read_file.h"
#include "reverie/codec/image/animation.h"
#include "reverie/codec/video/transparency.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;

bool is_transparent(const Image& frame) {
  const auto elements = frame.alpha.empty() ? std::span<const float>() : frame.alpha.elements();
  return std::any_of(elements.begin(), elements.end(), [](float value) { return value < 255; });
}

class AnimatedWebp final : public VideoReader::Video {
 public:
  AnimatedWebp(const fs::path& path, const NoticeSink& notices, const VideoReaderOptions& options)
      : name_(path.string()),
        notices_(notices),
        options_(options),
        bytes_(read_file(path)),
        frames_(std::in_place, bytes_, name_) {
    const std::vector<int>& delays = frames_->delays();
    const std::int64_t ms = std::accumulate(delays.begin(), delays.end(), std::int64_t{0});
    info_.width = frames_->width();
    info_.height = frames_->height();
    info_.unit = {1, 1000};
    info_.frames = static_cast<std::int64_t>(delays.size());
    info_.seconds = info_.unit.seconds(ms);
    info_.fps = static_cast<double>(info_.frames) / info_.seconds;
    if (frames_->has_alpha()) find_alpha();
  }

  const VideoInfo& info() const override { return info_; }

  bool skip() override {
    if (skipped_ > 0) return false;
    try {
      if (!frames_->next(frame_)) return false;
    } catch (const BadImage& error) {
      if (position_ == 0) throw;
      ++skipped_;
      notify(notices_, fmt::format("{}; the video ends there", error.what()));
      return false;
    }
    time_ = {time_.start + time_.duration, frames_->delays()[position_++]};
    return true;
  }

  void convert(Image& frame) override {
    const bool keep = info_.alpha && options_.keep_alpha;
    compose_on(options_.background, keep, frame_);
    frame = std::move(frame_);
  }

  FrameTime time() const override { return time_; }
  std::int64_t skipped() const override { return skipped_; }

 private:
  void find_alpha() {
    constexpr int most = 50;  // frames
    try {
      Animation frames(bytes_, name_);
      Image frame;
      for (int i = 0; i < most && !info_.alpha && frames.next(frame); ++i)
        info_.alpha = is_transparent(frame);
    } catch (const BadImage&) {
      // It is told when the video comes to it
    }
    if (info_.alpha && !options_.keep_alpha) notify(notices_, transparency_notice(name_));
  }

  const std::string name_;
  const NoticeSink notices_;
  const VideoReaderOptions options_;
  const std::string bytes_;
  std::optional<Animation> frames_;
  VideoInfo info_;
  Image frame_;
  std::size_t position_ = 0;
  FrameTime time_;
  std::int64_t skipped_ = 0;
};

}  // namespace

bool is_webp(const fs::path& path) {
  std::error_code ignored;
  if (path == "-" || !fs::is_regular_file(path, ignored)) return false;
  char head[12] = {};
  std::ifstream file(path, std::ios::binary);
  if (!file.read(head, sizeof head)) return false;
  return std::string_view(head, 4) == "RIFF" && std::string_view(head + 8, 4) == "WEBP";
}

std::unique_ptr<VideoReader::Video> read_webp(const fs::path& path, const NoticeSink& notices,
                                              const VideoReaderOptions& options) {
  return std::make_unique<AnimatedWebp>(path, notices, options);
}

}  // namespace reverie
