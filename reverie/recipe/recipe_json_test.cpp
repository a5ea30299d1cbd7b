#include "reverie/recipe/recipe_json.h"

#include <gtest/gtest.h>

#include "reverie/base/error.h"

namespace reverie {
namespace {

std::string message_of(const std::string& text) {
  try {
    recipe_from_json(text, "r.json");
  } catch (const BadRecipe& error) {
    return error.what();
  }
  return "";
}

Recipe unusual() {
  Recipe r;
  r.model = "bvlc_googlenet";
  r.input_transform = InputTransform{{2, 1, 0}, {104, 117, 123.68f}, {1, 0.1f, 1}};
  r.layers = {{"inception_4c/output", {}, 1}, {"mixed:0", {3, 4, 5}, -0.1}};
  r.guide = {{"fl\"ow\ners.png", 1}, {"a=b.png", -0.5}};
  r.size = parse_size("640x480");
  r.octaves = 7;
  r.octave_scale = 1.1 + 1e-15;
  r.iterations = 3;
  r.step = 1.0 / 3;
  r.jitter = 0;
  r.jitter_from = {{3, -4}, {0, 32}};
  r.clip = false;
  r.blend = 0.25;
  r.tile = 512;
  r.seed = ~std::uint64_t{0};
  r.precision = Precision::exact;
  r.preset = "pyramid";
  r.faithful = true;
  r.objective = Reduction::l1;
  r.octave_mode = OctaveMode::running;
  r.octaves_above = 3;
  r.recursion_keep = 0.5;
  r.resize = Resizing::tf2;
  r.normalize = Normalization::laplacian;
  r.smooth = Smoothing::growing_color;
  r.tiling = Tiling::skip_last;
  r.match_tone = ToneMatch::full;
  r.mask = "m.png";
  r.mask_invert = true;
  r.mask_feather = 7.5;
  r.color = Color::keep;
  r.labels = "l.txt";
  r.start = Start::noise;
  r.optimizer = OptimizerKind::adam;
  r.momentum = 0.5;
  r.tv_penalty = 0.1;
  r.random_flip = true;
  r.random_rotation = 10;
  r.random_scale = 1.1;
  r.source_penalty = 0.2;
  r.blur = 0.5;
  r.layers.push_back(parse_layer_spec("4c@at=0.1,0.2@octaves=1-2=3"));
  return r;
}

TEST(RecipeJson, RoundTripsExactly) {
  EXPECT_EQ(recipe_from_json(recipe_to_json(Recipe{}), "x"), Recipe{});
  EXPECT_EQ(recipe_from_json(recipe_to_json(unusual()), "x"), unusual());
  EXPECT_EQ(recipe_from_json(recipe_to_json(unusual(), -1), "x"), unusual());
}

TEST(RecipeJson, WritesTheShortestNumbers) {
  EXPECT_NE(recipe_to_json(Recipe{}, -1).find("\"octave_scale\":1.4,"), std::string::npos);
}

TEST(RecipeJson, MissingSettingsKeepTheirValue) {
  Recipe base;
  base.octaves = 2;
  const Recipe read = recipe_from_json(R"({"step": 3, "layer": "4c/output:7"})", "x", base);
  EXPECT_EQ(read.octaves, 2);
  EXPECT_EQ(read.step, 3);
  EXPECT_EQ(read.layers, (std::vector<LayerSpec>{{"4c/output", {7}, 1}}));
  EXPECT_EQ(recipe_from_json(R"({"preset": "classic"})", "x", base).octaves, 4);
}

TEST(RecipeJson, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(message_of(R"({"octavs": 3})"),
            "r.json: no setting 'octavs'; the nearest is 'octaves'");
  EXPECT_EQ(message_of(R"({"octaves": 99})"),
            "r.json: octaves is 99, expected a whole number, 1 to 16");
  EXPECT_EQ(message_of(R"({"octaves": 4.5})"),
            "r.json: octaves is 4.5, expected a whole number, 1 to 16");
  EXPECT_EQ(message_of(R"({"octaves": 4294967300})"),
            "r.json: octaves is 4294967300, expected a whole number, 1 to 16");
  EXPECT_EQ(message_of(R"({"octaves": -4294967292})"),
            "r.json: octaves is -4294967292, expected a whole number, 1 to 16");
  EXPECT_EQ(message_of(R"({"seed": -1})").substr(0, 19), "r.json: seed is -1,");
  EXPECT_EQ(message_of(R"({"step": "big"})"), "r.json: step is \"big\", expected 0 to 1000");
  EXPECT_EQ(message_of(R"({"clip": 1})"), "r.json: clip is 1, expected true or false");
  EXPECT_EQ(message_of(R"({"guide": 1})"),
            "r.json: guide is 1, expected a picture or a list of pictures");
  EXPECT_EQ(message_of(R"({"precision": "best"})"),
            "r.json: precision is \"best\", expected exact, fast, half");
  EXPECT_NE(message_of(R"({"layer": "4c:x"})").find("layer: layer '4c:x'"), std::string::npos);
  EXPECT_NE(message_of(R"({"layer": [3]})").find("a list of layers"), std::string::npos);
  EXPECT_NE(message_of(R"({"size": "big"})").find("WxH or MAX"), std::string::npos);
  EXPECT_NE(message_of(R"({"jitter_from": [[1, 2, 3]]})").find("[x, y]"), std::string::npos);
  EXPECT_EQ(message_of("[1]"), "r.json: expected an object with settings, found a list");
  EXPECT_EQ(message_of("{\n  \"step\": 1.5.5\n}"), "r.json: not JSON: line 2, column 14");
  EXPECT_EQ(message_of("{\"step\": "),
            "r.json: not JSON: line 1, column 10: the text ends too early");
  EXPECT_EQ(message_of("{\"step\": 66e6666}"),
            "r.json: not readable JSON: a number in it is too large");
  EXPECT_EQ(message_of(""), "r.json: not JSON: line 1, column 1: the text ends too early");
}

TEST(DreamDocument, RoundTrips) {
  DreamDocument document;
  document.version = "1.2.3";
  document.network = {"reverie-4", "", "abcd", {"mixed4c"}};
  document.source = {"photo.jpg", "1234", 640, 480};
  document.guides = {{"flowers.png", "5678", 10, 20}, {"leaves.png", "9", 1, 2}};
  document.output = {16, 80};
  document.recipe = unusual();
  const std::string text = document_to_json(document);
  EXPECT_TRUE(is_document(text, "x"));
  EXPECT_FALSE(is_document(recipe_to_json(Recipe{}), "x"));
  const DreamDocument read = document_from_json(text, "x");
  EXPECT_EQ(read.recipe, document.recipe);
  EXPECT_EQ(read.network.layers, document.network.layers);
  ASSERT_EQ(read.guides.size(), 2u);
  EXPECT_EQ(read.guides[0].name, "flowers.png");
  EXPECT_EQ(read.guides[1].sha256, "9");
  EXPECT_EQ(document_to_json(read), text);
}

TEST(DreamDocument, CarriesTheSettingsOfAVideo) {
  DreamDocument document;
  document.output.codec = "h265";
  document.video.emplace();
  document.video->temporal_blend = 0.75;
  document.video->flow = MotionSearch::fast;
  document.video->timeline.keyframes.resize(1);
  document.video->timeline.keyframes[0].values["strength"] = 2.0;
  const DreamDocument read = document_from_json(document_to_json(document), "x");
  EXPECT_EQ(read.video, document.video);
  EXPECT_EQ(read.output.codec, "h265");
  EXPECT_FALSE(read.zoom);
  EXPECT_EQ(first_difference(read, document), "");

  DreamDocument other = document;
  other.video->temporal_blend = 0.5;
  EXPECT_EQ(first_difference(document, other), "temporal_blend is 0.75 there and 0.5 here");
  other.video.reset();
  other.zoom.emplace();
  EXPECT_NE(first_difference(document, other), "");
  EXPECT_THROW(document_from_json(R"({"recipe": {}, "video": {"cary": 1}})", "x"), BadRecipe);
}

TEST(DreamDocument, ToleratesWhatItDoesNotKnow) {
  const DreamDocument read =
      document_from_json(R"({"later": [1], "network": 7, "recipe": {}})", "x");
  EXPECT_EQ(read.recipe, Recipe{});
  EXPECT_EQ(read.output.bits, 8);
  EXPECT_THROW(document_from_json(R"({"reverie": "1"})", "x"), BadRecipe);
}

TEST(DreamDocument, ReplacesBytesThatAreNoUtf8) {
  DreamDocument document;
  document.source.name = "caf\xE9.jpg";
  EXPECT_NO_THROW(document_from_json(document_to_json(document), "x"));
}

TEST(RecipeJson, DamagedTextIsAnErrorOrARecipe) {
  // Cut short at every byte, and with every byte replaced by what JSON cares about
  DreamDocument document;
  document.recipe = unusual();
  const std::string text = document_to_json(document, -1);
  const auto try_to_read = [](const std::string& damaged) {
    try {
      document_from_json(damaged, "x");
      return true;
    } catch (const BadRecipe& error) {
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
      return false;
    }
  };
  ASSERT_TRUE(try_to_read(text));
  for (std::size_t at = 0; at < text.size(); ++at) {
    EXPECT_FALSE(try_to_read(text.substr(0, at))) << at;
    for (char c : std::string("\"{}[],:0-x\\ \xFF")) {
      std::string damaged = text;
      damaged[at] = c;
      try_to_read(damaged);
    }
  }
}

// Version 0.2.0 and earlier dreamed interlaced frames as they were, and so does a redo
TEST(DreamDocument, OfAVersionWithoutDeinterlacingHasNone) {
  DreamDocument document;
  document.video.emplace();
  std::string text = document_to_json(document, -1);
  EXPECT_EQ(document_from_json(text, "x").video->deinterlace, Deinterlacing::automatic);
  const std::string key = R"("deinterlace":"auto",)";
  ASSERT_NE(text.find(key), std::string::npos) << text;
  text.erase(text.find(key), key.size());
  EXPECT_EQ(document_from_json(text, "x").video->deinterlace, Deinterlacing::no);
}

}  // namespace
}  // namespace reverie
