#include "apps/hdf5/file.h"

#include <algorithm>

namespace reverie::keras {

using wire::Verdict;

namespace {

void require(bool condition, Verdict otherwise) {
  if (!condition) throw Refusal{otherwise};
}

// A text of fixed length ends where its padding begins.
std::string trimmed(const char* begin, std::size_t size) {
  return {begin, std::find(begin, begin + size, '\0')};
}

std::vector<std::string> texts_of_any_length(hid_t attribute, hid_t type, hid_t space,
                                             std::size_t count) {
  std::vector<char*> pointers(count);
  const Handle memory(H5Tcopy(type), H5Tclose);
  require(H5Aread(attribute, memory, pointers.data()) >= 0, Verdict::not_text);
  std::vector<std::string> texts;
  for (const char* pointer : pointers) texts.emplace_back(pointer == nullptr ? "" : pointer);
  H5Dvlen_reclaim(memory, space, H5P_DEFAULT, pointers.data());
  return texts;
}

std::vector<std::string> texts_of_one_length(hid_t attribute, hid_t type, std::size_t count) {
  const std::size_t width = H5Tget_size(type);
  require(width > 0 && width <= wire::max_text_bytes / count, Verdict::not_text);
  std::vector<char> bytes(width * count);
  require(H5Aread(attribute, type, bytes.data()) >= 0, Verdict::not_text);
  std::vector<std::string> texts;
  for (std::size_t at = 0; at < bytes.size(); at += width)
    texts.push_back(trimmed(bytes.data() + at, width));
  return texts;
}

std::vector<hsize_t> sizes_of(hid_t space, Verdict otherwise) {
  const int rank = H5Sget_simple_extent_ndims(space);
  require(rank >= 0 && rank <= static_cast<int>(wire::max_dimensions), otherwise);
  std::vector<hsize_t> sizes(static_cast<std::size_t>(rank));
  require(rank == 0 || H5Sget_simple_extent_dims(space, sizes.data(), nullptr) >= 0, otherwise);
  return sizes;
}

// How many rows (steps of the first dimension) are read at a time: what fits into a little memory,
// and whole pieces of an array that is stored in pieces, so that each is unpacked once.
hsize_t rows_at_a_time(hid_t list, std::size_t rank, hsize_t row_numbers) {
  constexpr hsize_t block_numbers = (1 << 20) / sizeof(float);
  hsize_t pieces[wire::max_dimensions] = {1};
  if (H5Pget_layout(list) == H5D_CHUNKED)
    require(H5Pget_chunk(list, static_cast<int>(rank), pieces) >= 0 && pieces[0] > 0,
            Verdict::unreadable);
  return pieces[0] * std::max<hsize_t>(1, block_numbers / row_numbers / pieces[0]);
}

}  // namespace

File::File(const std::string& path)
    : file_(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose) {
  require(file_.is_open(), Verdict::not_whole);
}

bool File::has(const std::string& path) const {
  // Each part of the path by itself: HDF5 fails where one in the middle is missing
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string part = path.substr(0, end);
    const htri_t exists = part == "/" ? 1 : H5Lexists(file_, part.c_str(), H5P_DEFAULT);
    require(exists >= 0, Verdict::not_whole);
    if (exists == 0) return false;
    if (end == std::string::npos) return true;
  }
}

std::optional<std::vector<std::string>> File::texts(const std::string& object,
                                                    const std::string& attribute) const {
  const htri_t exists = H5Aexists_by_name(file_, object.c_str(), attribute.c_str(), H5P_DEFAULT);
  require(exists >= 0, Verdict::not_whole);
  if (exists == 0) return std::nullopt;
  const Handle opened(
      H5Aopen_by_name(file_, object.c_str(), attribute.c_str(), H5P_DEFAULT, H5P_DEFAULT),
      H5Aclose);
  require(opened.is_open(), Verdict::not_text);
  const Handle type(H5Aget_type(opened), H5Tclose), space(H5Aget_space(opened), H5Sclose);
  require(type.is_open() && space.is_open(), Verdict::not_text);
  const hssize_t points = H5Sget_simple_extent_npoints(space);
  require(points >= 0 && points <= static_cast<hssize_t>(wire::max_texts), Verdict::not_text);
  if (points == 0) return std::vector<std::string>{};
  require(H5Tget_class(type) == H5T_STRING, Verdict::not_text);
  const auto count = static_cast<std::size_t>(points);
  return H5Tis_variable_str(type) > 0 ? texts_of_any_length(opened, type, space, count)
                                      : texts_of_one_length(opened, type, count);
}

