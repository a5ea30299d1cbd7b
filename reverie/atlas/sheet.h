// sheet.h: a contact sheet of several pictures, each with a caption below it.
#pragma once

#include <string>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/image/image.h"

namespace REVERIE_API reverie {

struct SheetCell {
  Tensor picture;  // [3,h,w] display units; empty: an empty cell
  std::string label;
};

// The cells row by row, `columns` of them in each, on dark ground. Each is as large as the largest
// picture. Errors: BadShape when no cell has a picture; as rendered_text().
Image contact_sheet(const std::vector<SheetCell>& cells, int columns);

}  // namespace reverie
