// recipe_json.h: recipes as JSON, and the document that every dream carries in its metadata. The
// format is described in docs/formats/recipe.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/recipe/recipe.h"
#include "reverie/recipe/video_settings.h"
#include "reverie/recipe/zoom_settings.h"

namespace REVERIE_API reverie {

// Every setting, in the order of describe(). Numbers are written in the shortest form that reads
// back as the same value. `indent` is in spaces; negative: one line.
std::string recipe_to_json(const Recipe& recipe, int indent = 2);

// Reads an object with any of the settings; those that are missing keep the value of the preset
// that the object names, or else of `base`. `origin` names the text in messages.
// Errors: BadRecipe for what is not JSON (line and column), an unknown key (with the nearest known
// one), a wrong type or a value out of range (with what was expected), a setting that is given by
// two names. Former names are understood, see former_names.h.
Recipe recipe_from_json(std::string_view text, const std::string& origin, const Recipe& base = {});

// A zoom's or a video's settings, written and read in the same way.
std::string zoom_to_json(const ZoomSettings& settings, int indent = 2);
std::string video_to_json(const VideoSettings& settings, int indent = 2);
ZoomSettings zoom_from_json(std::string_view text, const std::string& origin);
VideoSettings video_from_json(std::string_view text, const std::string& origin);

// The place of a dream among others that it was made from or that were made from it. Ids are the
// application's; empty: not recorded. The pixels do not depend on it.
struct DreamHistory {
  std::string id, parent;
  std::string basis;  // "again": the parent's picture once more; "go_on": the parent as the picture

  friend bool operator==(const DreamHistory&, const DreamHistory&) = default;
};

// The document in a dream: enough to make it again, and to notice when its files have changed.
struct DreamDocument {
  std::string version;  // of the program that made it

  struct {
    std::string name, file, sha256;   // as Network's; `file` without its folder
    std::vector<std::string> layers;  // what was amplified, by full name
  } network;

  struct Picture {
    std::string name, sha256;  // the file's name without its folder; of its bytes
    std::int64_t width = 0, height = 0;
    std::uint64_t bytes = 0;  // the file's size; 0: not recorded
    std::string path = {},
                absolute_path = {};  // from the dream's folder, and whole; empty: not recorded
  };
  Picture source;
  std::vector<Picture> guides;  // as many as the recipe has
  Picture mask;                 // without a name when there was none
  Picture sound;                // the file of a video's sound, likewise; without width and height

  struct {
    int bits = 8, quality = 95;
    std::string codec = {};  // of a video whose codec was chosen, else empty
  } output;

  // The tiles that were used. --memory decides them, so they are recorded for a redo with the same
  // pixels.
  struct UsedTiles {
    std::optional<int> tile;        // px; 0: no octave was tiled; nothing: not recorded
    std::uint64_t plan_memory = 0;  // memory limit of a plan, bytes; 0: not recorded
    std::string grid = {};  // reserved: the tile grid; empty: from the tile, by the footprint
  } tiling;

  // Reserved: the device that computed it. Empty where that is not recorded.
  struct {
    std::string name = {}, driver = {};
  } device;

  DreamHistory history;

  std::optional<ZoomSettings> zoom;    // of a video that zooms
  std::optional<VideoSettings> video;  // of a video that was dreamed frame by frame
  Recipe recipe;
};

std::string document_to_json(const DreamDocument& document, int indent = 2);

// Errors: BadRecipe, as recipe_from_json; unknown keys outside "recipe" are ignored, so that later
// versions may add some.
DreamDocument document_from_json(std::string_view text, const std::string& origin);

// The first difference by which two documents would give different pictures, as text: "seed is 5
// there and 6 here"; empty when there is none. Versions and outputs do not count.
std::string first_difference(const DreamDocument& there, const DreamDocument& here);

// Whether JSON text is a document (it has a "recipe" inside) and not a bare recipe. Errors:
// BadRecipe when it is not JSON.
bool is_document(std::string_view text, const std::string& origin);

}  // namespace reverie
