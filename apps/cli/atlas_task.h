// atlas_task.h: an atlas as it was typed, understood, and its making.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "apps/cli/dreaming.h"
#include "apps/cli/fetching.h"
#include "reverie/recipe/atlas_settings.h"

namespace reverie::cli {

// The channels that answer most to a picture, or to a place in it.
struct TopQuestion {
  std::string photo;
  std::optional<Place> at;
  int count = 0;
};

struct AtlasTask {
  Recipe recipe;    // of which the network and the precision count
  LayerSpec layer;  // name, empty for the network's default; channels, empty for the usual
  bool all_channels = false;
  AtlasSettings settings;
  std::optional<TopQuestion> top;  // instead of channels by number; layer.channels limit it
  int columns = 0;                 // of the sheet; 0: as square as it gets
  std::filesystem::path cache;     // folder for finished channels
  NetworkOptions network;
  FetchArguments fetch;
  MachineArguments machine;
  OutputArguments output;  // no path: none for `top`, else after the layer's name
};

// Prints who answers most, where that is asked, and makes the sheet. Returns an ExitStatus. Errors:
// as open_network, rank_channels, make_atlas and write_image.
int make_atlas_sheet(AtlasTask task, Session& session);

}  // namespace reverie::cli
