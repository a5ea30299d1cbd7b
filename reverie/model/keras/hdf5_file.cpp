#include "reverie/model/keras/hdf5_file.h"

#include <fmt/format.h>
#include <hdf5.h>

#include <algorithm>
#include <filesystem>
#include <mutex>

#include "reverie/base/error.h"
#include "reverie/model/keras/hdf5_heaps.h"
#include "reverie/model/mapped_file.h"

namespace reverie::keras {
namespace {

constexpr std::size_t most_text_bytes = 64 << 20;
constexpr hsize_t most_texts = 100000;

// HDF5 as Debian builds it must not be entered by two threads at once.
std::mutex& library_lock() {
  static std::mutex lock;
  return lock;
}

// An HDF5 identifier and the function that gives it back.
class Handle {
 public:
  using Close = herr_t (*)(hid_t);
  Handle(hid_t id, Close close) : id_(id), close_(close) {}
  ~Handle() {
    if (id_ >= 0) close_(id_);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  operator hid_t() const { return id_; }
  bool is_open() const { return id_ >= 0; }

 private:
  hid_t id_;
  Close close_;
};

// Takes the lock, and keeps HDF5 from printing its report of errors while it is held.
class Quiet {
 public:
  Quiet() : lock_(library_lock()) {
    // What a damaged file left open inside HDF5 would be complained of when the program ends
    H5dont_atexit();
    H5Eget_auto2(H5E_DEFAULT, &print_, &data_);
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  }
  ~Quiet() { H5Eset_auto2(H5E_DEFAULT, print_, data_); }
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;

 private:
  std::lock_guard<std::mutex> lock_;
  H5E_auto2_t print_ = nullptr;
  void* data_ = nullptr;
};

// A text of fixed length ends where its padding begins.
std::string trimmed(const char* begin, std::size_t size) {
  return {begin, std::find(begin, begin + size, '\0')};
}

}  // namespace

struct Hdf5File::State {
  std::string name;
  hid_t file = -1;

  [[noreturn]] void fail(const std::string& what) const {
    throw BadModel(fmt::format("'{}': {}", name, what));
  }

