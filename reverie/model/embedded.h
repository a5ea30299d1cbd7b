// embedded.h: the network that ships inside the library.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace reverie {

inline constexpr std::string_view embedded_name = "reverie-4";

// The file models/reverie-4.safetensors, as it was when this was built.
std::span<const std::byte> embedded_network();

}  // namespace reverie
