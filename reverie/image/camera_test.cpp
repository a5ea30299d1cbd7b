#include "reverie/image/camera.h"

#include <gtest/gtest.h>

#include <cmath>

#include "reverie/base/error.h"
#include "reverie/base/threads.h"

namespace reverie {
namespace {

Tensor smooth_picture(std::int64_t height, std::int64_t width) {
  Tensor picture({3, height, width});
  for (std::int64_t c = 0; c < 3; ++c)
    for (std::int64_t y = 0; y < height; ++y)
      for (std::int64_t x = 0; x < width; ++x)
        picture.view().at(c, y, x) = 128 + 60 * std::sin(0.11f * static_cast<float>(x)) +
                                     50 * std::cos(0.09f * static_cast<float>(y + c));
  return picture;
}

Tensor moved(const Tensor& picture, const CameraMove& move) {
  Tensor to = Tensor::uninitialized(picture.shape());
  move_camera(picture, move, to);
  return to;
}

TEST(Camera, StandingStillChangesNothing) {
  const Tensor picture = smooth_picture(20, 31);
  const Tensor same = moved(picture, {});
  for (std::int64_t i = 0; i < picture.size(); ++i) ASSERT_EQ(same[i], picture[i]) << i;
}

TEST(Camera, PansRightAndDown) {
  const Tensor picture = smooth_picture(20, 30);
  CameraMove move;
  move.pan_x = 3;
  move.pan_y = 2;
  const Tensor panned = moved(picture, move);
  EXPECT_FLOAT_EQ(panned.view().at(1, 5, 7), picture.view().at(1, 7, 10));
}

TEST(Camera, ZoomsTowardsItsCentre) {
  const Tensor picture = smooth_picture(60, 80);
  CameraMove move;
  move.zoom = 1.25;
  move.centre_x = 20.5 / 80;
  move.centre_y = 30.5 / 60;
  const Tensor near = moved(picture, move);
  EXPECT_FLOAT_EQ(near.view().at(0, 30, 20), picture.view().at(0, 30, 20));
  EXPECT_NEAR(near.view().at(0, 30, 45), picture.view().at(0, 30, 40), 1e-3);
  EXPECT_NEAR(near.view().at(0, 45, 20), picture.view().at(0, 42, 20), 1e-3);
}

TEST(Camera, TurnsClockwise) {
  Tensor picture({1, 41, 41});
  picture.view().at(0, 10, 20) = 100;  // at the top
  CameraMove move;
  move.turn = 90;
  const Tensor turned = moved(picture, move);
  EXPECT_NEAR(turned.view().at(0, 20, 30), 100, 1e-2);  // at the right
}

TEST(Camera, ShowsOnlyPictureBeyondTheEdges) {
  Tensor picture({3, 16, 24});
  for (float& v : picture.elements()) v = 77;
  CameraMove move;
  move.zoom = 0.4;
  move.turn = 33;
  move.pan_x = 100;
  const Tensor far = moved(picture, move);
  for (float v : far.elements()) ASSERT_NEAR(v, 77, 1e-3);
}

TEST(Camera, ManySmallStepsAreOneLargeStep) {
  const Tensor picture = smooth_picture(64, 64);
  Tensor canvas = picture.clone();
  CameraMove step;
  step.zoom = 1.01;
  step.turn = 0.5;
  for (int k = 0; k < 20; ++k) canvas = moved(canvas, step);
  CameraMove whole;
  whole.zoom = std::pow(1.01, 20);
  whole.turn = 10;
  const Tensor once = moved(picture, whole);
  for (std::int64_t y = 16; y < 48; ++y)
    for (std::int64_t x = 16; x < 48; ++x)
      ASSERT_NEAR(canvas.view().at(0, y, x), once.view().at(0, y, x), 0.5) << y << " " << x;
}

TEST(Camera, TheSameBitsAtAnyThreadCount) {
  const Tensor picture = smooth_picture(50, 70);
  CameraMove move;
  move.zoom = 1.03;
  move.turn = 1;
  const int threads = thread_count();
  set_thread_count(1);
  const Tensor one = moved(picture, move);
  set_thread_count(3);
  const Tensor three = moved(picture, move);
  set_thread_count(threads);
  for (std::int64_t i = 0; i < one.size(); ++i) ASSERT_EQ(one[i], three[i]) << i;
}

TEST(Camera, RefusesUnequalPictures) {
  Tensor a({3, 4, 4}), b({3, 4, 5});
  EXPECT_THROW(move_camera(a, {}, b), BadShape);
}

}  // namespace
}  // namespace reverie
