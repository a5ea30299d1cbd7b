// An animated WebP file.
#include "fuzz/bytes.h"
#include "reverie/codec/image/animation.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reverie;
  return fuzz::run([&] {
    const std::string bytes(fuzz::as_text(data, size));
    Animation frames(bytes, "fuzz");
    constexpr std::int64_t large = 1 << 22;  // px, which a small file may well state
    if (frames.width() * frames.height() > large) return;
    constexpr int most = 8;
    Image frame;
    for (int i = 0; i < most && frames.next(frame); ++i) {
    }
  });
}
