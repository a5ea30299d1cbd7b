#include "reverie/model/formats/keras/hdf5_conversation.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "reverie/base/error.h"

namespace reverie::keras {

namespace chrono = std::chrono;

Conversation::Conversation(Descriptor socket, std::string name, chrono::milliseconds patience)
    : socket_(std::move(socket)), name_(std::move(name)), patience_(patience) {}

void Conversation::end(const std::string& why) {
  socket_ = {};
  throw BadModel(fmt::format("'{}' is damaged: {}", name_, why));
}

void Conversation::refuse() { end("HDF5 reads impossible values from it"); }

wire::Reply Conversation::ask(wire::Kind kind, std::string_view first, std::string_view second,
                              std::uint64_t count) {
  if (first.size() + second.size() > wire::max_name_bytes) end("it holds a name that is too long");
  const wire::Question question{kind, static_cast<std::uint32_t>(first.size()),
                                static_cast<std::uint32_t>(second.size()), 0, count};
  std::string bytes(reinterpret_cast<const char*>(&question), sizeof question);
  bytes.append(first).append(second);

  // A slow disk gives 4000 bytes in a millisecond
  constexpr std::uint64_t slow = 4000 / sizeof(float);
  deadline_ = chrono::steady_clock::now() + patience_ + chrono::milliseconds(count / slow);

  // One question fits into the socket, unless nobody takes it out. Who has gone may have answered
  const ssize_t sent =
      ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  const bool gone = sent < 0 && errno == EPIPE;
  if (sent != static_cast<ssize_t>(bytes.size()) && !gone) end("HDF5 crashed while reading it");
  return next();
}

wire::Reply Conversation::next() {
  wire::Reply reply{};
  receive(std::as_writable_bytes(std::span(&reply, 1)));
  if (reply.verdict > wire::Verdict::unreadable) refuse();
  if (reply.verdict != wire::Verdict::done && reply.bytes != 0) refuse();
  return reply;
}

void Conversation::receive(std::span<std::byte> to) {
  while (!to.empty()) {
    const ssize_t taken = ::recv(socket_.get(), to.data(), to.size(), MSG_DONTWAIT);
    if (taken > 0)
      to = to.subspan(static_cast<std::size_t>(taken));
    else if (taken < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
      wait();
    else if (taken == 0 || errno != EINTR)
      end("HDF5 crashed while reading it");
  }
}

std::string Conversation::receive(std::size_t bytes, std::size_t most) {
  if (bytes > most) refuse();
  constexpr std::size_t step = 1 << 20;
  std::string text;
  while (text.size() < bytes) {
    const std::size_t here = text.size();
    text.resize(here + std::min(step, bytes - here));
    receive(std::as_writable_bytes(std::span(text).subspan(here)));
  }
  return text;
}

// Until there is something to receive, or the other side is gone.
void Conversation::wait() {
  for (;;) {
    const auto left =
        chrono::ceil<chrono::milliseconds>(deadline_ - chrono::steady_clock::now()).count();
    if (left <= 0) end("HDF5 did not finish reading it in time");
    pollfd socket{socket_.get(), POLLIN, 0};
    const int ready = ::poll(&socket, 1, static_cast<int>(std::min<std::int64_t>(left, 1 << 20)));
    if (ready > 0) return;
    if (ready < 0 && errno != EINTR) end("HDF5 crashed while reading it");
  }
}

}  // namespace reverie::keras
