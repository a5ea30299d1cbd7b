#include "reverie/model/input_transform.h"

#include <gtest/gtest.h>

#include "reverie/base/error.h"

namespace reverie {
namespace {

TEST(InputTransforms, AreReadFromText) {
  EXPECT_EQ(parse_input_transform("bgr,mean=104:117:123"),
            (InputTransform{{2, 1, 0}, {104, 117, 123}, {1, 1, 1}}));
  EXPECT_EQ(parse_input_transform("rgb,mean=117,scale=2"),
            (InputTransform{{0, 1, 2}, {117, 117, 117}, {2, 2, 2}}));
  EXPECT_EQ(parse_input_transform("mean=1:2:3,std=2:4:8"),
            (InputTransform{{0, 1, 2}, {1, 2, 3}, {0.5f, 0.25f, 0.125f}}));
  EXPECT_EQ(parse_input_transform("range=-1:1"), parse_input_transform("mean=127.5,std=127.5"));
  EXPECT_EQ(parse_input_transform("range=-1:1"), signed_input);
  EXPECT_EQ(parse_input_transform("range=0:1,bgr").mean[0], 0);
}

TEST(InputTransforms, ThatAreNotOnesAreRefused) {
  for (const char* text : {"", "grb", "bgr,", "mean=", "mean=1:2", "mean=1,2", "mean=x", "scale=0",
                           "std=0", "std=nan", "range=1", "range=1:1", "range=0:1:2", "mean=1e99"})
    EXPECT_THROW(parse_input_transform(text), BadRecipe) << text;
}

TEST(InputTransforms, AreDescribed) {
  EXPECT_EQ(describe(caffe_input), "BGR minus 104, 116, 122");
  EXPECT_EQ(describe(InputTransform{}), "RGB");
  EXPECT_EQ(describe(parse_input_transform("mean=117,scale=0.5")), "RGB minus 117 times 0.5");
}

}  // namespace
}  // namespace reverie
