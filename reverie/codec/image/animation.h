// animation.h: the frames of an animated picture file, one after the other. Internal to codec/.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "reverie/image/image.h"

namespace reverie {

// Reads a file of equal pages from the top down, keeping one frame in memory. One caller at a time,
// on any thread.
class Animation {
 public:
  // `bytes`, the file, must outlive this; `name` is for messages. Errors: BadImage.
  Animation(const std::string& bytes, std::string name);
  ~Animation();
  Animation(const Animation&) = delete;
  Animation& operator=(const Animation&) = delete;

  std::int64_t width() const { return width_; }
  std::int64_t height() const { return height_; }
  bool has_alpha() const;
  // How long each frame is shown, in ms; one for each frame.
  const std::vector<int>& delays() const { return delays_; }

  // Overwrites `frame` with the next one; false after the last. Errors: BadImage.
  bool next(Image& frame);

 private:
  struct Pixels;
  std::string name_;
  std::int64_t width_ = 0, height_ = 0;
  std::vector<int> delays_;
  std::unique_ptr<Pixels> pixels_;
  int position_ = 0;
};

}  // namespace reverie
