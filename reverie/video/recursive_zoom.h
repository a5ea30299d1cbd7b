// recursive_zoom.h: the zoom of the program that the preset `recursive` follows, frame for frame.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/dream/dreamer.h"

namespace REVERIE_API reverie {

// Each frame is the last one's JPEG, cropped by the same number of pixels at all four sides,
// resized to its size bilinearly, truncated to whole levels, dreamed, and truncated again. The
// layer changes every ten frames. One caller at a time. Source: crypto-code/Deep-Dream, dreamer.py.
class RecursiveZoom {
 public:
  // `recipe` is the preset's, faithful. With layers it dreams on those; without, it wanders between
  // the first eleven of Inception's blocks, or the good layers of another network. Errors: as
  // Dreamer.
  RecursiveZoom(Network network, const Recipe& recipe, int crop_px,
                Device device = Device::automatic, NoticeSink notices = {},
                std::shared_ptr<const RecipeFiles> files = files_on_disk());

  // Image `number`, from 1, out of the one before it; whole levels of 0..255. Errors: BadShape when
  // the crop leaves nothing; as Dreamer::dream.
  Image next(const Image& before, int number, const DreamControl& control);

  // What frame `number` ascends.
  std::vector<LayerSpec> layers_at(int number) const;

 private:
  Network network_;
  Recipe recipe_;
  int crop_px_;
  Device device_;
  NoticeSink notices_;
  std::shared_ptr<const RecipeFiles> files_;
  std::vector<LayerSpec> stops_;  // empty: the recipe's own, all together
  std::vector<LayerSpec> dreaming_on_;
  std::unique_ptr<Dreamer> dreamer_;
};

// Truncates values to whole levels of 0..255, as a cast to 8 bits does.
void quantized(Image& frame);

}  // namespace reverie
