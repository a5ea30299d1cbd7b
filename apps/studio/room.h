// room.h: whether there is room for more in the studio's folder. Nothing is deleted for it.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>

namespace reverie::studio {

inline constexpr std::uintmax_t least_free_bytes = std::uintmax_t{1} << 30;  // on the disk

// Any thread.
class Room {
 public:
  // limit: bytes that the folder may hold; 0: any number.
  Room(std::filesystem::path folder, std::uintmax_t limit,
       std::uintmax_t least_free = least_free_bytes);

  // Why nothing more is to be kept, one sentence; empty: `bytes` more can be, and count from now
  // on.
  std::string refusal(std::uintmax_t bytes);

  // Counts what the folder holds, file by file, where there is a limit; from time to time.
  void count();

 private:
  const std::filesystem::path folder_;
  const std::uintmax_t limit_, least_free_;
  std::atomic<std::uintmax_t> used_{0};
};

}  // namespace reverie::studio
