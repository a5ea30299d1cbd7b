// limits.h: how much memory and time reading a file may take.
#pragma once

#include <cstdint>
#include <string>

namespace reverie::keras {

// Bounds for this process, which the system keeps: what goes beyond gets no memory, or is ended.
class Limits {
 public:
  // Takes what the process has now as given, and allows for nothing more than describing a file.
  explicit Limits(const std::string& file);

  // From now on: what it takes to answer one question with so many numbers.
  void allow(std::uint64_t numbers) const;

 private:
  std::uint64_t memory_;
};

}  // namespace reverie::keras
