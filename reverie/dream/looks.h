// looks.h: a network's looks in a recipe: what they amplify, and the settings that suit them.
#pragma once

#include <string>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/model/network.h"
#include "reverie/recipe/recipe.h"

namespace REVERIE_API reverie {

// The layers with every look of the network replaced by what it amplifies: its weights times that
// of the spec, whose place, octaves and mask each of its layers gets. A look that is named with
// channels, a direction or a class stands for its first layer, whose channels these are.
std::vector<LayerSpec> expand_looks(const std::vector<LayerSpec>& layers, const Network& network);

// The recipe of a picture with the settings of the look that it dreams of: those that are as the
// preset has them and are not among `chosen`, the names of settings that were chosen by hand.
// Nothing changes for other presets than `classic`, which are programs of their own, with a guide,
// and where several layers are named. Errors: BadModel for a look whose settings do not exist.
Recipe with_look_settings(Recipe recipe, const Network& network,
                          const std::vector<std::string>& chosen = {});

}  // namespace reverie