std::vector<std::int64_t> File::extents(const std::string& array) const {
  const Handle dataset(H5Dopen2(file_, array.c_str(), H5P_DEFAULT), H5Dclose);
  require(dataset.is_open(), Verdict::no_array);
  const Handle space(H5Dget_space(dataset), H5Sclose), type(H5Dget_type(dataset), H5Tclose);
  require(space.is_open() && type.is_open() && H5Tget_class(type) == H5T_FLOAT &&
              H5Sget_simple_extent_ndims(space) <= static_cast<int>(wire::max_dimensions),
          Verdict::not_numbers);
  const std::vector<hsize_t> sizes = sizes_of(space, Verdict::no_shape);

  // What is stored bounds what can come of it, before anybody takes memory
  const auto stored = static_cast<double>(H5Dget_storage_size(dataset));
  double bytes = sizeof(float);
  for (const hsize_t size : sizes) bytes *= static_cast<double>(size);
  hsize_t file_bytes = 0;
  require(H5Fget_filesize(file_, &file_bytes) >= 0 && stored <= static_cast<double>(file_bytes) &&
              bytes <= stored * wire::max_expansion,
          Verdict::too_large);
  std::vector<std::int64_t> extents;
  for (const hsize_t size : sizes)
    extents.push_back(static_cast<std::int64_t>(std::min<hsize_t>(size, wire::max_extent)));
  return extents;
}

void File::numbers(const std::string& array, std::uint64_t count, const Sink& sink) const {
  const Handle dataset(H5Dopen2(file_, array.c_str(), H5P_DEFAULT), H5Dclose);
  require(dataset.is_open(), Verdict::no_array);

  // An array in another file is none of this one
  const Handle list(H5Dget_create_plist(dataset), H5Pclose);
  require(list.is_open() && H5Pget_external_count(list) == 0, Verdict::elsewhere);

  const Handle space(H5Dget_space(dataset), H5Sclose);
  require(space.is_open(), Verdict::unreadable);
  const std::vector<hsize_t> sizes = sizes_of(space, Verdict::unreadable);
  hsize_t row_numbers = 1;
  for (std::size_t i = 1; i < sizes.size(); ++i) row_numbers *= sizes[i];
  const hsize_t rows = sizes.empty() ? 1 : sizes[0];
  require(H5Sget_simple_extent_npoints(space) == static_cast<hssize_t>(count), Verdict::unreadable);
  if (count == 0) return sink({});

  // Block by block
  const hsize_t max_rows = std::min(rows, rows_at_a_time(list, sizes.size(), row_numbers));
  std::vector<float> block(max_rows * row_numbers);
  std::vector<hsize_t> start(std::max<std::size_t>(sizes.size(), 1)), taken = sizes;
  for (hsize_t row = 0; row < rows; row += taken.empty() ? 1 : taken[0]) {
    if (!sizes.empty()) {
      start[0] = row;
      taken[0] = std::min(max_rows, rows - row);
      H5Sselect_hyperslab(space, H5S_SELECT_SET, start.data(), nullptr, taken.data(), nullptr);
    }
    const hsize_t numbers = (taken.empty() ? 1 : taken[0]) * row_numbers;
    const Handle memory(H5Screate_simple(1, &numbers, nullptr), H5Sclose);
    require(H5Dread(dataset, H5T_NATIVE_FLOAT, memory, space, H5P_DEFAULT, block.data()) >= 0,
            Verdict::unreadable);
    sink(std::span(block).first(numbers));
  }
}

}  // namespace reverie::keras
