#include "reverie/atlas/sheet.h"

#include <algorithm>

#include "reverie/base/error.h"
#include "reverie/codec/image/caption.h"

namespace reverie {
namespace {

constexpr std::int64_t gap_px = 6;
constexpr int line_px = 14;
constexpr float ground = 24, ink_color = 225;  // levels

// Puts `picture` with its upper left corner at a place of the sheet.
void place(ConstView picture, std::int64_t top, std::int64_t left, View sheet) {
  const Shape& shape = picture.shape();
  for (std::int64_t c = 0; c < 3; ++c)
    for (std::int64_t y = 0; y < shape.height(); ++y)
      std::copy_n(&picture.at(c, y, 0), shape.width(), &sheet.at(c, top + y, left));
}

void write_below(ConstView ink, std::int64_t top, std::int64_t left, std::int64_t width,
                 View sheet) {
  for (std::int64_t c = 0; c < 3; ++c)
    for (std::int64_t y = 0; y < ink.shape().height(); ++y)
      for (std::int64_t x = 0; x < std::min(width, ink.shape().width()); ++x)
        sheet.at(c, top + y, left + x) += ink.at(0, y, x) / 255 * (ink_color - ground);
}

}  // namespace

Image contact_sheet(const std::vector<SheetCell>& cells, int columns) {
  // How large a cell is
  std::int64_t height = 0, width = 0, words = 0;
  for (const SheetCell& cell : cells) {
    if (cell.picture.empty()) continue;
    height = std::max(height, cell.picture.shape().height());
    width = std::max(width, cell.picture.shape().width());
  }
  if (width == 0) throw BadShape("a sheet needs at least one picture");
  std::vector<Tensor> labels;
  for (const SheetCell& cell : cells) {
    labels.push_back(cell.label.empty()
                         ? Tensor({1, 1, 1})
                         : rendered_text(cell.label, line_px, static_cast<int>(width)));
    words = std::max(words, labels.back().shape().height());
  }

  // Row by row
  const auto count = static_cast<std::int64_t>(cells.size());
  const std::int64_t across = std::min<std::int64_t>(columns, count);
  const std::int64_t rows = (count + across - 1) / across;
  const std::int64_t row_px = height + words + 2 * gap_px, column_px = width + gap_px;
  Image sheet{Tensor({3, rows * row_px + gap_px, across * column_px + gap_px}), {}};
  std::fill(sheet.color.elements().begin(), sheet.color.elements().end(), ground);
  for (std::int64_t i = 0; i < count; ++i) {
    const auto k = static_cast<std::size_t>(i);
    const std::int64_t top = gap_px + i / across * row_px, left = gap_px + i % across * column_px;
    if (!cells[k].picture.empty()) place(cells[k].picture, top, left, sheet.color);
    write_below(labels[k], top + height + gap_px, left, width, sheet.color);
  }
  return sheet;
}

}  // namespace reverie
