#include "reverie/tensor/npy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <regex>
#include <span>
#include <sstream>
#include <string_view>
#include <vector>

#include "reverie/base/error.h"
#include "reverie/base/file/atomic_file.h"

namespace reverie {
namespace {

constexpr char magic[] = "\x93NUMPY";

std::string header_for(const Shape& shape) {
  std::string extents;
  for (int axis = 0; axis < shape.rank(); ++axis) extents += fmt::format("{}, ", shape[axis]);
  if (shape.rank() > 1) extents.resize(extents.size() - 2);
  std::string text =
      fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}), }}", extents);
  // The format pads the header so that the data begin at a multiple of 64 bytes
  const std::size_t before = 10;
  text.append(63 - (before + text.size()) % 64, ' ');
  text.push_back('\n');
  return text;
}

// All that comes before the elements.
std::string beginning_for(const Shape& shape) {
  const std::string header = header_for(shape);
  const auto length = static_cast<std::uint16_t>(header.size());
  const char version_and_length[] = {1, 0, static_cast<char>(length & 0xff),
                                     static_cast<char>(length >> 8)};
  return std::string(magic, 6) + std::string(version_and_length, sizeof version_and_length) +
         header;
}

std::span<const std::byte> elements_of(ConstView array) {
  return std::as_bytes(std::span(array.data(), static_cast<std::size_t>(array.size())));
}

}  // namespace

void write_npy(const std::filesystem::path& path, ConstView array) {
  AtomicFile file(path);
  file.write(beginning_for(array.shape()));
  file.write(elements_of(array));
  file.commit(true);
}

std::string npy_bytes(ConstView array) {
  std::string bytes = beginning_for(array.shape());
  const std::span<const std::byte> elements = elements_of(array);
  return bytes.append(reinterpret_cast<const char*>(elements.data()), elements.size());
}

namespace {

// Errors: BadShape.
Tensor read(std::istream& in, const std::string& name) {
  // Read the header: magic, version, length, a Python dictionary
  char fixed[8];
  in.read(fixed, 8);
  if (!in || std::memcmp(fixed, magic, 6) != 0)
    throw BadShape(fmt::format("{}: not a .npy file", name));
  unsigned char raw_length[4] = {};
  in.read(reinterpret_cast<char*>(raw_length), fixed[6] == 1 ? 2 : 4);
  const auto length =
      static_cast<std::size_t>(raw_length[0] | raw_length[1] << 8 | raw_length[2] << 16);
  std::string header(length, ' ');
  in.read(header.data(), static_cast<std::streamsize>(length));

  // Find type, order and shape in it
  std::smatch match;
  const bool is_double = header.find("'<f8'") != std::string::npos;
  if (!is_double && header.find("'<f4'") == std::string::npos)
    throw BadShape(fmt::format("{}: expected little-endian float32 or float64 elements", name));
  if (header.find("'fortran_order': False") == std::string::npos)
    throw BadShape(fmt::format("{}: expected C order", name));
  if (!std::regex_search(header, match, std::regex("'shape': \\(([0-9, ]*)\\)")))
    throw BadShape(fmt::format("{}: no shape in the header", name));
  Shape shape;
  std::int64_t elements = 1;
  const std::string extents = match[1];
  const std::regex number("[0-9]+");
  for (auto it = std::sregex_iterator(extents.begin(), extents.end(), number);
       it != std::sregex_iterator(); ++it) {
    if (shape.rank() == Shape::max_rank)
      throw BadShape(fmt::format("{}: more than {} axes", name, Shape::max_rank));
    constexpr std::ptrdiff_t max_digits = 15;
    constexpr std::int64_t max_elements = std::int64_t{1} << 50;
    const std::int64_t extent = it->length() > max_digits ? max_elements : std::stoll(it->str());
    if (extent > max_elements / std::max<std::int64_t>(elements, 1) - 1)
      throw BadShape(fmt::format("{}: more elements than any file holds", name));
    elements *= extent;
    shape.append(extent);
  }

  // Trust the shape only as far as the file goes
  const std::int64_t bytes = shape.elements() * (is_double ? 8 : 4);
  const auto start = in.tellg();
  in.seekg(0, std::ios::end);
  if (in.tellg() - start < bytes)
    throw BadShape(
        fmt::format("{}: ends early, {} needs {} bytes", name, shape.to_string(), bytes));
  in.seekg(start);
  Tensor array = Tensor::uninitialized(shape);
  if (is_double) {
    std::vector<double> wide(static_cast<std::size_t>(shape.elements()));
    in.read(reinterpret_cast<char*>(wide.data()), bytes);
    std::transform(wide.begin(), wide.end(), array.data(),
                   [](double v) { return static_cast<float>(v); });
  } else {
    in.read(reinterpret_cast<char*>(array.data()), bytes);
  }
  return array;
}

}  // namespace

Tensor read_npy(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in)
    throw FileFailure(fmt::format("{}: cannot be read ({})", path.string(), std::strerror(errno)));
  return read(in, path.string());
}

Tensor read_npy(const std::string& bytes, const std::string& name) {
  std::istringstream in(bytes, std::ios::binary);
  return read(in, name);
}

}  // namespace reverie
