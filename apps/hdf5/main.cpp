// reverie-hdf5: reads HDF5 files for libreverie, which starts it; see hdf5_wire.h and
// docs/decisions/hdf5-process.md. Nothing for users.
#include <hdf5.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "apps/hdf5/answers.h"
#include "reverie/model/formats/keras/hdf5_wire.h"

namespace reverie::keras {
namespace {

constexpr int control = 0;

// The descriptor that comes with the next packet; -1 when no more come.
int next_conversation() {
  char packet;
  iovec part{&packet, 1};
  alignas(cmsghdr) char space[CMSG_SPACE(sizeof(int))];
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = space;
  message.msg_controllen = sizeof space;
  ssize_t taken;
  do taken = ::recvmsg(control, &message, MSG_CMSG_CLOEXEC);
  while (taken < 0 && errno == EINTR);
  const cmsghdr* const head = CMSG_FIRSTHDR(&message);
  if (taken <= 0 || head == nullptr || head->cmsg_type != SCM_RIGHTS) return -1;
  int socket;
  std::memcpy(&socket, CMSG_DATA(head), sizeof socket);
  return socket;
}

// In a process of its own, which ends with this one.
void serve(int socket) {
  const pid_t parent = ::getpid(), child = ::fork();
  if (child < 0) {
    const wire::Reply refusal{wire::Verdict::no_process, 0, 0};
    ::send(socket, &refusal, sizeof refusal, MSG_NOSIGNAL);
  }
  if (child != 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(0);
  ::close(control);
  answer(socket);
  ::_exit(0);  // HDF5 is not asked to tidy up after a damaged file
}

int run() {
  std::signal(SIGCHLD, SIG_IGN);  // nobody asks how a process ended, only whether all have

  // Once for all files
  H5dont_atexit();
  H5open();
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);

  if (::send(control, wire::greeting.data(), wire::greeting.size(), MSG_NOSIGNAL) < 0) {
    std::fputs("reverie-hdf5: libreverie starts this program to read HDF5 files\n", stderr);
    return 2;
  }
  for (int socket; (socket = next_conversation()) >= 0; ::close(socket)) serve(socket);
  ::wait(nullptr);
  return 0;
}

}  // namespace
}  // namespace reverie::keras

int main() { return reverie::keras::run(); }
