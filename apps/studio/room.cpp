#include "apps/studio/room.h"

#include <fmt/format.h>

#include "reverie/job/networks.h"

namespace reverie::studio {

namespace fs = std::filesystem;

Room::Room(fs::path folder, std::uintmax_t limit, std::uintmax_t least_free)
    : folder_(std::move(folder)), limit_(limit), least_free_(least_free) {
  count();
}

std::string Room::refusal(std::uintmax_t bytes) {
  std::error_code failed;
  const fs::space_info disk = fs::space(folder_, failed);
  if (!failed && (disk.available < least_free_ || disk.available - least_free_ < bytes))
    return fmt::format(
        "the disk has {} left, of which {} stay free; make room, or choose another --folder",
        bytes_text(disk.available), bytes_text(least_free_));
  if (limit_ == 0) return "";
  if (used_ >= limit_ || limit_ - used_ < bytes)
    return fmt::format(
        "the studio holds {} of the {} that --limit allows; empty the bin, or start it with more",
        bytes_text(used_), bytes_text(limit_));
  used_ += bytes;
  return "";
}

void Room::count() {
  if (limit_ == 0) return;
  std::uintmax_t bytes = 0;
  std::error_code failed;
  // Files come and go meanwhile
  for (fs::recursive_directory_iterator at(folder_, failed), end; !failed && at != end;
       at.increment(failed)) {
    std::error_code gone;
    if (!at->is_regular_file(gone)) continue;
    const std::uintmax_t size = at->file_size(gone);
    if (!gone) bytes += size;
  }
  used_ = bytes;
}

}  // namespace reverie::studio
