#include <algorithm>
#include <opencv2/video/tracking.hpp>

#include "reverie/image/flow_search.h"

namespace reverie {
namespace {

// Smaller pictures have too few levels for the search; they grow by repeated edges.
constexpr int min_side = 64;

// Luma in 8 bits.
void take_luma(ConstView picture, cv::Mat& luma) {
  const auto height = static_cast<int>(picture.shape().height());
  const auto width = static_cast<int>(picture.shape().width());
  luma.create(std::max(height, min_side), std::max(width, min_side), CV_8UC1);
  for (int y = 0; y < luma.rows; ++y) {
    auto* const row = luma.ptr<std::uint8_t>(y);
    const std::int64_t from_y = std::min(y, height - 1);
    for (int x = 0; x < luma.cols; ++x) {
      const std::int64_t from_x = std::min(x, width - 1);
      const float value = 0.2126f * picture.at(0, from_y, from_x) +
                          0.7152f * picture.at(1, from_y, from_x) +
                          0.0722f * picture.at(2, from_y, from_x);
      row[x] = static_cast<std::uint8_t>(std::clamp(value, 0.f, 255.f) + 0.5f);
    }
  }
}

class DenseInverseSearch final : public OpticalFlow::Search {
 public:
  explicit DenseInverseSearch(FlowEffort effort)
      : search_(cv::DISOpticalFlow::create(effort == FlowEffort::fast
                                               ? cv::DISOpticalFlow::PRESET_FAST
                                               : cv::DISOpticalFlow::PRESET_MEDIUM)) {
    // Its results depend on how many threads there are, and a second pool would fight with ours
    cv::setNumThreads(1);
  }

  void run(ConstView picture, ConstView other, View flow) override {
    take_luma(picture, picture_);
    take_luma(other, other_);
    cv::Mat found;  // anew, for what is in it would be taken as a first guess
    search_->calc(picture_, other_, found);
    for (std::int64_t y = 0; y < flow.shape().height(); ++y) {
      const auto* const row = found.ptr<cv::Vec2f>(static_cast<int>(y));
      for (std::int64_t x = 0; x < flow.shape().width(); ++x) {
        flow.at(0, y, x) = row[x][0];
        flow.at(1, y, x) = row[x][1];
      }
    }
  }

 private:
  cv::Ptr<cv::DISOpticalFlow> search_;
  cv::Mat picture_, other_;
};

}  // namespace

extern "C" OpticalFlow::Search* reverie_new_flow_search(FlowEffort effort) {
  return new DenseInverseSearch(effort);
}

}  // namespace reverie
