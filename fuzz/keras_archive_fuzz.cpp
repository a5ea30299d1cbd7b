// A .keras file. Its weights become a file in memory where /dev/shm is, read by one other process.
#include "fuzz/bytes.h"
#include "fuzz/graph_check.h"
#include "fuzz/scratch_file.h"
#include "reverie/model/formats/keras/hdf5_file.h"
#include "reverie/model/formats/keras/keras.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reverie;
  static const keras::Hdf5Reader reader;
  return fuzz::run([&] {
    const ZipArchive archive(fuzz::as_bytes(data, size), "x");
    const ZipArchive::Member* weights = archive.find("model.weights.h5");
    if (!is_keras_archive(archive) || weights == nullptr) return;
    const ZipArchive::Content content = archive.read(*weights);
    if (!fuzz::write_scratch_file(content.bytes().data(), content.bytes().size())) return;
    fuzz::check_graph(
        read_keras(archive, keras::Hdf5File(fuzz::scratch_file(), "x", reader)).graph);
  });
}
