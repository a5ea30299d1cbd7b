// arena.h: one allocation that serves many buffers, each for a part of the program's time.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace reverie::program {

// A place in a buffer, named before anyone knows where the buffer lies.
struct BufferRef {
  int buffer = -1;
  std::size_t offset = 0;  // bytes

  bool none() const { return buffer < 0; }
};

// Decides where buffers lie, so that those that are alive at the same time do not overlap.
class ArenaPlanner {
 public:
  // A buffer that no one has used yet.
  int add(std::size_t bytes);

  // Says that a buffer is alive at this time; from its first time to its last it keeps its content.
  void touch(int buffer, int time);

  // Places every buffer, large ones first, each at the lowest address where it fits; returns the
  // bytes needed. Afterwards offset() is valid.
  std::size_t place();

  int count() const { return static_cast<int>(uses_.size()); }
  std::size_t offset(int buffer) const { return uses_[static_cast<std::size_t>(buffer)].offset; }
  std::size_t bytes(int buffer) const { return uses_[static_cast<std::size_t>(buffer)].bytes; }
  int first(int buffer) const { return uses_[static_cast<std::size_t>(buffer)].first; }
  int last(int buffer) const { return uses_[static_cast<std::size_t>(buffer)].last; }

 private:
  struct Use {
    std::size_t bytes = 0, offset = 0;
    int first = -1, last = -1;
  };
  std::vector<Use> uses_;
};

// Aligned memory from the system, in large pages where it gives them.
class ArenaMemory {
 public:
  ArenaMemory() = default;
  // Errors: OutOfMemory.
  explicit ArenaMemory(std::size_t bytes);

  // What bytes() of an arena of so many is: whole large pages.
  static std::size_t whole_pages(std::size_t bytes);

  std::byte* data() const { return data_.get(); }
  std::size_t bytes() const { return bytes_; }

 private:
  struct Free {
    void operator()(std::byte* p) const;
  };
  std::unique_ptr<std::byte[], Free> data_;
  std::size_t bytes_ = 0;
};

}  // namespace reverie::program
