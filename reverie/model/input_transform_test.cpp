#include "reverie/model/input_transform.h"

#include <gtest/gtest.h>

#include "reverie/base/error.h"

namespace reverie {
namespace {

TEST(InputTransforms, AreDescribed) {
  EXPECT_EQ(describe(caffe_input), "BGR minus 104, 116, 122");
  EXPECT_EQ(describe(InputTransform{}), "RGB");
  EXPECT_EQ(describe(InputTransform{{0, 1, 2}, {117, 117, 117}, {0.5f, 0.5f, 0.5f}}),
            "RGB minus 117 times 0.5");
}

}  // namespace
}  // namespace reverie
