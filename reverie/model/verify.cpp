// Whether a network file is whole: its numbers, and its checksum where one is published.
#include <fmt/format.h>

#include <cmath>
#include <set>

#include "reverie/base/error.h"
#include "reverie/base/file/checksum.h"
#include "reverie/base/file/mapped_file.h"
#include "reverie/model/embedded.h"
#include "reverie/model/network.h"
#include "reverie/model/zoo/zoo.h"

namespace reverie {
namespace {

void check_finite(const std::string& layer, const Weights& weights, const char* what,
                  std::set<const Tensor*>& seen, Verification& found) {
  if (!seen.insert(weights.get()).second) return;
  found.parameters += static_cast<std::uint64_t>(weights->size());
  for (std::int64_t i = 0; i < weights->size(); ++i)
    if (!std::isfinite((*weights)[i]))
      throw BadModel(fmt::format("layer '{}': number {} of its {} is {}, expected a finite number",
                                 layer, i, what, (*weights)[i]));
}

void check_weights(const Graph& graph, Verification& found) {
  std::set<const Tensor*> seen;
  for (const Layer& layer : graph.layers) {
    ++found.layers;
    if (std::holds_alternative<UnknownLayer>(layer.op)) ++found.unknown_layers;
    for_each_trained(layer.op, [&](const char* what, const Weights& weights) {
      check_finite(layer.name, weights, what, seen, found);
    });
  }
}

}  // namespace

std::string checksum(const Network& network) {
  if (network.file.empty()) return sha256(embedded_network());
  return sha256(MappedFile(network.file).bytes());
}

Verification verify_network(const Network& network) {
  Verification found;
  check_weights(network.graph, found);

  // Compare with the releases of that name or size
  std::optional<MappedFile> file;
  if (!network.file.empty()) file.emplace(network.file);
  const auto bytes = file ? file->bytes() : embedded_network();
  found.bytes = bytes.size();
  found.sha256 = sha256(bytes);
  const ZooNetwork* const named = published_as(network.file);
  for (const ZooNetwork& release : zoo()) {
    const ZooFile& weights = weights_of(release);
    const bool has_name = &release == named;
    if (!has_name && weights.bytes != bytes.size()) continue;
    const std::string wrong = mismatch(weights, bytes);
    if (wrong.empty())
      found.published = release.title;
    else
      found.doubt =
          fmt::format("'{}' has the {} of {} but {}; it is damaged, or another file",
                      network.file.string(), has_name ? "name" : "size", weights.name, wrong);
  }
  return found;
}

}  // namespace reverie
