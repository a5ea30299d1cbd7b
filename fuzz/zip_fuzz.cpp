// The members of a zip archive, all of them unpacked.
#include "fuzz/bytes.h"
#include "reverie/model/formats/zip/zip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reverie;
  return fuzz::run([&] {
    const ZipArchive archive(fuzz::as_bytes(data, size), "x");
    for (const ZipArchive::Member& member : archive.members()) archive.read(member);
  });
}
