#include "apps/hdf5/answers.h"

#include <sys/socket.h>
#include <unistd.h>

#include <optional>

#include "apps/hdf5/file.h"
#include "apps/hdf5/limits.h"
#include "reverie/model/formats/keras/hdf5_wire.h"

namespace reverie::keras {

using wire::Kind;
using wire::Verdict;

namespace {

// False where the other side has gone.
bool receive(int socket, void* to, std::size_t bytes) {
  return bytes == 0 || ::recv(socket, to, bytes, MSG_WAITALL) == static_cast<ssize_t>(bytes);
}

// Where nobody listens any more there is nothing left to do.
void send(int socket, const void* from, std::size_t bytes, int more) {
  const char* next = static_cast<const char*>(from);
  while (bytes > 0) {
    const ssize_t sent = ::send(socket, next, bytes, MSG_NOSIGNAL | more);
    if (sent <= 0) ::_exit(0);
    next += sent;
    bytes -= static_cast<std::size_t>(sent);
  }
}

class Answers {
 public:
  explicit Answers(int socket) : socket_(socket) {}

  void run() {
    wire::Question question;
    while (receive(socket_, &question, sizeof question)) {
      if (question.first_bytes > wire::max_name_bytes ||
          question.second_bytes > wire::max_name_bytes)
        return;
      std::string first(question.first_bytes, '\0'), second(question.second_bytes, '\0');
      if (!receive(socket_, first.data(), first.size()) ||
          !receive(socket_, second.data(), second.size()))
        return;
      try {
        answer(question, first, second);
      } catch (const Refusal& refusal) {
        reply(refusal.verdict);
      }
    }
  }

 private:
  void reply(Verdict verdict, std::span<const std::byte> bytes = {}) const {
    const wire::Reply head{verdict, 0, bytes.size()};
    send(socket_, &head, sizeof head, bytes.empty() ? 0 : MSG_MORE);
    send(socket_, bytes.data(), bytes.size(), 0);
  }

  void answer(const wire::Question& question, const std::string& first, const std::string& second) {
    if (question.kind == Kind::open) {
      limits_.emplace(first);
      file_.emplace(first);
      return reply(Verdict::done);
    }
    if (!file_) throw Refusal{Verdict::not_whole};
    limits_->allow(question.count);
    switch (question.kind) {
      case Kind::has:
        return reply(file_->has(first) ? Verdict::done : Verdict::absent);
      case Kind::texts:
        return reply_texts(file_->texts(first, second));
      case Kind::extents: {
        const std::vector<std::int64_t> extents = file_->extents(first);
        return reply(Verdict::done, std::as_bytes(std::span(extents)));
      }
      case Kind::numbers:
        return file_->numbers(first, question.count, [this](std::span<const float> part) {
          reply(Verdict::done, std::as_bytes(part));
        });
      default:
        throw Refusal{Verdict::absent};
    }
  }

  void reply_texts(const std::optional<std::vector<std::string>>& texts) const {
    if (!texts) return reply(Verdict::absent);
    std::string bytes;
    for (const std::string& text : *texts) {
      const auto length = static_cast<std::uint32_t>(text.size());
      bytes.append(reinterpret_cast<const char*>(&length), sizeof length).append(text);
      if (bytes.size() > wire::max_text_bytes) throw Refusal{Verdict::not_text};
    }
    reply(Verdict::done, std::as_bytes(std::span(bytes)));
  }

  const int socket_;
  std::optional<Limits> limits_;
  std::optional<File> file_;
};

}  // namespace

void answer(int socket) { Answers(socket).run(); }

}  // namespace reverie::keras
