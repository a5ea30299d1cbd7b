// document.h: makes the document in a dream's metadata, for every kind of dream.
#pragma once

#include <optional>
#include <vector>

#include "reverie/job/context.h"
#include "reverie/recipe/recipe_json.h"

namespace reverie {

// A recipe and its context, from which a document is made.
struct DreamSetup {
  Recipe recipe;                            // as the dream will carry it
  Recipe found;                             // the same, with the present paths of its files
  std::vector<Keyframe> found_timeline;     // of a video, likewise
  std::string found_sound = {};             // where its sound's file lies; empty: as it says
  DreamDocument::Picture known_sound = {};  // of a redo with the same sound, as it was named
  std::optional<DreamDocument> earlier;     // of a redo: its network must be the same
  // Of a redo: the tiles of the earlier dream; without plan_memory the machine's limit holds.
  DreamDocument::UsedTiles tiling = {};
};

// For a recipe whose files are at the paths that it names.
DreamSetup setup_of(const Recipe& recipe, const std::vector<Keyframe>& timeline = {});

// Gives both recipes the settings and the layers of the look that they dream of, if any: what the
// document then holds is a dream without looks. chosen: as JobSpec has it.
void apply_look(DreamSetup& setup, const Network& network, const std::vector<std::string>& chosen);

// The document of a dream, except for its source, its output, and the settings of a video. Where
// the recipe of an earlier dream names no layers, `setup.found` gets those that it was made with,
// unless the dream `wanders`. Errors: BadModel when the earlier dream was made with another
// network; as JobFiles.
DreamDocument make_document(DreamSetup& setup, const Network& network, bool wanders,
                            JobContext& context);

}  // namespace reverie