  std::optional<std::vector<std::string>> attribute(const std::string& group,
                                                    const std::string& key) const {
    if (H5Aexists_by_name(file, group.c_str(), key.c_str(), H5P_DEFAULT) <= 0) return std::nullopt;
    const auto damaged = [&] {
      fail(fmt::format("attribute '{}' of '{}' cannot be read as text", key, group));
    };
    const Handle attribute(
        H5Aopen_by_name(file, group.c_str(), key.c_str(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
    if (!attribute.is_open()) damaged();
    const Handle type(H5Aget_type(attribute), H5Tclose);
    const Handle space(H5Aget_space(attribute), H5Sclose);
    if (!type.is_open() || !space.is_open()) damaged();
    const hssize_t points = H5Sget_simple_extent_npoints(space);
    if (points < 0 || static_cast<hsize_t>(points) > most_texts) damaged();
    if (points == 0) return std::vector<std::string>{};
    if (H5Tget_class(type) != H5T_STRING) damaged();
    std::vector<std::string> texts;
    if (H5Tis_variable_str(type) > 0) {
      std::vector<char*> pointers(static_cast<std::size_t>(points));
      const Handle memory(H5Tcopy(type), H5Tclose);
      if (H5Aread(attribute, memory, pointers.data()) < 0) damaged();
      for (const char* pointer : pointers) texts.emplace_back(pointer == nullptr ? "" : pointer);
      H5Dvlen_reclaim(memory, space, H5P_DEFAULT, pointers.data());
      return texts;
    }
    const std::size_t width = H5Tget_size(type);
    if (width == 0 || width > most_text_bytes / static_cast<std::size_t>(points)) damaged();
    std::vector<char> bytes(width * static_cast<std::size_t>(points));
    if (H5Aread(attribute, type, bytes.data()) < 0) damaged();
    for (std::size_t at = 0; at < bytes.size(); at += width)
      texts.push_back(trimmed(bytes.data() + at, width));
    return texts;
  }
};

Hdf5File::Hdf5File(const std::filesystem::path& path) : state_(std::make_unique<State>()) {
  const Quiet quiet;
  state_->name = path.string();
  std::error_code ignored;
  if (std::filesystem::is_regular_file(path, ignored) && has_endless_heap(MappedFile(path).bytes()))
    state_->fail("is damaged: a list of free blocks in it has no end");
  state_->file = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  if (state_->file < 0)
    state_->fail("is not a whole HDF5 file; it is damaged, cut short or of another format");
}

Hdf5File::~Hdf5File() {
  const Quiet quiet;
  if (state_->file >= 0) H5Fclose(state_->file);
}

bool Hdf5File::has(const std::string& path) const {
  const Quiet quiet;

  // Each part of the path by itself: HDF5 fails where one in the middle is missing
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string part = path.substr(0, end);
    if (part != "/" && H5Lexists(state_->file, part.c_str(), H5P_DEFAULT) <= 0) return false;
    if (end == std::string::npos) return true;
  }
}

std::optional<std::string> Hdf5File::text(const std::string& group, const std::string& name) const {
  const Quiet quiet;
  const auto texts = state_->attribute(group, name);
  if (!texts || texts->size() != 1) return std::nullopt;
  return texts->front();
}

std::optional<std::vector<std::string>> Hdf5File::texts(const std::string& group,
                                                        const std::string& name) const {
  const Quiet quiet;
  if (auto whole = state_->attribute(group, name)) return whole;
  std::optional<std::vector<std::string>> joined;
  for (int i = 0;; ++i) {
    const auto part = state_->attribute(group, name + std::to_string(i));
    if (!part) return joined;
    if (!joined) joined.emplace();
    joined->insert(joined->end(), part->begin(), part->end());
  }
}

std::vector<std::int64_t> Hdf5File::extents(const std::string& array) const {
  const Quiet quiet;
  const Handle dataset(H5Dopen2(state_->file, array.c_str(), H5P_DEFAULT), H5Dclose);
  if (!dataset.is_open()) state_->fail(fmt::format("has no array '{}'", array));
  const Handle space(H5Dget_space(dataset), H5Sclose);
  const Handle type(H5Dget_type(dataset), H5Tclose);
  const int rank = space.is_open() ? H5Sget_simple_extent_ndims(space) : -1;
  if (rank < 0 || rank > 8 || !type.is_open() || H5Tget_class(type) != H5T_FLOAT)
    state_->fail(fmt::format("array '{}' is not one of floating-point numbers", array));
  std::vector<hsize_t> sizes(static_cast<std::size_t>(rank));
  if (rank > 0 && H5Sget_simple_extent_dims(space, sizes.data(), nullptr) < 0)
    state_->fail(fmt::format("array '{}' has no shape", array));

  // What is stored bounds what can come of it, before anybody takes memory: no compression of
  // HDF5's gives more than this many times its bytes
  constexpr double most_expansion = 1100;
  const auto stored = static_cast<double>(H5Dget_storage_size(dataset));
  double bytes = sizeof(float);
  for (const hsize_t size : sizes) bytes *= static_cast<double>(size);
  hsize_t file_bytes = 0;
  if (H5Fget_filesize(state_->file, &file_bytes) < 0 || stored > static_cast<double>(file_bytes) ||
      bytes > stored * most_expansion)
    state_->fail(
        fmt::format("array '{}' is larger than what is stored for it; the file is damaged or cut "
                    "short",
                    array));
  std::vector<std::int64_t> extents;
  for (const hsize_t size : sizes)
    extents.push_back(static_cast<std::int64_t>(std::min<hsize_t>(size, hsize_t{1} << 48)));
  return extents;
}

void Hdf5File::read(const std::string& array, float* to) const {
  const Quiet quiet;
  const Handle dataset(H5Dopen2(state_->file, array.c_str(), H5P_DEFAULT), H5Dclose);
  if (!dataset.is_open()) state_->fail(fmt::format("has no array '{}'", array));

  // An array in another file is none of this one
  const Handle plist(H5Dget_create_plist(dataset), H5Pclose);
  if (!plist.is_open() || H5Pget_external_count(plist) > 0)
    state_->fail(fmt::format("array '{}' lies in another file", array));
  if (H5Dread(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, to) < 0)
    state_->fail(fmt::format("array '{}' cannot be read; the file is damaged or cut short", array));
}

}  // namespace reverie::keras
