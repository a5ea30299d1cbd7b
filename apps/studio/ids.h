// ids.h: names of dreams and assets, and secrets.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace reverie::studio {

// A new id of a dream or a job: a ULID, 26 letters and digits whose order is that of time. `now` is
// in ms since 1970. Source: github.com/ulid/spec. Any thread.
std::string new_dream_id(std::int64_t now);

bool is_dream_id(std::string_view text);
bool is_asset_id(std::string_view text);  // a SHA-256 in lower case

// `bytes` random bytes of the system as hexadecimal digits. Any thread.
std::string random_hex(std::size_t bytes);

// Compares in a time that does not depend on where the texts differ.
bool equal_secrets(std::string_view a, std::string_view b);

// ms since 1970.
std::int64_t now_ms();

}  // namespace reverie::studio
