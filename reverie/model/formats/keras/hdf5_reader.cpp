#include "reverie/model/formats/keras/hdf5_reader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "reverie/base/error.h"
#include "reverie/base/installed.h"

extern char** environ;

namespace reverie::keras {
namespace {

// Two ends of one socket, neither of which a program that is started meanwhile inherits.
std::pair<Descriptor, Descriptor> make_socket(int type) {
  int ends[2];
  if (::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends) != 0)
    throw FileFailure(fmt::format("cannot connect to reverie-hdf5, which reads HDF5 files: {}",
                                  std::strerror(errno)));
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

void limit_waiting(int socket, std::chrono::milliseconds patience) {
  const timeval time{patience.count() / 1000, patience.count() % 1000 * 1000};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
}

// Sends a packet that carries a descriptor, which is then open on both sides.
bool send_descriptor(int socket, int descriptor) {
  char packet = 0;
  iovec part{&packet, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* const head = CMSG_FIRSTHDR(&message);
  head->cmsg_level = SOL_SOCKET;
  head->cmsg_type = SCM_RIGHTS;
  head->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(head), &descriptor, sizeof descriptor);
  ssize_t sent;
  do sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return sent == 1;
}

bool is_greeted(int socket) {
  char packet[64];
  ssize_t taken;
  do taken = ::recv(socket, packet, sizeof packet, 0);
  while (taken < 0 && errno == EINTR);
  return taken >= 0 && std::string_view(packet, static_cast<std::size_t>(taken)) == wire::greeting;
}

}  // namespace

std::filesystem::path hdf5_program() {
#ifdef REVERIE_WITHOUT_KERAS
  throw Unsupported(
      "this build reads no Keras (HDF5) files: it was configured with REVERIE_KERAS=OFF; build "
      "Reverie with -D REVERIE_KERAS=ON, which needs HDF5");
#else
  return find_program("reverie-hdf5");
#endif
}

Hdf5Reader::Process::Process(const std::filesystem::path& program, int input) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, input, 0);
  posix_spawn_file_actions_addclosefrom_np(&files, 1);
  posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);

  // What a terminal sends to stop this program is not for that one, which ends with it
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  sigset_t signals;
  sigemptyset(&signals);
  posix_spawnattr_setsigmask(&attributes, &signals);
  sigfillset(&signals);
  posix_spawnattr_setsigdefault(&attributes, &signals);

  std::string name = program.string();
  char* const arguments[] = {name.data(), nullptr};
  const int error = ::posix_spawn(&id_, name.c_str(), &files, &attributes, arguments, environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  if (error != 0)
    throw FileFailure(
        fmt::format("cannot start '{}', which reads HDF5 files: {}", name, std::strerror(error)));
}

Hdf5Reader::Process::~Process() {
  ::kill(id_, SIGKILL);
  while (::waitpid(id_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

Hdf5Reader::Hdf5Reader(const std::filesystem::path& program, std::chrono::milliseconds patience)
    : Hdf5Reader(program, patience, make_socket(SOCK_SEQPACKET)) {}

Hdf5Reader::Hdf5Reader(const std::filesystem::path& program, std::chrono::milliseconds patience,
                       std::pair<Descriptor, Descriptor> sockets)
    : patience_(patience),
      control_(std::move(sockets.first)),
      process_(program, sockets.second.get()) {
  sockets.second = {};  // so that its end is the other's end
  limit_waiting(control_.get(), patience);
  if (!is_greeted(control_.get()))
    throw FileFailure(
        fmt::format("'{}', which reads HDF5 files, does not start; install Reverie and HDF5 again",
                    program.string()));
}

Hdf5Reader::~Hdf5Reader() {
  ::shutdown(control_.get(), SHUT_WR);
  limit_waiting(control_.get(), std::chrono::seconds(1));
  char packet;
  ::recv(control_.get(), &packet, 1, 0);
}

Conversation Hdf5Reader::converse(const std::string& file) const {
  auto [ours, theirs] = make_socket(SOCK_STREAM);
  if (!send_descriptor(control_.get(), theirs.get()))
    throw FileFailure(
        fmt::format("cannot read '{}': reverie-hdf5, which reads HDF5 files, has ended", file));
  return Conversation(std::move(ours), file, patience_);
}

}  // namespace reverie::keras
