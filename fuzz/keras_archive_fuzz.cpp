// A .keras file. Its weights become a file in memory where /dev/shm is, read by one other process.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "fuzz/bytes.h"
#include "fuzz/graph_check.h"
#include "reverie/model/formats/keras/hdf5_file.h"
#include "reverie/model/formats/keras/keras.h"

namespace {

// One file for the whole process, written anew for each input.
const std::string& scratch_file() {
  static const std::string path = [] {
    const bool shared = std::filesystem::is_directory("/dev/shm");
    return std::string(shared ? "/dev/shm" : "/tmp") + "/reverie_fuzz_" +
           std::to_string(::getpid()) + ".keras.h5";
  }();
  static const int registered = std::atexit([] { ::unlink(scratch_file().c_str()); });
  (void)registered;
  return path;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reverie;
  static const keras::Hdf5Reader reader;
  return fuzz::run([&] {
    const ZipArchive archive(fuzz::as_bytes(data, size), "x");
    const ZipArchive::Member* weights = archive.find("model.weights.h5");
    if (!is_keras_archive(archive) || weights == nullptr) return;
    const ZipArchive::Content content = archive.read(*weights);
    std::FILE* file = std::fopen(scratch_file().c_str(), "wb");
    if (file == nullptr) return;
    std::fwrite(content.bytes().data(), 1, content.bytes().size(), file);
    std::fclose(file);
    fuzz::check_graph(read_keras(archive, keras::Hdf5File(scratch_file(), "x", reader)).graph);
  });
}
