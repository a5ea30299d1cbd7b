#include "reverie/model/formats/keras/hdf5_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "reverie/base/error.h"

namespace reverie::keras {

using wire::Kind;
using wire::Verdict;

namespace {

std::string absolute_text(const std::filesystem::path& path) {
  std::error_code error;
  const auto whole = std::filesystem::absolute(path, error);
  return error ? path.string() : whole.string();
}

std::uintmax_t size_of(const std::filesystem::path& path) {
  std::error_code error;
  const std::uintmax_t bytes = std::filesystem::file_size(path, error);
  return error ? 0 : bytes;
}

}  // namespace

Hdf5File::Hdf5File(const std::filesystem::path& path, const std::string& name,
                   const Hdf5Reader& reader)
    : Hdf5File(reader.converse(name), size_of(path)) {
  const Verdict verdict = conversation_.ask(Kind::open, absolute_text(path)).verdict;
  if (verdict == Verdict::no_process)
    throw FileFailure(fmt::format("cannot read '{}': no process can be started for it", name));
  if (verdict != Verdict::done) fail_as_a_whole();
}

Hdf5File::Hdf5File(Conversation conversation, std::uintmax_t file_bytes)
    : conversation_(std::move(conversation)), file_bytes_(file_bytes) {}

void Hdf5File::fail(const std::string& what) const {
  throw BadModel(fmt::format("'{}': {}", name(), what));
}

void Hdf5File::fail_as_a_whole() const {
  fail("is not a whole HDF5 file; it is damaged, cut short or of another format");
}

bool Hdf5File::has(const std::string& path) const {
  const Verdict verdict = conversation_.ask(Kind::has, path).verdict;
  if (verdict != Verdict::done && verdict != Verdict::absent) fail_as_a_whole();
  return verdict == Verdict::done;
}

std::optional<std::vector<std::string>> Hdf5File::attribute(const std::string& group,
                                                            const std::string& name) const {
  const auto [verdict, unused, size] = conversation_.ask(Kind::texts, group, name);
  if (verdict == Verdict::absent) return std::nullopt;
  if (verdict == Verdict::not_whole) fail_as_a_whole();
  if (verdict != Verdict::done)
    fail(fmt::format("attribute '{}' of '{}' cannot be read as text", name, group));

  // Cut the bytes into texts
  const std::string bytes = conversation_.receive(size, wire::max_text_bytes);
  std::vector<std::string> texts;
  for (std::size_t at = 0; at < bytes.size();) {
    std::uint32_t length;
    if (bytes.size() - at < sizeof length || texts.size() == wire::max_texts)
      conversation_.refuse();
    std::memcpy(&length, bytes.data() + at, sizeof length);
    at += sizeof length;
    if (bytes.size() - at < length) conversation_.refuse();
    texts.push_back(bytes.substr(at, length));
    at += length;
  }
  return texts;
}

std::optional<std::string> Hdf5File::text(const std::string& group, const std::string& name) const {
  const auto texts = attribute(group, name);
  if (!texts || texts->size() != 1) return std::nullopt;
  return texts->front();
}

std::optional<std::vector<std::string>> Hdf5File::texts(const std::string& group,
                                                        const std::string& name) const {
  if (auto whole = attribute(group, name)) return whole;
  std::optional<std::vector<std::string>> joined;
  std::size_t bytes = 0;
  for (std::size_t i = 0;; ++i) {
    const auto part = attribute(group, name + std::to_string(i));
    if (!part) return joined;
    if (!joined) joined.emplace();
    joined->insert(joined->end(), part->begin(), part->end());
    for (const std::string& text : *part) bytes += text.size();
    if (std::max(i, joined->size()) > wire::max_texts || bytes > wire::max_text_bytes)
      conversation_.refuse();
  }
}

std::vector<std::int64_t> Hdf5File::extents(const std::string& array) const {
  const auto fail_too_large = [&] {
    fail(
        fmt::format("array '{}' is larger than what is stored for it; the file is damaged or cut "
                    "short",
                    array));
  };
  const auto [verdict, unused, size] = conversation_.ask(Kind::extents, array);
  switch (verdict) {
    case Verdict::done:
      break;
    case Verdict::no_array:
      fail(fmt::format("has no array '{}'", array));
    case Verdict::not_numbers:
      fail(fmt::format("array '{}' is not one of floating-point numbers", array));
    case Verdict::too_large:
      fail_too_large();
      break;
    default:
      fail(fmt::format("array '{}' has no shape", array));
  }
  constexpr std::size_t each = sizeof(std::int64_t);
  if (size % each != 0 || size > wire::max_dimensions * each) conversation_.refuse();
  std::vector<std::int64_t> extents(size / each);
  conversation_.receive(std::as_writable_bytes(std::span(extents)));
  double bytes = sizeof(float);
  for (const std::int64_t extent : extents) {
    if (extent < 0 || extent > wire::max_extent) conversation_.refuse();
    bytes *= static_cast<double>(extent);
  }
  if (bytes > static_cast<double>(file_bytes_) * wire::max_expansion) fail_too_large();
  return extents;
}

void Hdf5File::read(const std::string& array, std::span<float> to) const {
  auto left = std::as_writable_bytes(to);
  for (auto reply = conversation_.ask(Kind::numbers, array, {}, to.size());;
       reply = conversation_.next()) {
    if (reply.verdict == Verdict::no_array) fail(fmt::format("has no array '{}'", array));
    if (reply.verdict == Verdict::elsewhere)
      fail(fmt::format("array '{}' lies in another file", array));
    if (reply.verdict != Verdict::done)
      fail(fmt::format("array '{}' cannot be read; the file is damaged or cut short", array));

    // A part of the numbers
    if (reply.bytes > left.size() || (reply.bytes == 0 && !left.empty())) conversation_.refuse();
    conversation_.receive(left.first(reply.bytes));
    left = left.subspan(reply.bytes);
    if (left.empty()) return;
  }
}

}  // namespace reverie::keras
