#include "reverie/codec/image/caption.h"

#include <fmt/format.h>

#include "reverie/base/error.h"
#include "reverie/codec/image/vips_session.h"

namespace reverie {
namespace {

// libvips takes markup, in which these characters mean something.
std::string escaped(const std::string& text) {
  std::string plain;
  for (char c : text) {
    if (c == '&')
      plain += "&amp;";
    else if (c == '<')
      plain += "&lt;";
    else if (c == '>')
      plain += "&gt;";
    else
      plain += c;
  }
  return plain;
}

CodecFailure text_failure() {
  return CodecFailure(fmt::format("libvips cannot write text ({})", take_vips_error()));
}

}  // namespace

Tensor rendered_text(const std::string& text, int line_px, int width_px) {
  start_vips();
  // At 72 dots per inch a point is a pixel; a line is a quarter taller than its letters
  const std::string font = fmt::format("sans {}", line_px * 4 / 5);
  VipsImage* drawn = nullptr;
  if (vips_text(&drawn, escaped(text).c_str(), "font", font.c_str(), "dpi", 72, "width", width_px,
                nullptr) != 0)
    throw text_failure();
  const ImagePtr image(drawn);
  std::size_t size = 0;
  const std::unique_ptr<void, void (*)(void*)> bytes(vips_image_write_to_memory(image.get(), &size),
                                                     g_free);
  if (!bytes) throw text_failure();
  Tensor ink = Tensor::uninitialized(
      {1, vips_image_get_height(image.get()), vips_image_get_width(image.get())});
  const auto bands = static_cast<std::int64_t>(vips_image_get_bands(image.get()));
  const auto* const from = static_cast<const unsigned char*>(bytes.get());
  for (std::int64_t i = 0; i < ink.size(); ++i) ink[i] = from[i * bands];
  return ink;
}

}  // namespace reverie
