// document.h: what a dream carries in its metadata, made in one place for every kind of dream.
#pragma once

#include <optional>
#include <vector>

#include "reverie/job/context.h"
#include "reverie/recipe/recipe_json.h"

namespace reverie {

// A recipe on its way into a dream.
struct DreamSetup {
  Recipe recipe;                         // as the dream shall carry it
  Recipe found;                          // the same, with its files where they lie now
  std::vector<Keyframe> found_timeline;  // of a video, likewise
  std::optional<DreamDocument> earlier;  // of a redo: its network must be the same
  // Of a redo: as that dream was made; without plan_memory as the machine has it.
  DreamDocument::UsedTiles tiling = {};
};

// A recipe whose files lie where it says.
DreamSetup setup_of(const Recipe& recipe, const std::vector<Keyframe>& timeline = {});

// The document of a dream, but for its source, its output, and the settings of a video. Where the
// recipe of an earlier dream names no layers, `setup.found` gets those that it was made with,
// unless the dream `wanders`. Errors: BadModel when the earlier dream was made with another
// network; as read_source.
DreamDocument make_document(DreamSetup& setup, const Network& network, bool wanders,
                            JobContext& context);

}  // namespace reverie
