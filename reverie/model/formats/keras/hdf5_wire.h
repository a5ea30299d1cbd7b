// hdf5_wire.h: the protocol between the library and its program reverie-hdf5.
//
// The program is started with a packet socket as its standard input, and sends `greeting` on it.
// Every packet that it then receives carries one descriptor: a stream socket for a conversation
// about one file. On that the library sends a Question followed by two texts, and the program sends
// a Reply followed by its bytes. Closing ends either socket. Both sides run on one machine, so
// numbers have its own byte order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace reverie::keras::wire {

// Changes with anything below, so that two versions do not talk to each other.
inline constexpr std::string_view greeting = "reverie-hdf5 1";

enum class Kind : std::uint32_t {
  open,   // the file `first`: comes first, and once
  has,    // whether there is a group or an array `first`
  texts,  // the attribute `second` of the object `first`: for each text its length (uint32), bytes
  extents,  // of the array `first`: an int64 for each
  numbers,  // all of the array `first`, `count` float32 in C order, in as many replies as it takes
};

struct Question {
  Kind kind;
  std::uint32_t first_bytes, second_bytes, unused;
  std::uint64_t count;
};

enum class Verdict : std::uint32_t {
  done,         // and the answer's bytes follow; no bytes follow any other verdict
  absent,       // has, texts
  no_process,   // open: no process can be started for the file
  not_whole,    // open, has, texts: not a whole HDF5 file
  not_text,     // texts
  no_array,     // extents, numbers
  not_numbers,  // extents: or of more than 8 dimensions
  no_shape,     // extents
  too_large,    // extents: larger than what is stored can be
  elsewhere,    // numbers: in another file
  unreadable,   // numbers: damaged, cut short, or not `count` of them
};

struct Reply {
  Verdict verdict;
  std::uint32_t unused;
  std::uint64_t bytes;
};

// Of the two texts of a question, together.
inline constexpr std::size_t max_name_bytes = 64 << 10;

// Of the texts of one attribute, and of their lengths.
inline constexpr std::size_t max_texts = 100000, max_text_bytes = 64 << 20;

inline constexpr std::size_t max_dimensions = 8;
inline constexpr std::int64_t max_extent = std::int64_t{1} << 48;

// No compression of HDF5's gives more than this many times the bytes that are stored.
inline constexpr double max_expansion = 1100;

}  // namespace reverie::keras::wire
