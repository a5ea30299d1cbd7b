#include "reverie/video/zoom_state.h"

#include <gtest/gtest.h>

#include "reverie/base/error.h"

namespace reverie {
namespace {

ZoomState some_state() {
  ZoomState state;
  state.document.zoom.emplace();
  state.document.zoom->frames = 40;
  state.document.recipe.seed = 7;
  state.frames = 30;
  state.forward = std::string(64, 'a');
  state.canvas = Tensor({3, 4, 6});
  for (std::int64_t i = 0; i < state.canvas.size(); ++i)
    state.canvas[i] = 0.1f * static_cast<float>(i);
  return state;
}

TEST(ZoomState, IsReadAsItWasWritten) {
  const ZoomState state = some_state();
  const ZoomState back = decode_zoom_state(encode_zoom_state(state), "x");
  EXPECT_EQ(back.frames, 30);
  EXPECT_EQ(back.forward, state.forward);
  EXPECT_EQ(back.backward, "");
  EXPECT_EQ(back.document.zoom, state.document.zoom);
  EXPECT_EQ(back.document.recipe, state.document.recipe);
  ASSERT_EQ(back.canvas.shape(), state.canvas.shape());
  for (std::int64_t i = 0; i < back.canvas.size(); ++i) ASSERT_EQ(back.canvas[i], state.canvas[i]);

  ZoomState bare = some_state();
  bare.canvas = {};
  bare.backward = std::string(64, 'b');
  EXPECT_TRUE(decode_zoom_state(encode_zoom_state(bare), "x").canvas.empty());
  EXPECT_EQ(decode_zoom_state(encode_zoom_state(bare), "x").backward, bare.backward);
}

TEST(ZoomState, LiesBesideAVideoOrAFolder) {
  EXPECT_EQ(zoom_state_path("a/trip.mp4"), "a/trip.mp4.state");
  EXPECT_EQ(zoom_state_path("a/frames/"), "a/frames.state");
}

TEST(ZoomState, SaysInOneLineWhatIsWrong) {
  const auto error_of = [](const std::string& bytes) {
    try {
      decode_zoom_state(bytes, "trip.mp4.state");
    } catch (const FileFailure& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_NE(error_of("somebody's notes").find("is not the state of a zoom"), std::string::npos);
  EXPECT_NE(error_of("").find("is not the state of a zoom"), std::string::npos);
  const std::string whole = encode_zoom_state(some_state());
  // Cut short anywhere, or with a bit that has changed
  for (std::size_t length = 0; length < whole.size(); ++length)
    ASSERT_FALSE(error_of(whole.substr(0, length)).empty()) << length;
  for (std::size_t at = 0; at < whole.size(); at += 7) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    const std::string error = error_of(changed);
    ASSERT_FALSE(error.empty()) << at;
    ASSERT_EQ(error.find('\n'), std::string::npos) << at;
  }
}

}  // namespace
}  // namespace reverie
