#include "reverie/atlas/sheet.h"

#include <gtest/gtest.h>

#include "reverie/base/error.h"

namespace reverie {
namespace {

Tensor plain(std::int64_t height, std::int64_t width, float level) {
  Tensor picture({3, height, width});
  for (float& v : picture.elements()) v = level;
  return picture;
}

TEST(ContactSheet, LaysCellsInRowsWithWordsBelow) {
  std::vector<SheetCell> cells;
  for (float level : {40.f, 80.f, 120.f}) cells.push_back({plain(30, 60, level), "step"});
  const Image sheet = contact_sheet(cells, 2);
  EXPECT_EQ(sheet.width(), 2 * 66 + 6);
  const ConstView at = sheet.color;
  EXPECT_EQ(at.at(0, 6, 6), 40);
  EXPECT_EQ(at.at(1, 6, 72), 80);
  EXPECT_EQ(at.at(2, 0, 0), 24);
  const std::int64_t second_row = (sheet.height() - 6) / 2 + 6;
  EXPECT_EQ(at.at(0, second_row, 6), 120);
  double ink = 0;
  for (std::int64_t y = 42; y < second_row - 6; ++y)
    for (std::int64_t x = 6; x < 66; ++x) ink += at.at(0, y, x) - 24;
  EXPECT_GT(ink, 1000);
}

TEST(ContactSheet, LeavesRoomForWhatIsMissing) {
  std::vector<SheetCell> cells(2);
  cells[0].picture = plain(30, 60, 200);
  const Image sheet = contact_sheet(cells, 2);
  EXPECT_EQ(sheet.width(), 2 * 66 + 6);
  EXPECT_EQ(sheet.color.view().at(0, 10, 100), 24);
  EXPECT_EQ(sheet.height(), 6 + 30 + 1 + 2 * 6);  // one row, with no words below
  cells[0].picture = {};
  EXPECT_THROW(contact_sheet(cells, 2), BadShape);
}

}  // namespace
}  // namespace reverie
