#include "reverie/codec/metadata/gif_comment.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "reverie/base/error.h"

namespace reverie {
namespace {

constexpr char trailer = 0x3B, extension = 0x21, picture = 0x2C;
constexpr char comment_label = static_cast<char>(0xFE);
constexpr char application_label = static_cast<char>(0xFF);
constexpr char control_label = static_cast<char>(0xF9);

// Takes bytes from the front; past the end there are none.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : rest_(bytes) {}

  bool ended() const { return rest_.empty(); }
  std::size_t left() const { return rest_.size(); }
  std::string_view take(std::size_t count) {
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  unsigned byte() {
    const std::string_view taken = take(1);
    return taken.empty() ? 0 : static_cast<unsigned char>(taken[0]);
  }
  // Blocks of up to 255 bytes, each after its length, up to one without any.
  std::string sub_blocks() {
    std::string joined;
    for (unsigned length; (length = byte()) > 0 && !ended();) joined += take(length);
    return joined;
  }
  // A table of colors, if the flags before it say that there is one.
  void skip_colors(unsigned flags) {
    if ((flags & 0x80u) != 0) take(std::size_t{3} << ((flags & 7u) + 1));
  }

 private:
  std::string_view rest_;
};

}  // namespace

std::string gif_ending(std::string_view comment) {
  std::string bytes{extension, comment_label};
  while (!comment.empty()) {
    const std::string_view block = comment.substr(0, 255);
    bytes += static_cast<char>(block.size());
    bytes += block;
    comment.remove_prefix(block.size());
  }
  bytes += '\0';
  bytes += trailer;
  return bytes;
}

void append_gif_comment(const std::filesystem::path& path, std::string_view comment) {
  if (comment.empty()) return;
  std::fstream gif(path, std::ios::in | std::ios::out | std::ios::binary);
  gif.seekp(-1, std::ios::end);
  gif << gif_ending(comment) << std::flush;
  if (!gif) throw FileFailure(fmt::format("{}: cannot be written", path.string()));
}

namespace {

// Passes the label and content of each extension to `see`.
template <class See>
void for_each_extension(std::string_view gif, See see) {
  if (!gif.starts_with("GIF8")) return;
  Cursor cursor(gif);
  cursor.take(10);
  const unsigned flags = cursor.byte();
  cursor.take(2);
  cursor.skip_colors(flags);
  while (!cursor.ended()) {
    const char kind = static_cast<char>(cursor.byte());
    if (kind == extension) {
      const char label = static_cast<char>(cursor.byte());
      see(label, cursor.sub_blocks());
    } else if (kind == picture) {
      cursor.take(8);
      cursor.skip_colors(cursor.byte());
      cursor.take(1);
      cursor.sub_blocks();
    } else {
      return;
    }
  }
}

}  // namespace

std::string gif_comment(std::string_view gif) {
  std::string comment;
  for_each_extension(gif, [&](char label, std::string content) {
    if (label == comment_label) comment = std::move(content);
  });
  return comment;
}

std::size_t gif_head(std::string_view gif) {
  if (!gif.starts_with("GIF8")) return 0;
  Cursor cursor(gif);
  cursor.take(10);
  const unsigned flags = cursor.byte();
  cursor.take(2);
  cursor.skip_colors(flags);
  while (true) {
    const std::size_t here = gif.size() - cursor.left();
    if (static_cast<char>(cursor.byte()) != extension ||
        static_cast<char>(cursor.byte()) == control_label)
      return here;
    cursor.sub_blocks();
  }
}

// Source: Netscape's application extension, which ANIMEXTS1.0 copies.
int gif_loops(std::string_view gif) {
  int loops = -1;
  for_each_extension(gif, [&](char label, const std::string& content) {
    constexpr std::size_t name = 11;
    if (label != application_label || content.size() < name + 3 || content[name] != 1) return;
    if (!content.starts_with("NETSCAPE2.0") && !content.starts_with("ANIMEXTS1.0")) return;
    loops = static_cast<unsigned char>(content[name + 1]) |
            static_cast<unsigned char>(content[name + 2]) << 8;
  });
  return loops;
}

}  // namespace reverie
