#include "reverie/video/zoom_state.h"

#include <fmt/format.h>

#include <charconv>
#include <span>

#include "reverie/base/error.h"
#include "reverie/base/file/atomic_file.h"
#include "reverie/base/file/checksum.h"
#include "reverie/base/file/read_file.h"
#include "reverie/tensor/npy.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view magic = "reverie zoom state 1 ";
constexpr std::size_t checksum_length = 64;

std::string checksum(std::string_view bytes) { return sha256(std::as_bytes(std::span(bytes))); }

// The text up to `end`, which is taken with it; all where it is not there.
std::string_view take(std::string_view& rest, char end) {
  const std::size_t length = std::min(rest.find(end), rest.size());
  const std::string_view taken = rest.substr(0, length);
  rest.remove_prefix(std::min(length + 1, rest.size()));
  return taken;
}

bool is_checksum(std::string_view text) {
  return text.empty() || (text.size() == checksum_length &&
                          text.find_first_not_of("0123456789abcdef") == std::string_view::npos);
}

// Reads what stands after the first line. False when it is not as encode_zoom_state writes it.
bool read_body(std::string_view body, const std::string& name, ZoomState& state) {
  std::string_view line = take(body, '\n');
  const std::string_view frames = take(line, ' ');
  const auto [end, error] =
      std::from_chars(frames.data(), frames.data() + frames.size(), state.frames);
  if (error != std::errc() || end != frames.data() + frames.size() || state.frames < 1)
    return false;
  state.forward = take(line, ' ');
  state.backward = line;
  state.document = document_from_json(take(body, '\n'), name);
  if (!body.empty()) state.canvas = read_npy(std::string(body), name);
  const bool is_picture = state.canvas.empty() || (state.canvas.shape().rank() == 3 &&
                                                   state.canvas.shape().channels() == 3);
  return is_checksum(state.forward) && is_checksum(state.backward) && is_picture &&
         state.document.zoom.has_value();
}

}  // namespace

fs::path zoom_state_path(const fs::path& output) {
  fs::path path = output.has_filename() ? output : output.parent_path();
  path += ".state";
  return path;
}

std::string encode_zoom_state(const ZoomState& state) {
  std::string body = fmt::format("{} {} {}\n{}\n", state.frames, state.forward, state.backward,
                                 document_to_json(state.document, -1));
  if (!state.canvas.empty()) body += npy_bytes(state.canvas);
  return fmt::format("{}{}\n", magic, checksum(body)) + body;
}

ZoomState decode_zoom_state(const std::string& bytes, const std::string& name) {
  std::string_view rest = bytes;
  if (!rest.starts_with(magic))
    throw FileFailure(fmt::format(
        "'{}' is not the state of a zoom; move it away, or name another output with -o", name));
  rest.remove_prefix(magic.size());
  const std::string_view sum = take(rest, '\n');
  ZoomState state;
  bool is_whole = false;
  try {
    is_whole = sum == checksum(rest) && read_body(rest, name, state);
  } catch (const BadRecipe&) {
  } catch (const BadShape&) {
  }
  if (!is_whole)
    throw FileFailure(
        fmt::format("'{}' is damaged, so its zoom cannot go on; choose another output, or start "
                    "again with --overwrite",
                    name));
  return state;
}

void write_zoom_state(const fs::path& path, const ZoomState& state) {
  write_atomically(path, encode_zoom_state(state), true);
}

ZoomState read_zoom_state(const fs::path& path) {
  return decode_zoom_state(read_file(path), path.string());
}

}  // namespace reverie
