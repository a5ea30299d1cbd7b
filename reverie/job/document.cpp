#include "reverie/job/document.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "reverie/base/error.h"
#include "reverie/base/version.h"
#include "reverie/dream/looks.h"
#include "reverie/job/networks.h"

namespace reverie {
namespace {

// Errors: BadModel.
void check_network(const DreamDocument& earlier, const DreamDocument& document) {
  if (document.network.sha256 == earlier.network.sha256) return;
  const bool was_inside = earlier.network.file.empty(), is_inside = document.network.file.empty();
  if (was_inside && is_inside)
    throw BadModel(fmt::format(
        "the dream was made with '{}', which is not inside the program any more; --model {} makes "
        "a new dream with the one that is, and version {} made this one",
        earlier.network.name, document.network.name, earlier.version));
  throw BadModel(fmt::format(
      "the dream was made with another '{}' (SHA-256 {:.12}..., here {:.12}...); --model names the "
      "network to use",
      earlier.network.name, earlier.network.sha256, document.network.sha256));
}

}  // namespace

DreamSetup setup_of(const Recipe& recipe, const std::vector<Keyframe>& timeline) {
  return {recipe, recipe, timeline, {}, {}, {}, {}};
}

void apply_look(DreamSetup& setup, const Network& network, const std::vector<std::string>& chosen) {
  for (Recipe* recipe : {&setup.recipe, &setup.found}) {
    *recipe = with_look_settings(std::move(*recipe), network, chosen);
    recipe->layers = expand_looks(recipe->layers, network);
  }
}

DreamDocument make_document(DreamSetup& setup, const Network& network, bool wanders,
                            JobContext& context) {
  DreamDocument document;
  document.version = version();
  document.network.name = network.name;
  document.network.file = network.file.filename().string();
  document.network.sha256 = checksum(network);
  if (setup.earlier) {
    check_network(*setup.earlier, document);
    if (setup.recipe.layers.empty() && !wanders) {
      setup.found.layers.clear();
      for (const std::string& layer : setup.earlier->network.layers)
        setup.found.layers.push_back(parse_layer_spec(layer));
    }
  }
  for (const LayerSpec& spec : resolved_layers(network, layers_to_dream(setup.found, network)))
    document.network.layers.push_back(to_string(spec));
  for (const GuideSpec& guide : guides_of(setup.found, setup.found_timeline))
    document.guides.push_back(context.files->identity(guide.file, context.notices()));
  if (!setup.found.mask.empty())
    document.mask = context.files->identity(setup.found.mask, context.notices());
  document.history = context.spec.history;
  document.tiling = setup.tiling;
  if (document.tiling.plan_memory == 0)
    document.tiling.plan_memory = context.spec.machine.plan_memory;
  document.recipe = setup.recipe;
  context.debug(fmt::format("network {}, dreaming on {}", document.network.name,
                            fmt::join(document.network.layers, " ")));
  return document;
}

}  // namespace reverie
