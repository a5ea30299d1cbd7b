// native.h: Reverie's own network files: .safetensors with the graph as JSON in the metadata.
// docs/formats/native.md has the format byte by byte.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "reverie/graph/graph.h"
#include "reverie/model/formats/native/safetensors.h"
#include "reverie/model/zoo/look.h"

namespace reverie {

struct NativeNetwork {
  Graph graph;
  std::string default_layer;     // may be empty
  std::string description;       // may be empty
  std::vector<Look> looks = {};  // fine to coarse; may be empty
};

// Errors: BadModel for a damaged file or a graph that does not fit its arrays, naming the layer;
// Unsupported for a .safetensors file without a graph, or of a later version.
NativeNetwork read_native(std::span<const std::byte> bytes, const std::string& file);

// Writes the network so that read_native returns the same network; with StoredType::f32 bit for
// bit. The file appears whole or not at all. Errors: FileFailure.
void write_native(const NativeNetwork& network, const std::filesystem::path& path,
                  native::StoredType type = native::StoredType::f32);

}  // namespace reverie
