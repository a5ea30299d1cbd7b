// zoom_growth.h: whether a zoom goes on from a finished one. Internal.
#pragma once

#include <optional>
#include <string>

#include "reverie/job/job_spec.h"
#include "reverie/video/zoom_state.h"

namespace reverie {

// The finished zoom at the output, where what it needs to grow is kept beside it and nothing else
// is begun there. Errors: as read_zoom_state.
std::optional<ZoomState> finished_zoom(const OutputSpec& output);

// Throws when the finished zoom is not the beginning of the one that the document describes.
// Errors: BadRecipe, naming what differs.
void check_growth(const ZoomState& finished, const DreamDocument& document,
                  const std::string& output);

}  // namespace reverie
