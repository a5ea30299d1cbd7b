// Keras 3's .keras: a zip of the model's description and an HDF5 file of weights.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "reverie/base/descriptor.h"
#include "reverie/base/error.h"
#include "reverie/model/formats/keras/keras.h"
#include "reverie/model/formats/keras/keras_layers.h"

namespace reverie {
namespace {

constexpr std::uint64_t max_description_bytes = 64 << 20;

std::string text_of(const ZipArchive& archive, const char* name) {
  const ZipArchive::Member* member = archive.find(name);
  if (member == nullptr) return "";
  if (member->bytes > max_description_bytes)
    throw BadModel(
        fmt::format("'{}': '{}' has {} bytes", archive.file_name(), name, member->bytes));
  const ZipArchive::Content content = archive.read(*member);
  return {reinterpret_cast<const char*>(content.bytes().data()), content.bytes().size()};
}

// A file of its own for a member: HDF5 reads files only, by their real paths.
class UnpackedFile {
 public:
  UnpackedFile(std::span<const std::byte> bytes, const std::string& of) {
    std::error_code error;
    path_ = (std::filesystem::temp_directory_path(error) / "reverie_XXXXXX").string();
    const Descriptor file(::mkostemp(path_.data(), O_CLOEXEC));
    if (file.get() < 0) fail(of);
    while (!bytes.empty()) {
      const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) {
        const int why = errno;
        ::unlink(path_.c_str());
        errno = why;
        fail(of);
      }
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
  }
  ~UnpackedFile() { ::unlink(path_.c_str()); }
  UnpackedFile(const UnpackedFile&) = delete;
  UnpackedFile& operator=(const UnpackedFile&) = delete;

  const std::string& path() const { return path_; }

 private:
  [[noreturn]] void fail(const std::string& of) const {
    throw FileFailure(fmt::format("cannot unpack the weights of '{}' into '{}': {}", of, path_,
                                  std::strerror(errno)));
  }
  std::string path_;
};

// Opens the weights. Whoever has a file open keeps it when its name is gone, so that nothing is
// left behind whatever ends this process.
keras::Hdf5File open_weights(const ZipArchive& archive, const ZipArchive::Member& member,
                             const keras::Hdf5Reader& reader) {
  const ZipArchive::Content content = archive.read(member);
  const UnpackedFile unpacked(content.bytes(), archive.file_name());
  return {unpacked.path(), archive.file_name(), reader};
}

}  // namespace

bool is_keras_archive(const ZipArchive& archive) {
  return archive.find("config.json") != nullptr &&
         (archive.find("metadata.json") != nullptr || archive.find("model.weights.h5") != nullptr);
}

KerasNetwork read_keras(const ZipArchive& archive) {
  const ZipArchive::Member* weights = archive.find("model.weights.h5");
  if (weights == nullptr)
    throw Unsupported(
        fmt::format("'{}' is a Keras archive without model.weights.h5; save the model again, with "
                    "its weights in one HDF5 file",
                    archive.file_name()));
  const keras::Hdf5Reader reader;
  return read_keras(archive, open_weights(archive, *weights, reader));
}

KerasNetwork read_keras(const ZipArchive& archive, const keras::Hdf5File& weights) {
  if (!weights.has("/layers") && weights.has("/_layer_checkpoint_dependencies"))
    throw Unsupported(
        fmt::format("'{}' is of an early Keras 2, whose archives call weights by other names; save "
                    "the model as .h5",
                    archive.file_name()));
  const keras::NumberedWeights arrays(weights);
  const auto layers = keras::parse_description(text_of(archive, "config.json"), archive.file_name(),
                                               keras::WeightNames::by_class);
  // Keras 2 wrote such archives, too
  const auto metadata = nlohmann::json::parse(text_of(archive, "metadata.json"), nullptr, false);
  const bool is_old = metadata.is_object() && metadata.contains("keras_version") &&
                      metadata["keras_version"].is_string() &&
                      metadata["keras_version"].get<std::string>().starts_with("2.");
  KerasNetwork network;
  network.graph = build(layers, arrays, is_old ? 2 : 3);
  network.transform = keras::stated_input(network.graph, layers);
  network.transform_is_certain = network.transform.has_value();
  return network;
}

}  // namespace reverie
