#include "reverie/codec/video/transparency.h"

#include <fmt/format.h>

namespace reverie {

void compose_on(const std::array<int, 3>& background, bool keep_alpha, Image& frame) {
  if (frame.alpha.empty()) return;
  const std::int64_t pixels = frame.alpha.size();
  for (std::size_t c = 0; c < 3; ++c) {
    const auto behind = static_cast<float>(background[c]);
    float* const color = frame.color.data() + static_cast<std::int64_t>(c) * pixels;
    for (std::int64_t i = 0; i < pixels; ++i) {
      const float share = keep_alpha ? (frame.alpha[i] > 0 ? 1.f : 0.f) : frame.alpha[i] / 255;
      color[i] = behind + share * (color[i] - behind);
    }
  }
  if (!keep_alpha) frame.alpha = {};
}

std::string transparency_notice(const std::string& name) {
  return fmt::format(
      "'{}' is transparent in part; there the colour of --background shows. .webm, .mov, .gif and "
      "folders of frames keep transparency",
      name);
}

}  // namespace reverie
