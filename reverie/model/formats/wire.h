// wire.h: protocol buffers' wire format read in place, so that a file's weights are copied once.
//
// Source: the encoding page of protocol buffers' documentation. Every length is checked against
// the message that holds it, so no read passes the end and no length asks for memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace reverie::wire {

using Bytes = std::span<const std::byte>;

inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

enum class Type { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

struct Field {
  std::uint32_t number = 0;
  Type type = Type::varint;
  std::uint64_t value = 0;  // varint, fixed64, fixed32
  Bytes bytes;              // Type::bytes: a string, a message or packed numbers
  Bytes whole;              // the field with its tag, for passing it on
};

// The place at which a message is invalid.
struct Malformed {
  const std::byte* place;  // in the bytes that were given
};

// Walks the fields of one message: `for (Field f; reader.next(f);)`.
class Reader {
 public:
  explicit Reader(Bytes message)
      : position_(message.data()), end_(message.data() + message.size()) {}

  // False at the end. Errors: Malformed.
  bool next(Field& field) {
    if (position_ == end_) return false;
    const std::byte* start = position_;
    const std::uint64_t tag = varint();
    field.number = static_cast<std::uint32_t>(tag >> 3);
    field.type = static_cast<Type>(tag & 7);
    field.value = 0;
    field.bytes = {};
    if (tag > 0xFFFFFFFFu || field.number == 0) throw Malformed{start};
    switch (field.type) {
      case Type::varint:
        field.value = varint();
        break;
      case Type::fixed64:
        field.value = fixed<std::uint64_t>();
        break;
      case Type::fixed32:
        field.value = fixed<std::uint32_t>();
        break;
      case Type::bytes: {
        const std::uint64_t length = varint();
        if (length > left()) throw Malformed{start};
        field.bytes = {position_, static_cast<std::size_t>(length)};
        position_ += length;
        break;
      }
      default:
        throw Malformed{start};
    }
    field.whole = {start, static_cast<std::size_t>(position_ - start)};
    return true;
  }

  // One number of a packed field. REQUIRES: !at_end(). Errors: Malformed.
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (position_ == end_) throw Malformed{position_};
      const auto byte = static_cast<std::uint64_t>(*position_++);
      value |= (byte & 0x7F) << (shift < 64 ? shift : 63);
      if (byte < 0x80) return value;
    }
    throw Malformed{position_};
  }

  bool at_end() const { return position_ == end_; }

 private:
  std::size_t left() const { return static_cast<std::size_t>(end_ - position_); }

  // Little-endian, as on the wire; put together by bytes so that the host's order does not matter.
  template <class Unsigned>
  Unsigned fixed() {
    if (left() < sizeof(Unsigned)) throw Malformed{position_};
    Unsigned value = 0;
    for (std::size_t i = 0; i < sizeof(Unsigned); ++i)
      value |= static_cast<Unsigned>(static_cast<Unsigned>(position_[i]) << (8 * i));
    position_ += sizeof(Unsigned);
    return value;
  }

  const std::byte* position_;
  const std::byte* end_;
};

}  // namespace reverie::wire
