// embedded.h: the network that ships inside the library.
#pragma once

#include <cstddef>
#include <span>

namespace reverie {

// The file models/reverie-0.safetensors, as it was when this was built.
std::span<const std::byte> embedded_network();

}  // namespace reverie
