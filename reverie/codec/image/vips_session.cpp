#include "reverie/codec/image/vips_session.h"

#include <fmt/format.h>

#include "reverie/base/error.h"
#include "reverie/base/threads.h"

namespace reverie {
namespace {

void drop_log(const gchar*, GLogLevelFlags, const gchar*, gpointer) {}

bool start_once() {
  // Before the start, which itself may warn of modules that cannot be loaded
  for (const char* domain : {"VIPS", "GLib-GIO", "GLib-GObject", "GLib"}) {
    constexpr int quiet =
        G_LOG_LEVEL_WARNING | G_LOG_LEVEL_MESSAGE | G_LOG_LEVEL_INFO | G_LOG_LEVEL_DEBUG;
    g_log_set_handler(domain, static_cast<GLogLevelFlags>(quiet), drop_log, nullptr);
  }
  if (VIPS_INIT("reverie") != 0) return false;
  vips_cache_set_max(0);
  return true;
}

}  // namespace

void start_vips() {
  static const bool started = start_once();
  if (!started) throw CodecFailure(fmt::format("libvips cannot start ({})", take_vips_error()));
  vips_concurrency_set(thread_count());
}

std::string take_vips_error() {
  const std::string text = vips_error_buffer();
  vips_error_clear();

  // The last line is the most general one ("unable to load"), the first names the cause
  std::string line = text.substr(0, text.find('\n'));
  const std::size_t colon = line.find(": ");
  if (colon != std::string::npos && line.find(' ') > colon) line.erase(0, colon + 2);
  for (char& c : line)
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  if (line.size() > 200) line.resize(200);
  return line.empty() ? "libvips gives no reason" : line;
}

}  // namespace reverie
