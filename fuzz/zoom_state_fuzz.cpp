// The state of a zoom: as it comes, and with the checksum that its bytes would have.
#include <string>

#include "fuzz/bytes.h"
#include "reverie/base/file/checksum.h"
#include "reverie/video/zoom_state.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reverie;
  const std::string text(fuzz::as_text(data, size));
  fuzz::run([&] { decode_zoom_state(text, "x"); });
  return fuzz::run([&] {
    decode_zoom_state("reverie zoom state 1 " + sha256(fuzz::as_bytes(data, size)) + "\n" + text,
                      "x");
  });
}
