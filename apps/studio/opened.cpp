#include "apps/studio/opened.h"

#include <algorithm>

#include "reverie/model/zoo/zoo.h"

namespace reverie::studio {
namespace {

constexpr std::size_t most_open = 2;

std::string with_dots(std::string name) {
  std::replace(name.begin(), name.end(), '/', '.');
  return name;
}

}  // namespace

const std::string& name_inside() {
  static const std::string name = open_network("").name;
  return name;
}

const ListedLayer* Opened::layer(const std::string& text) const {
  const auto found = std::find_if(layers.begin(), layers.end(), [&](const ListedLayer& layer) {
    return layer.name == text || with_dots(layer.name) == text;
  });
  return found == layers.end() ? nullptr : &*found;
}

std::shared_ptr<const Opened> OpenedNetworks::find(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const ZooNetwork* const famous = find_in_zoo(name);
  if (famous != nullptr && !is_network_here(famous->name)) return nullptr;
  const auto there =
      std::find_if(open_.begin(), open_.end(), [&](const std::shared_ptr<const Opened>& opened) {
        if (famous != nullptr) return opened->name == famous->name;
        return opened->network.file.empty() && (name.empty() || opened->name == name);
      });
  if (there != open_.end()) {
    std::rotate(open_.begin(), there, there + 1);
    return open_.front();
  }
  if (famous == nullptr && !name.empty() && name != name_inside()) return nullptr;
  Network network = open_network(famous != nullptr ? famous->name : "");
  auto opened = std::make_shared<Opened>();
  opened->name = famous != nullptr ? famous->name : network.name;
  opened->sha256 = checksum(network);
  opened->layers = list_layers(network, 0, 0);
  opened->network = std::move(network);
  open_.insert(open_.begin(), std::move(opened));
  if (open_.size() > most_open) open_.pop_back();
  return open_.front();
}

void OpenedNetworks::forget() {
  const std::lock_guard lock(mutex_);
  open_.clear();
}

}  // namespace reverie::studio
