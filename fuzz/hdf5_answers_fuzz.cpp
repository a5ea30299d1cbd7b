// What reverie-hdf5 answers about a Keras file, in the order in which it is asked: a program that a
// damaged file has broken may say anything.
#include <sys/socket.h>

#include "fuzz/bytes.h"
#include "fuzz/graph_check.h"
#include "reverie/model/formats/keras/hdf5_file.h"
#include "reverie/model/formats/keras/keras.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reverie;
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return 0;
  Descriptor ours(ends[0]);
  const Descriptor other(ends[1]);
  ::send(ends[1], data, size, MSG_DONTWAIT);
  ::shutdown(ends[1], SHUT_WR);
  return fuzz::run([&ours, size] {
    keras::Conversation answers(std::move(ours), "net.h5", std::chrono::seconds(5));
    fuzz::check_graph(read_keras(keras::Hdf5File(std::move(answers), size)).graph);
  });
}
