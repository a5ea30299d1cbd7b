// A recipe, the settings of zooms and videos with their keyframes and beats, and the document that
// a dream carries. What is read is written and read again.
#include <cstdlib>

#include "fuzz/bytes.h"
#include "reverie/recipe/recipe_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reverie;
  const std::string_view text = fuzz::as_text(data, size);
  fuzz::run([&] { document_from_json(text, "x"); });
  fuzz::run([&] {
    const ZoomSettings zoom = zoom_from_json(text, "x");
    if (!(zoom_from_json(zoom_to_json(zoom), "y") == zoom)) std::abort();
    validate(zoom);
  });
  fuzz::run([&] {
    const VideoSettings video = video_from_json(text, "x");
    if (!(video_from_json(video_to_json(video), "y") == video)) std::abort();
    validate(video);
  });
  // The texts in them, without the JSON around
  fuzz::run([&] {
    const BeatSpec beat = parse_beat_spec(text);
    if (!(parse_beat_spec(to_string(beat)) == beat)) std::abort();
  });
  fuzz::run([&] {
    const KeyTime time = parse_key_time(text);
    if (!(parse_key_time(to_string(time)) == time)) std::abort();
  });
  return fuzz::run([&] {
    const std::string written = recipe_to_json(recipe_from_json(text, "x"));
    if (recipe_to_json(recipe_from_json(written, "y")) != written) std::abort();
  });
}
