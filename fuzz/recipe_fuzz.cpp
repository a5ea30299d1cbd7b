// A recipe, and the document that a dream carries. What is read is written and read again.
#include <cstdlib>

#include "fuzz/bytes.h"
#include "reverie/recipe/recipe_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reverie;
  const std::string_view text = fuzz::as_text(data, size);
  fuzz::run([&] { document_from_json(text, "x"); });
  return fuzz::run([&] {
    const std::string written = recipe_to_json(recipe_from_json(text, "x"));
    if (recipe_to_json(recipe_from_json(written, "y")) != written) std::abort();
  });
}
