// dreaming.h: what `image` and `redo` share: a network, a recipe, and pictures that pass through.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/cli/arguments.h"
#include "apps/cli/jobs.h"
#include "apps/cli/session.h"
#include "apps/cli/source_file.h"
#include "reverie/dream/dreamer.h"
#include "reverie/recipe/recipe_json.h"

namespace reverie::cli {

// What became of one picture.
struct Outcome {
  std::string input, output;
  std::int64_t width = 0, height = 0;
  int octaves = 0;  // finished
  double objective = 0;
  double seconds = 0;
  bool cancelled = false;
};

// Adds -o, --format, --bits, --quality, --overwrite.
void add_output_options(Command command, OutputArguments& output,
                        const char* path_help =
                            "file, folder for several pictures, or - for standard output [the "
                            "input's stem + .dream.png in the current folder]");

// Dreams any number of pictures with one recipe. The network is opened for the first one, when that
// has been read.
class Dreams {
 public:
  Dreams(Recipe recipe, NetworkOptions network, MachineArguments machine, OutputArguments output,
         Session& session);

  // For `redo`: expects the network to be the one of an earlier dream, and where the recipe names
  // no layer, climbs those that the network's default was then.
  void expect_network(const DreamDocument& earlier);

  // For `redo`: computes in the tiles of an earlier dream, whatever memory there is now, so that
  // the result is the same. No effect where that dream does not say.
  void tile_as(const DreamDocument& earlier);

  // For `redo`: where the recipe's pictures lie now; the recipe that is written keeps its own
  // words.
  void find_guides_at(std::vector<GuideSpec> guides);
  void find_mask_at(const std::string& path);

  // Dreams `source` and writes it to job.output. Returns nothing when interrupted before there was
  // anything to keep. Errors: as open_network, Dreamer and write_image; BadModel when another
  // network was expected.
  std::optional<Outcome> dream(const Job& job, const SourceFile& source);

 private:
  void open(const NoticeSink& notices);
  DreamDocument document(const SourceFile& source) const;

  Recipe recipe_;
  NetworkOptions network_options_;
  MachineArguments machine_;
  OutputArguments output_;
  Session& session_;
  std::optional<DreamDocument> expected_;
  std::optional<std::vector<GuideSpec>> guides_;
  std::string mask_file_;
  DreamDocument document_;  // what is the same for all pictures
  std::unique_ptr<Dreamer> dreamer_;
};

Json to_json(const Outcome& outcome);

// "sky.dream.png: 1024x575, 41 s".
std::string summary(const Outcome& outcome);

}  // namespace reverie::cli
