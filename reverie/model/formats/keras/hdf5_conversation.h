// hdf5_conversation.h: questions about one HDF5 file; answers are checked, not trusted.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "reverie/base/descriptor.h"
#include "reverie/model/formats/keras/hdf5_wire.h"

namespace reverie::keras {

// The library's side of a conversation with reverie-hdf5, which may crash, hang or send nonsense on
// a damaged file. One caller at a time. Errors of every function: BadModel, naming the file, when
// it does; the conversation is then over, and every later question fails too.
class Conversation {
 public:
  // name: of the file, for messages. patience: how long an answer may take; large ones longer.
  Conversation(Descriptor socket, std::string name, std::chrono::milliseconds patience);

  // Asks, and returns the head of the first reply. count: as in wire::Question.
  wire::Reply ask(wire::Kind kind, std::string_view first, std::string_view second = {},
                  std::uint64_t count = 0);

  // The head of another reply to the same question.
  wire::Reply next();

  // The next bytes of a reply. As text they take memory only as they arrive.
  void receive(std::span<std::byte> to);
  std::string receive(std::size_t bytes, std::size_t most);

  // Ends the conversation because of an impossible answer.
  [[noreturn]] void refuse();

  const std::string& name() const { return name_; }

 private:
  [[noreturn]] void end(const std::string& why);
  void wait();

  Descriptor socket_;
  const std::string name_;
  const std::chrono::milliseconds patience_;
  std::chrono::steady_clock::time_point deadline_;
};

}  // namespace reverie::keras
