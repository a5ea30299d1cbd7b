#include "reverie/model/formats/native/native.h"

#include <fmt/format.h>

#include <map>

#include "reverie/base/error.h"
#include "reverie/model/formats/native/native_description.h"

namespace reverie {
namespace {

constexpr const char* graph_key = "reverie.graph";

}  // namespace

NativeNetwork read_native(std::span<const std::byte> bytes, const std::string& file) {
  const native::Container container = native::parse_container(bytes, file);
  const auto graph = container.metadata.find(graph_key);
  if (graph == container.metadata.end())
    throw Unsupported(
        fmt::format("'{}' holds weights without a network: its metadata has no '{}'; only "
                    ".safetensors files that Reverie wrote can be opened",
                    file, graph_key));
  std::map<std::string, Weights> loaded;
  return native::from_json(graph->second, file, [&](const std::string& name) {
    const auto stored = container.arrays.find(name);
    if (stored == container.arrays.end())
      throw BadModel(
          fmt::format("'{}': its graph reads array '{}', which is not there", file, name));
    Weights& weights = loaded[name];
    if (!weights) weights = std::make_shared<const Tensor>(native::to_tensor(stored->second));
    return weights;
  });
}

void write_native(const NativeNetwork& network, const std::filesystem::path& path,
                  native::StoredType type) {
  std::vector<native::NamedArray> arrays;
  std::map<const Tensor*, std::string> stored;  // weights that several layers share go in once
  const std::string json =
      native::to_json(network, [&](const std::string& name, const Weights& weights) {
        const auto [place, is_new] = stored.emplace(weights.get(), name);
        if (is_new) arrays.push_back({name, type, *weights});
        return place->second;
      });
  native::write_container(path, {{"format", "reverie"}, {graph_key, json}}, arrays);
}

}  // namespace reverie
