// notice.h: how the library reports remarks to its caller without printing them.
#pragma once

#include <functional>
#include <string>

#include "reverie/base/api.h"

namespace REVERIE_API reverie {

// Receives one line per remark: a color profile converted, an octave left out, a value assumed. An
// empty sink discards them. Called on the thread that does the work.
using NoticeSink = std::function<void(const std::string& line)>;

inline void notify(const NoticeSink& sink, const std::string& line) {
  if (sink) sink(line);
}

}  // namespace reverie
