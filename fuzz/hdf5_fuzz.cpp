// A Keras file. HDF5 reads files only, so each input becomes one, in memory where /dev/shm is; and
// it reads them in another process, one of which serves all inputs.
#include "fuzz/bytes.h"
#include "fuzz/graph_check.h"
#include "fuzz/scratch_file.h"
#include "reverie/model/formats/keras/hdf5_file.h"
#include "reverie/model/formats/keras/keras.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reverie;
  static const keras::Hdf5Reader reader;
  if (!fuzz::write_scratch_file(data, size)) return 0;
  return fuzz::run(
      [] { fuzz::check_graph(read_keras(keras::Hdf5File(fuzz::scratch_file(), reader)).graph); });
}
