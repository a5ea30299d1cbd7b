// job_spec.h: one piece of work as plain data, and as JSON: see docs/formats/job.md.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/base/error.h"
#include "reverie/plan/plan.h"
#include "reverie/recipe/atlas_settings.h"
#include "reverie/recipe/recipe.h"
#include "reverie/recipe/recipe_json.h"
#include "reverie/recipe/video_settings.h"
#include "reverie/recipe/zoom_settings.h"

namespace REVERIE_API reverie {

// The job is invalid, whatever its files contain: two inputs where one is expected, an option that
// another excludes.
class BadJob : public Error {
 public:
  using Error::Error;
};

enum class JobKind { image, zoom, video, atlas, sweep, redo };

inline constexpr std::array<std::pair<const char*, JobKind>, 6> job_kind_names{
    {{"image", JobKind::image},
     {"zoom", JobKind::zoom},
     {"video", JobKind::video},
     {"atlas", JobKind::atlas},
     {"sweep", JobKind::sweep},
     {"redo", JobKind::redo}}};

// The output of a job and its format.
struct OutputSpec {
  // A file, a folder, or "-" for standard output. Empty: named after the input, in the current
  // folder. For a video a folder ends in '/', exists, or has no extension.
  std::string path;
  std::string format;          // of pictures: png, jpg, webp, tif; empty: by the path's extension
  std::optional<int> bits;     // for each color: 8, 16 or 32; of videos 10, too; none: the usual
  std::optional<int> quality;  // 1 to 100; none: 95 for pictures, 90 for videos
  std::string codec = "auto";  // of videos: one of video_codec_names
  std::string preview;  // a picture file rewritten with every fifth frame of a video, or step
  int save_every = 0;   // of pictures: also keep every Nth step, in files of their own; 0: none
  // Of zooms: whether what more frames would need is kept beside them: auto (where it is small),
  // yes or no.
  std::string keep_state = "auto";
  bool overwrite = false;       // replace existing files, also unfinished videos
  bool skip_existing = false;   // of pictures: leave those that are there, without failing
  bool strip = false;           // of pictures: without the photograph's EXIF, XMP and IPTC
  bool no_source_path = false;  // the recipe does not say where the source lies

  friend bool operator==(const OutputSpec&, const OutputSpec&) = default;
};

// Bytes, from text such as "512M", "2G" or "1500000". Errors: BadJob.
std::size_t parse_bytes(const std::string& text);

// What changes only speed and memory.
struct MachineSpec {
  int threads = 0;  // 0: unchanged
  Device device = Device::automatic;
  std::size_t plan_memory = default_plan_memory;  // memory limit of one plan, bytes

  friend bool operator==(const MachineSpec&, const MachineSpec&) = default;
};

// The channels that respond most to a picture, or to a place in it.
struct TopChannels {
  std::string photo;
  std::optional<Place> at;  // none: the mean over the picture
  int count = 16;

  friend bool operator==(const TopChannels&, const TopChannels&) = default;
};

// Which channels of the recipe's layer are shown: those that the layer names, else the first 64.
struct AtlasSpec {
  AtlasSettings settings;
  bool all_channels = false;
  std::optional<TopChannels> top;  // replaces channels by number, among those that the layer names
  int columns = 0;                 // of the sheet; 0: as square as possible
  std::string cache;               // folder for finished channels; empty: atlas_cache_folder()

  friend bool operator==(const AtlasSpec&, const AtlasSpec&) = default;
};

// How an earlier dream, the job's one input, is made again.
struct RedoSpec {
  std::string source;  // the picture or video that it was made from; empty: looked for
  // A JSON object with any of "recipe", "zoom" and "video", each with the settings to change.
  std::string changes;
  bool any_network = false;  // false: the network must be the one that the dream was made with

  friend bool operator==(const RedoSpec&, const RedoSpec&) = default;
};

struct JobSpec {
  JobKind kind = JobKind::image;
  // Pictures, folders of pictures, or "-" for standard input; videos, names of numbered pictures,
  // folders of either; one for all kinds but `image` and `video`, none for an atlas.
  std::vector<std::string> inputs;
  bool recursive = false;  // of pictures: folders with the folders below them
  Recipe recipe;           // of an atlas its network, layer and precision; not of a redo
  // Names of the recipe's settings that were chosen by hand, which a network's look does not change
  // (with_look_settings).
  std::vector<std::string> chosen;
  ZoomSettings zoom;               // of a zoom
  VideoSettings video;             // of a video
  AtlasSpec atlas;                 // of an atlas
  std::vector<std::string> sweep;  // of a sweep: "SETTING=VALUE,VALUE..."
  RedoSpec redo;                   // of a redo
  bool measure_flicker = false;    // of a video, for the report
  std::string name;                // with preset recursive and faithful: frames go to dream/NAME/
  OutputSpec output;
  MachineSpec machine;
  DreamHistory history;  // recorded in the document, for applications that keep one
  std::string prototxt;  // a Caffe network's description; empty: found beside the weights
  std::string mirror;    // URL from which a missing network is downloaded; empty: its publisher's
};

// The defaults of a job of this kind: zooms and videos have default recipes of their
// own.
JobSpec job_of_kind(JobKind kind, std::vector<std::string> inputs);

// Errors: BadJob for parts that do not go together; BadRecipe as validate(Recipe).
void validate(const JobSpec& spec);

std::string job_to_json(const JobSpec& spec, int indent = 2);

// Reads an object with a "kind" and any of the other keys. `origin` names the text in messages.
// Errors: BadRecipe for what is not JSON, an unknown key (with the nearest known one), a wrong type
// or a value out of range.
JobSpec job_from_json(std::string_view text, const std::string& origin);

}  // namespace reverie
