#include "reverie/video/recursive_zoom.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reverie/base/error.h"
#include "reverie/base/random.h"
#include "reverie/image/resample.h"
#include "reverie/video/timeline.h"

namespace reverie {
namespace {

constexpr int frames_per_layer = 10;

// The program's list is of twelve, and its random number from 0 to 10.
constexpr const char* inception_layers[] = {"conv2d0", "conv2d1", "conv2d2", "mixed3a",
                                            "mixed3b", "mixed4a", "mixed4b", "mixed4c",
                                            "mixed4d", "mixed4e", "mixed5a"};

std::vector<LayerSpec> stops_of(const Network& network) {
  std::vector<LayerSpec> stops;
  for (const char* name : inception_layers)
    if (network.graph.find(name) >= 0) stops.push_back({name, {}, 1});
  return stops.size() == std::size(inception_layers) ? stops : layers_to_visit(network);
}

Tensor cropped(ConstView from, std::int64_t px) {
  const Shape& shape = from.shape();
  const std::int64_t height = shape.height() - 2 * px, width = shape.width() - 2 * px;
  if (height < 1 || width < 1)
    throw BadShape(fmt::format("zoom is {} px at each side, too much for a picture of {}x{}", px,
                               shape.width(), shape.height()));
  Tensor to = Tensor::uninitialized({shape.channels(), height, width});
  for (std::int64_t c = 0; c < shape.channels(); ++c)
    for (std::int64_t y = 0; y < height; ++y)
      for (std::int64_t x = 0; x < width; ++x) to.view().at(c, y, x) = from.at(c, y + px, x + px);
  return to;
}

}  // namespace

void quantized(Image& frame) {
  for (float& v : frame.color.elements()) v = std::trunc(std::clamp(v, 0.f, 255.f));
}

RecursiveZoom::RecursiveZoom(Network network, const Recipe& recipe, int crop_px, Device device,
                             NoticeSink notices, std::shared_ptr<const RecipeFiles> files)
    : network_(std::move(network)),
      recipe_(recipe),
      crop_px_(crop_px),
      device_(device),
      notices_(std::move(notices)),
      files_(std::move(files)) {
  validate(recipe_);
  if (recipe_.layers.empty()) stops_ = stops_of(network_);
}

std::vector<LayerSpec> RecursiveZoom::layers_at(int number) const {
  if (stops_.empty()) return recipe_.layers;
  const auto visit = static_cast<std::uint32_t>((number - 1) / frames_per_layer);
  RandomStream draw = Random(recipe_.seed).at(RandomUse::wander, visit, 0, 0);
  const int stop = draw.uniform_int(0, static_cast<int>(stops_.size()) - 1);
  return {stops_[static_cast<std::size_t>(stop)]};
}

Image RecursiveZoom::next(const Image& before, int number, const DreamControl& control) {
  // Come nearer
  Image frame;
  frame.color = resampled(cropped(before.color, crop_px_), before.height(), before.width(),
                          Resampler::opencv);
  quantized(frame);

  // Dream, on another layer now and then
  if (const std::vector<LayerSpec> layers = layers_at(number);
      !dreamer_ || layers != dreaming_on_) {
    dreamer_.reset();
    Recipe recipe = recipe_;
    recipe.layers = dreaming_on_ = layers;
    dreamer_ = std::make_unique<Dreamer>(network_, recipe, device_, notices_, files_);
    dreamer_->cache_plans();
  }
  DreamVariation variation;
  variation.frame = static_cast<std::uint32_t>(number);
  frame = dreamer_->dream(frame, control, variation).frame;
  quantized(frame);
  return frame;
}

}  // namespace reverie
