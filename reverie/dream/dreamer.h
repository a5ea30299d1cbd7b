// dreamer.h: makes a dream of a picture, by a recipe and a network.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "reverie/base/api.h"
#include "reverie/base/cancel.h"
#include "reverie/base/notice.h"
#include "reverie/dream/files_on_disk.h"
#include "reverie/dream/recipe_mask.h"
#include "reverie/gradient/objective.h"
#include "reverie/image/image.h"
#include "reverie/model/network.h"
#include "reverie/plan/plan.h"
#include "reverie/recipe/recipe.h"

namespace REVERIE_API reverie {

// Where a dream is.
struct DreamProgress {
  int octave = 0, octaves = 0;         // 0-based, and how many there are
  int iteration = 0, iterations = 0;   // 0-based, just done
  std::int64_t width = 0, height = 0;  // of this octave, px
  double objective = 0;                // before the step
  double fraction = 0;                 // of the whole dream, 0..1
  double seconds_left = 0;             // an estimate from the work done so far
};

// Progress and cancellation of one dream. Nothing here changes the picture.
struct DreamControl {
  std::function<void(const DreamProgress&)> progress;
  // Receives the octave's canvas after each step, [3,h,w] display units.
  std::function<void(const DreamProgress&, ConstView canvas)> observe;
  NoticeSink notices;
  const CancelToken* cancel = nullptr;
};

// Settings of a single dream besides its recipe. All of them change the picture, so a caller that
// wants the same picture again must keep them.
struct DreamVariation {
  std::uint32_t frame = 0;             // numbers the pictures of a video, for the random numbers
  double strength = 1;                 // multiplies the steps
  std::optional<int> iterations = {};  // at each octave, instead of the recipe's
  // px: the side of the tiles, 0: none; where the recipe says none. Nothing: as plan_memory asks.
  std::optional<int> tile = {};
  std::size_t plan_memory = default_plan_memory;  // bytes that one plan may take
  // The recipe of this picture, where it is not the dreamer's. REQUIRES: they differ only in
  // animatable settings, and not in the objective, the layers and the guides.
  const Recipe* recipe = nullptr;
};

struct DreamResult {
  Image frame;  // float, unclipped where the recipe does not clip
  bool cancelled = false;
  int octaves_finished = 0;  // 0 when cancelled before there was anything to keep
  double objective = 0;      // of the last step
  int tile = 0;              // px: of DreamVariation or the recipe, or as it was chosen
};

// One network and one recipe, for any number of pictures of any size. One caller at a time.
class Dreamer {
 public:
  // Finds the recipe's layers, computes the features of its guides, prepares the weights.
  // The recipe's model and preset are not opened here: `network` is already open. The other
  // files that the recipe names are read here, from `files`. Errors: BadRecipe (unknown
  // layer, channel out of range, a field out of its range); Unsupported; as `files`;
  // DeviceFailure.
  Dreamer(Network network, const Recipe& recipe, Device device = Device::automatic,
          const NoticeSink& notices = {},
          std::shared_ptr<const RecipeFiles> files = files_on_disk());

  // The same with a network that is prepared already, from network.graph. Dreamers that share it
  // prepare its weights only once.
  Dreamer(Network network, std::shared_ptr<PreparedNetwork> prepared, const Recipe& recipe,
          const NoticeSink& notices = {},
          std::shared_ptr<const RecipeFiles> files = files_on_disk());
  ~Dreamer();
  Dreamer(Dreamer&&) noexcept;
  Dreamer& operator=(Dreamer&&) noexcept;

  // The layers of the objective, by the names that the graph gives them.
  std::vector<std::string> layer_names() const;
  const Network& network() const { return network_; }
  const Recipe& recipe() const { return recipe_; }

  // Dreams one picture at the recipe's size, else at its own. Alpha is kept. When cancelled, the
  // detail of the last finished octave is enlarged to the full size. Errors: BadShape for a picture
  // too small for the layers; BadRecipe when recorded jitter runs out; NonFinite; OutOfMemory.
  DreamResult dream(const Image& source, const DreamControl& control = {},
                    const DreamVariation& variation = {});

  // From now on keeps the plans of a dream for later ones of the same size, at the cost of the
  // memory of all octaves.
  void cache_plans();

 private:
  void attach_guides(const NoticeSink& notices, const RecipeFiles& files);
  Network network_;
  Recipe recipe_;
  Objective objective_;
  std::shared_ptr<const BoundObjective> bound_;
  std::unique_ptr<Compiler> compiler_;
  RecipeMask mask_;
};

// The layers of the recipe; else those of its preset, where the network has all of them; else the
// network's default layer, with a notice when the preset has others. Looks are expanded (looks.h).
std::vector<LayerSpec> layers_to_dream(const Recipe& recipe, const Network& network,
                                       const NoticeSink& notices = {});

// The picture that a dream of `source` starts from: resized to `size`, a copy for nothing.
Image sized_for_dream(const Image& source, const std::optional<WantedSize>& size);

}  // namespace reverie
