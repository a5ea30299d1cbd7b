#include "reverie/recipe/layer_spec.h"

#include <gtest/gtest.h>

#include "reverie/base/error.h"

namespace reverie {
namespace {

std::string message_of(const std::string& text) {
  try {
    parse_layer_spec(text);
  } catch (const BadRecipe& error) {
    return error.what();
  }
  return "";
}

TEST(LayerSpec, ReadsEveryKey) {
  LayerSpec spec = parse_layer_spec("4c/output:3,7@at=0.25,0.5@octaves=0-1=-2");
  EXPECT_EQ(spec.name, "4c/output");
  EXPECT_EQ(spec.channels, (std::vector<int>{3, 7}));
  EXPECT_EQ(spec.at, (Place{0.25, 0.5}));
  EXPECT_EQ(spec.octaves, (OctaveSpan{0, 1}));
  EXPECT_EQ(spec.weight, -2);
  EXPECT_EQ(parse_layer_spec("a@octaves=2").octaves, (OctaveSpan{2, 2}));
  EXPECT_EQ(parse_layer_spec("a@octaves=2").weight, 1);
  EXPECT_EQ(parse_layer_spec("a@octaves=2-=0.5").octaves, (OctaveSpan{2, OctaveSpan::most}));
  EXPECT_EQ(parse_layer_spec("a@octaves=2-=0.5").weight, 0.5);
  EXPECT_EQ(parse_layer_spec("a@direction=d/x=y.npy@at=0,1").direction, "d/x=y.npy");
  EXPECT_EQ(parse_layer_spec("a@mask=sky mask.png=0.5").mask, "sky mask.png");
  EXPECT_EQ(parse_layer_spec("@class=tabby cat=3").class_name, "tabby cat");
  EXPECT_EQ(parse_layer_spec("@class=281").class_name, "281");
  EXPECT_EQ(parse_layer_spec("loss3/classifier@class=281").name, "loss3/classifier");
}

TEST(LayerSpec, RoundTrips) {
  for (const char* text :
       {"a", "a:*", "a:1-4,9=-0.5", "import/a:0:*", "a=b=1", "a@at=0.1,1@octaves=0-3",
        "a@octaves=1-", "a@octaves=0=7", "a@direction=v=2.json=1", "@class=7=2",
        "x/y@class=dog, pug", "a@mask=m=1.png=1", "a:2@octaves=1@mask=m.png=-3"}) {
    const LayerSpec spec = parse_layer_spec(text);
    EXPECT_EQ(parse_layer_spec(to_string(spec)), spec) << text << " as " << to_string(spec);
  }
}

TEST(LayerSpec, SaysWhatIsNotUnderstood) {
  EXPECT_NE(message_of("a@at=0.5").find("'0.5' is not a place"), std::string::npos);
  EXPECT_NE(message_of("a@at=0.5,1.5").find("0 to 1"), std::string::npos);
  EXPECT_NE(message_of("a@octaves=3-1").find("'3-1' is not an octave"), std::string::npos);
  EXPECT_NE(message_of("a@octaves=16").find("0 to 15"), std::string::npos);
  EXPECT_NE(message_of("a@octaves=").find("has no value"), std::string::npos);
  EXPECT_NE(message_of("@at=0,0").find("name is missing"), std::string::npos);
  EXPECT_NE(message_of("a:3@class=4").find("@class does not go"), std::string::npos);
  EXPECT_NE(message_of("a:3@direction=d.npy").find("@direction and channels"), std::string::npos);
  EXPECT_NE(message_of("a@at=0,0@mask=m.png").find("@at and @mask"), std::string::npos);
  EXPECT_NE(message_of("@class=3@mask=m.png").find("@class does not go"), std::string::npos);
  EXPECT_NE(message_of("a=much").find("weight 'much'"), std::string::npos);
}

TEST(GuideSpec, ReadsAWeightWhereThereIsANumber) {
  EXPECT_EQ(parse_guide_spec("a=b.png"), (GuideSpec{"a=b.png", 1}));
  EXPECT_EQ(parse_guide_spec("a.png=-0.5"), (GuideSpec{"a.png", -0.5}));
  for (const GuideSpec& spec : {GuideSpec{"a=2", 1}, GuideSpec{"a.png", 3}})
    EXPECT_EQ(parse_guide_spec(to_string(spec)), spec);
  EXPECT_THROW(parse_guide_spec(""), BadRecipe);
  EXPECT_THROW(parse_guide_spec("=2"), BadRecipe);
}

}  // namespace
}  // namespace reverie
