// A Keras file. HDF5 reads files only, so each input becomes one, in memory where /dev/shm is; and
// it reads them in another process, one of which serves all inputs.
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
           std::to_string(::getpid()) + ".h5";
  }();
  static const int registered = std::atexit([] { ::unlink(scratch_file().c_str()); });
  (void)registered;
  return path;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reverie;
  static const keras::Hdf5Reader reader;
  std::FILE* file = std::fopen(scratch_file().c_str(), "wb");
  if (file == nullptr) return 0;
  std::fwrite(data, 1, size, file);
  std::fclose(file);
  return fuzz::run(
      [] { fuzz::check_graph(read_keras(keras::Hdf5File(scratch_file(), reader)).graph); });
}
