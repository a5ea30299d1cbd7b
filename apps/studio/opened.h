// opened.h: the networks that the studio has open, by their names.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "reverie/job/layer_list.h"
#include "reverie/model/network.h"

namespace reverie::studio {

// A network with what is asked of it often. Never changed.
struct Opened {
  std::string name;  // by which the API knows it
  Network network;
  std::string sha256;  // of the weights
  std::vector<ListedLayer> layers;

  // A layer by its name, with '.' or '/' between its parts: paths of the API write "4c.output".
  // nullptr: there is none.
  const ListedLayer* layer(const std::string& text) const;
};

// The name of the network inside, which is opened once for it. Any thread.
const std::string& name_inside();

// Keeps the two that were asked for last. Any thread.
class OpenedNetworks {
 public:
  // By the name of the one inside (or no name) or of one of the zoo; nothing else is a name, above
  // all no path. nullptr: there is none of that name, or it is not here. Errors: as open_network.
  std::shared_ptr<const Opened> find(const std::string& name);

  // Closes them, where nobody else uses them.
  void forget();

 private:
  std::mutex mutex_;
  std::vector<std::shared_ptr<const Opened>> open_;  // the last one first
};

}  // namespace reverie::studio
