#include "reverie/model/formats/onnx/external_data.h"

#include <fmt/format.h>

#include <algorithm>

#include "reverie/base/error.h"
#include "reverie/model/formats/onnx/onnx_numbers.h"

namespace reverie::onnx {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse_path(const fs::path& model, const std::string& location,
                              const char* reason) {
  throw BadModel(
      fmt::format("'{}' keeps weights in '{}', which {}; Reverie reads files in the network's own "
                  "folder only",
                  model.string(), location, reason));
}

// The bytes that a constant's extents ask for, when they are at most `most`; else one more.
std::int64_t bytes_of(const Constant& constant, std::int64_t most) {
  const auto bits = static_cast<std::int64_t>(width_of(constant.type));
  std::int64_t count = 1;
  for (const std::int64_t extent : constant.extents) {
    if (extent < 0 || (extent > 0 && count > (most + 1) * 2 / extent)) return most + 1;
    count *= extent;
  }
  return std::min((count * bits + 7) / 8, most + 1);
}

// Whether `path`, all links resolved, lies in `folder`.
bool lies_in(const fs::path& path, const fs::path& folder) {
  const fs::path from = fs::canonical(folder), to = fs::canonical(path);
  return std::mismatch(from.begin(), from.end(), to.begin(), to.end()).first == from.end();
}

}  // namespace

Bytes FilesBeside::open(const std::string& location) {
  if (const auto found = opened_.find(location); found != opened_.end())
    return found->second.bytes();
  const fs::path relative(location);
  if (location.empty() || location.find('\0') != std::string::npos)
    refuse_path(model_, location, "is no file name");
  if (relative.is_absolute()) refuse_path(model_, location, "is an absolute path");
  if (std::find(relative.begin(), relative.end(), "..") != relative.end())
    refuse_path(model_, location, "leads out of its folder");

  const fs::path folder = model_.has_parent_path() ? model_.parent_path() : fs::path(".");
  const fs::path path = folder / relative;
  std::error_code error;
  if (!fs::exists(path, error))
    throw FileFailure(fmt::format(
        "'{}' keeps its weights in '{}', which is not there; put the two files into one "
        "folder, or export the network as one file",
        model_.string(), path.string()));
  try {
    if (!lies_in(path, folder)) refuse_path(model_, location, "is a link out of its folder");
  } catch (const fs::filesystem_error& failure) {
    throw FileFailure(fmt::format("cannot read '{}': {}", path.string(), failure.code().message()));
  }
  return opened_.emplace(location, MappedFile(path)).first->second.bytes();
}

std::uint64_t find_numbers(Model& model, const OpenLocation& open, const std::string& file) {
  std::map<std::string_view, Bytes> files;
  std::uint64_t stated = 0, held = 0;
  for (Constant& constant : model.constants) {
    if (!constant.external) continue;
    const ExternalPlace place = *constant.external;
    auto found = files.find(place.location);
    if (found == files.end()) {
      found = files.emplace(place.location, open(std::string(place.location))).first;
      held += found->second.size();
    }
    const Bytes all = found->second;
    const auto size = static_cast<std::int64_t>(all.size());
    const std::int64_t rest = std::max<std::int64_t>(size - place.offset, 0);
    const std::int64_t length = place.length >= 0 ? place.length : bytes_of(constant, rest);
    if (place.offset > size || length > rest)
      throw BadModel(fmt::format(
          "'{}': array '{}' is bytes {} to {} of '{}', which has {}; is that "
          "file whole, and this network's?",
          file, constant.name, place.offset, place.offset + length, place.location, size));
    constant.raw =
        all.subspan(static_cast<std::size_t>(place.offset), static_cast<std::size_t>(length));
    constant.external.reset();

    // Arrays may share bytes, but not so that a small file becomes a large network
    stated += constant.raw.size();
    if (stated > 4 * held)
      throw BadModel(
          fmt::format("'{}' has arrays of more bytes than the files that hold them", file));
  }
  return held;
}

}  // namespace reverie::onnx
