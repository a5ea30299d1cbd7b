#include "reverie/recipe/input_transform_text.h"

#include <gtest/gtest.h>

#include "reverie/base/error.h"

namespace reverie {
namespace {

TEST(InputTransformText, AreReadFromText) {
  EXPECT_EQ(parse_input_transform("bgr,mean=104:117:123"),
            (InputTransform{{2, 1, 0}, {104, 117, 123}, {1, 1, 1}}));
  EXPECT_EQ(parse_input_transform("rgb,mean=117,scale=2"),
            (InputTransform{{0, 1, 2}, {117, 117, 117}, {2, 2, 2}}));
  EXPECT_EQ(parse_input_transform("mean=1:2:3,std=2:4:8"),
            (InputTransform{{0, 1, 2}, {1, 2, 3}, {0.5f, 0.25f, 0.125f}}));
  EXPECT_EQ(parse_input_transform("range=-1:1"), parse_input_transform("mean=127.5,std=127.5"));
  EXPECT_EQ(parse_input_transform("range=-1:1")->scale[2], 1 / 127.5f);
  EXPECT_EQ(parse_input_transform("range=0:1,bgr")->mean[0], 0);
}

TEST(InputTransformText, ThatAreNotOnesAreRefused) {
  for (const char* text : {"grb", "bgr,", "mean=", "mean=1:2", "mean=1,2", "mean=x", "scale=0",
                           "std=0", "std=nan", "range=1", "range=1:1", "range=0:1:2", "mean=1e99"})
    EXPECT_THROW(parse_input_transform(text), BadRecipe) << text;
}

TEST(InputTransformText, IsWrittenAsItIsRead) {
  for (const char* text :
       {"rgb", "bgr,mean=104:117:123", "rgb,scale=0.5", "bgr,mean=103.939:116.779:123.68,scale=2"})
    EXPECT_EQ(to_string(parse_input_transform(text)), text);
  for (const char* text : {"range=-1:1", "mean=1:2:3,std=3:5:7", "rgb,mean=123.675,std=58.395"})
    EXPECT_EQ(parse_input_transform(to_string(parse_input_transform(text))),
              parse_input_transform(text))
        << text;
  EXPECT_EQ(parse_input_transform(""), std::nullopt);
  EXPECT_EQ(to_string(std::nullopt), "");
}

}  // namespace
}  // namespace reverie
