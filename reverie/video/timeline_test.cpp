#include "reverie/video/timeline.h"

#include <gtest/gtest.h>

#include <set>

#include "reverie/base/error.h"
#include "reverie/base/random.h"
#include "reverie/recipe/recipe_json.h"

namespace reverie {
namespace {

const std::vector<LayerSpec> three{{"a", {}, 1}, {"b", {}, 1}, {"c", {}, 1}};

Timeline timeline_of(const ZoomSettings& settings, const Recipe& recipe = zoom_recipe()) {
  return {settings, recipe, three, 640, 480};
}

Keyframe key(int frame, Easing easing = Easing::linear) {
  Keyframe keyframe;
  keyframe.when.value = frame;
  keyframe.easing = easing;
  return keyframe;
}

TEST(ZoomFactor, UnderstandsPixelsAndFactors) {
  EXPECT_DOUBLE_EQ(zoom_factor(parse_zoom_step("1.02x"), 640), 1.02);
  EXPECT_DOUBLE_EQ(zoom_factor(parse_zoom_step("20"), 640), 640.0 / 600);
  EXPECT_DOUBLE_EQ(zoom_factor(parse_zoom_step("20px"), 640), 640.0 / 600);
  EXPECT_DOUBLE_EQ(zoom_factor(parse_zoom_step("-10"), 640), 640.0 / 660);
  EXPECT_DOUBLE_EQ(zoom_factor(parse_zoom_step("0"), 640), 1);
  for (const char* bad : {"", "x", "fast", "1.02y", "3x", "0x", "nanx", "1.02 x"})
    EXPECT_THROW(zoom_factor(parse_zoom_step(bad), 640), BadRecipe) << bad;
  EXPECT_THROW(zoom_factor(parse_zoom_step("161"), 640), BadRecipe);
}

TEST(Easing, BeginsAndEndsWhereItShould) {
  for (const auto& [name, easing, help] : easing_names) {
    EXPECT_EQ(eased(easing, 0), 0) << name;
    EXPECT_EQ(eased(easing, 1), 1) << name;
    double last = 0;
    for (int i = 1; i <= 20; ++i) {
      EXPECT_GE(eased(easing, i / 20.0), last) << name;
      last = eased(easing, i / 20.0);
    }
  }
}

TEST(Timeline, StandsStillWithoutKeyframes) {
  ZoomSettings settings;
  settings.timeline.wander = 0;
  settings.camera.zoom = parse_zoom_step("1.05x");
  settings.camera.rotate = 2;
  settings.timeline.strength = 0.5;
  const Timeline timeline = timeline_of(settings);
  for (int frame : {1, 50, 299}) {
    const FrameState state = timeline.at(frame);
    EXPECT_NEAR(state.move.zoom, 1.05, 1e-12);
    EXPECT_EQ(state.move.turn, 2);
    EXPECT_EQ(state.strength, 0.5);
    ASSERT_EQ(state.layers.size(), 1u);
    EXPECT_EQ(state.layers[0].layers.size(), 3u);
  }
}

TEST(Timeline, GoesBetweenKeyframesThatSayIt) {
  ZoomSettings settings;
  settings.timeline.keyframes = {key(10), key(15), key(20)};
  settings.timeline.keyframes[0].values["rotate"] = 0.0;
  settings.timeline.keyframes[1].values["centre-x"] = 0.25;
  settings.timeline.keyframes[2].values["rotate"] = 4.0;
  settings.timeline.keyframes[0].values["zoom"] = parse_zoom_step("1x");
  settings.timeline.keyframes[2].values["zoom"] = parse_zoom_step("1.21x");
  const Timeline timeline = timeline_of(settings);
  EXPECT_DOUBLE_EQ(timeline.at(1).move.turn, 0);
  EXPECT_DOUBLE_EQ(timeline.at(15).move.turn, 2);
  EXPECT_DOUBLE_EQ(timeline.at(25).move.turn, 4);
  EXPECT_NEAR(timeline.at(15).move.zoom, 1.1, 1e-12);  // the middle of logarithms
  EXPECT_DOUBLE_EQ(timeline.at(1).move.centre_x, 0.25);
  EXPECT_DOUBLE_EQ(timeline.at(99).move.centre_x, 0.25);
}

// Numbers go evenly; whole ones, names and switches wait for their keyframe.
TEST(Timeline, ChangesSettingsOfTheRecipe) {
  ZoomSettings settings;
  settings.timeline.keyframes = {key(10), key(20)};
  settings.timeline.keyframes[0].values = {
      {"step", 1.0}, {"octaves", 2.0}, {"color", std::string("keep")}, {"clip", false}};
  settings.timeline.keyframes[1].values = {
      {"step", 3.0}, {"octaves", 4.0}, {"color", std::string("free")}, {"iterations", 7.0}};
  Recipe recipe = zoom_recipe();
  recipe.blur = 0.5;
  const Timeline timeline = timeline_of(settings, recipe);
  const Recipe middle = timeline.at(15).recipe;
  EXPECT_DOUBLE_EQ(middle.step, 2);
  EXPECT_EQ(middle.octaves, 2);
  EXPECT_EQ(middle.color, Color::keep);
  EXPECT_FALSE(middle.clip);
  EXPECT_EQ(middle.iterations, 7);
  EXPECT_EQ(middle.blur, 0.5);
  EXPECT_EQ(timeline.at(19).recipe.octaves, 2);
  EXPECT_EQ(timeline.at(20).recipe.octaves, 4);
  EXPECT_EQ(timeline.at(20).recipe.color, Color::free);
  EXPECT_DOUBLE_EQ(timeline.at(99).recipe.step, 3);
}

TEST(Timeline, ChangesSettingsOfAVideo) {
  VideoSettings settings;
  settings.timeline.keyframes = {key(11), key(21)};
  settings.timeline.keyframes[0].values = {{"temporal-blend", 0.5}, {"carried-iterations", 1.0}};
  settings.timeline.keyframes[1].values = {
      {"temporal-blend", 1.0}, {"carried-iterations", 5.0}, {"scene-threshold", 0.25}};
  const Timeline timeline(settings, video_recipe(), three, 25);
  EXPECT_DOUBLE_EQ(timeline.at(16).temporal_blend, 0.75);
  EXPECT_EQ(timeline.at(16).carried_iterations, 1);
  EXPECT_EQ(timeline.at(21).carried_iterations, 5);
  EXPECT_EQ(timeline.at(1).scene_threshold, 0.25);
}

TEST(Timeline, KnowsKeyframesByTheirTimeToo) {
  ZoomSettings settings;
  settings.fps = 20;
  settings.timeline.tempo = 120;
  settings.timeline.keyframes = {key(10), key(0), key(0), key(50)};
  settings.timeline.keyframes[1].when = parse_key_time("1s");       // frame 20
  settings.timeline.keyframes[2].when = parse_key_time("4 beats");  // frame 40
  for (std::size_t i = 0; i < 4; ++i)
    settings.timeline.keyframes[i].values["strength"] = static_cast<double>(i);
  const Timeline timeline = timeline_of(settings);
  EXPECT_DOUBLE_EQ(timeline.at(15).strength, 0.5);
  EXPECT_DOUBLE_EQ(timeline.at(20).strength, 1);
  EXPECT_NEAR(timeline.at(30).strength, 1.5, 1e-12);
  EXPECT_DOUBLE_EQ(timeline.at(40).strength, 2);
  EXPECT_NEAR(timeline.at(45).strength, 2.5, 1e-12);

  // The first frame of a video is at 0 s, and others where they really are
  VideoSettings video;
  video.timeline.keyframes = {key(0), key(0)};
  video.timeline.keyframes[0].when = parse_key_time("1");
  video.timeline.keyframes[1].when = parse_key_time("3");
  video.timeline.keyframes[0].values["strength"] = 1.0;
  video.timeline.keyframes[1].values["strength"] = 2.0;
  const Timeline uneven(video, video_recipe(), three, 10);
  EXPECT_DOUBLE_EQ(uneven.at(11).strength, 1);
  EXPECT_DOUBLE_EQ(uneven.at(21).strength, 1.5);
  EXPECT_DOUBLE_EQ(uneven.at({4, 2.5}).strength, 1.75);
}

// Half a second of noise at 1 s and at 2 s.
SoundAnalysis two_strokes() {
  std::vector<float> samples(4 * 48000);
  RandomStream stream = Random(1).at(RandomUse::noise, 0, 0, 0);
  for (const std::size_t begin : {48000u, 96000u})
    for (std::size_t i = 0; i < 2400; ++i)
      samples[begin + i] = (1 - static_cast<float>(i) / 2400) * (2 * stream.uniform() - 1);
  return SoundAnalysis(samples);
}

TEST(Timeline, ASoundMovesSettings) {
  const SoundAnalysis sound = two_strokes();
  ZoomSettings settings;
  settings.timeline.sound.file = "strokes.wav";
  settings.timeline.strength = 7;
  for (const char* beat : {"strength=onsets:0.5..2.5@decay=0.1", "zoom=onsets:1x..1.21x@decay=0.1",
                           "octaves=onsets:1..4@decay=0.1", "step=onsets:3..1@decay=0.1"})
    settings.timeline.beats.push_back(parse_beat_spec(beat));
  const Timeline timeline(settings, zoom_recipe(), three, 640, 480, &sound);
  for (const int frame : {10, 29, 55, 59}) {
    EXPECT_NEAR(timeline.at(frame).strength, 0.5, 0.01) << frame;
    EXPECT_NEAR(timeline.at(frame).move.zoom, 1, 1e-3);
    EXPECT_EQ(timeline.at(frame).recipe.octaves, 1);
  }
  for (const int frame : {30, 60}) {
    EXPECT_GT(timeline.at(frame).strength, 2.3) << frame;
    EXPECT_GT(timeline.at(frame).move.zoom, 1.19);
    EXPECT_EQ(timeline.at(frame).recipe.octaves, 4);
    EXPECT_LT(timeline.at(frame).recipe.step, 1.2);
  }
  EXPECT_LT(timeline.at(33).strength, timeline.at(31).strength);

  // The part of a sound that a video begins with
  VideoSettings video;
  video.timeline.beats = {parse_beat_spec("strength=onsets:0..1@decay=0.1")};
  const Timeline later(video, video_recipe(), three, 30, &sound);
  EXPECT_GT(later.at({16, 0.5, 0.5}).strength, 0.9);
  EXPECT_LT(later.at({16, 0.5, 0}).strength, 0.01);
}

TEST(Timeline, KeyframesBeginAndEndWhatASoundMoves) {
  const SoundAnalysis sound = two_strokes();
  ZoomSettings settings;
  settings.timeline.sound.file = "strokes.wav";
  settings.timeline.beats = {parse_beat_spec("strength=onsets:0..1@decay=0.1")};
  settings.timeline.keyframes = {key(1), key(45)};
  settings.timeline.keyframes[0].values["strength"] = 0.25;
  settings.timeline.keyframes[1].values["beat"] = std::vector<BeatSpec>{};
  const auto strength_at = [&](int frame) {
    return Timeline(settings, zoom_recipe(), three, 640, 480, &sound).at(frame).strength;
  };
  // Its only value holds before the keyframe, too
  EXPECT_EQ(strength_at(60), 0.25);
  settings.timeline.keyframes[0].values["beat"] = settings.timeline.beats;
  EXPECT_GT(strength_at(30), 0.9);
  EXPECT_LT(strength_at(44), 0.1);
  EXPECT_EQ(strength_at(60), 0.25);
}

TEST(Timeline, BeatsAreFoundOrStated) {
  std::vector<float> samples(10 * 48000);
  for (std::size_t beat = 0; beat < 18; ++beat)
    for (std::size_t i = 0; i < 480; ++i)
      samples[12000 + 24000 * beat + i] = i % 2 == 0 ? 0.8f : -0.8f;  // from 0.25 s, two a second
  const SoundAnalysis sound(samples);
  ZoomSettings settings;
  settings.timeline.sound.file = "clicks.wav";
  settings.timeline.keyframes = {key(0), key(0)};
  settings.timeline.keyframes[0].when = parse_key_time("4 beats");
  settings.timeline.keyframes[1].when = parse_key_time("6 beats");
  settings.timeline.keyframes[0].values["strength"] = 1.0;
  settings.timeline.keyframes[1].values["strength"] = 2.0;
  const Timeline found(settings, zoom_recipe(), three, 640, 480, &sound);
  EXPECT_NEAR(found.at(83).strength, 1.5, 0.05);  // 2.75 s
  settings.timeline.tempo = 60;
  const Timeline stated(settings, zoom_recipe(), three, 640, 480, &sound);
  EXPECT_NEAR(stated.at(150).strength, 1.5, 1e-9);
  settings.timeline.tempo = 0;
  const SoundAnalysis silent;
  EXPECT_THROW(Timeline(settings, zoom_recipe(), three, 640, 480, &silent), BadRecipe);
}

TEST(Timeline, RefusesBeatsThatContradictTheRecipe) {
  const SoundAnalysis sound = two_strokes();
  Recipe recipe = zoom_recipe();
  recipe.octaves_above = 1;
  ZoomSettings settings;
  settings.timeline.sound.file = "strokes.wav";
  settings.timeline.beats = {parse_beat_spec("octaves=bass:1..3")};
  EXPECT_THROW(Timeline(settings, recipe, three, 640, 480, &sound), BadRecipe);
  settings.timeline.beats = {parse_beat_spec("octaves=bass:2..3")};
  Timeline(settings, recipe, three, 640, 480, &sound);
}

std::string refusal(const ZoomSettings& settings, const Recipe& recipe = zoom_recipe()) {
  try {
    timeline_of(settings, recipe);
  } catch (const BadRecipe& error) {
    return error.what();
  }
  return "";
}

TEST(Timeline, RefusesKeyframesThatContradictEachOther) {
  ZoomSettings settings;
  settings.timeline.keyframes = {key(90), key(0)};
  settings.timeline.keyframes[1].when = parse_key_time("2s");  // frame 60
  EXPECT_EQ(refusal(settings),
            "timeline: 2s (2.00 s) after frame 90 (3.00 s), expected rising times");

  // Settings that go together with the recipe's, but not at this keyframe
  Recipe recipe = zoom_recipe();
  recipe.octaves_above = 2;
  settings.timeline.keyframes = {key(9), key(30)};
  settings.timeline.keyframes[0].values["octaves"] = 3.0;
  settings.timeline.keyframes[1].values["octaves"] = 2.0;
  EXPECT_EQ(refusal(settings, recipe),
            "timeline: at frame 30: octaves-above is 2, expected less than octaves, which is 2");

  // Or only between two
  recipe = zoom_recipe();
  recipe.octave_mode = OctaveMode::recursive;
  settings.timeline.keyframes[0].values = {{"octave-scale", 1.0}};
  settings.timeline.keyframes[1].values = {{"octave-scale", 1.5}};
  EXPECT_NE(refusal(settings, recipe).find("at frame 10: octave-scale is"), std::string::npos);
}

TEST(Timeline, FadesFromLayerToLayer) {
  ZoomSettings settings;
  settings.timeline.keyframes = {key(10), key(20)};
  settings.timeline.keyframes[0].values["layer"] = std::vector<LayerSpec>{three[0]};
  settings.timeline.keyframes[1].values["layer"] = std::vector<LayerSpec>{three[1]};
  const Timeline timeline = timeline_of(settings);
  EXPECT_EQ(timeline.at(5).layers.size(), 1u);
  const FrameState middle = timeline.at(13);
  ASSERT_EQ(middle.layers.size(), 2u);
  EXPECT_NEAR(middle.layers[0].weight, 0.7, 1e-12);
  EXPECT_EQ(middle.layers[1].layers, std::vector{three[1]});
  EXPECT_EQ(timeline.at(20).layers[0].layers, std::vector{three[1]});
}

TEST(Timeline, FadesFromGuideToGuideWhileLayersDo) {
  ZoomSettings settings;
  settings.timeline.keyframes = {key(10), key(20)};
  settings.timeline.keyframes[0].values["guide"] = std::vector<GuideSpec>{{"flowers.jpg", 1}};
  settings.timeline.keyframes[1].values["guide"] =
      std::vector<GuideSpec>{{"shells.jpg", 0.5}, {"sand.jpg", 1}};
  EXPECT_EQ(guides_of({}, settings.timeline.keyframes).size(), 3u);
  const Timeline plain = timeline_of(settings);
  ASSERT_EQ(plain.at(5).layers.size(), 1u);
  EXPECT_EQ(plain.at(5).layers[0].guides, settings.timeline.keyframes[0].guides());
  EXPECT_EQ(plain.at(30).layers[0].guides, settings.timeline.keyframes[1].guides());

  settings.timeline.keyframes[0].values["layer"] = std::vector<LayerSpec>{three[0]};
  settings.timeline.keyframes[1].values["layer"] = std::vector<LayerSpec>{three[1]};
  const FrameState middle = timeline_of(settings).at(13);
  ASSERT_EQ(middle.layers.size(), 4u);
  double whole = 0;
  for (const LayerWeight& layer : middle.layers) whole += layer.weight;
  EXPECT_NEAR(whole, 1, 1e-12);
  EXPECT_NEAR(middle.layers[0].weight, 0.7 * 0.7, 1e-12);
  EXPECT_EQ(middle.layers[0].guides, settings.timeline.keyframes[0].guides());
  EXPECT_EQ(middle.layers[3].guides, settings.timeline.keyframes[1].guides());
  EXPECT_EQ(middle.layers[3].layers, std::vector{three[1]});

  Recipe recipe;
  recipe.guide = {{"own.jpg", 1}};
  auto all = guides_of(recipe, settings.timeline.keyframes);
  for (GuideSpec& guide : all) guide.file = "elsewhere/" + guide.file;
  set_guides(all, recipe, settings.timeline.keyframes);
  EXPECT_EQ(recipe.guide[0].file, "elsewhere/own.jpg");
  EXPECT_EQ(settings.timeline.keyframes[1].guides()[1].file, "elsewhere/sand.jpg");
}

TEST(Timeline, WandersToAnotherStopEachTime) {
  ZoomSettings settings;
  settings.frames = 200;
  settings.timeline.wander = 10;
  settings.timeline.fade = 4;
  const Timeline timeline = timeline_of(settings);
  std::set<std::string> visited;
  for (int frame = 10; frame < 190; frame += 10) {
    const FrameState here = timeline.at(frame), next = timeline.at(frame + 10);
    ASSERT_EQ(here.layers.size(), 1u);
    EXPECT_NE(here.layers[0].layers, next.layers[0].layers) << frame;
    visited.insert(here.layers[0].layers[0].name);

    // The fade in between, whose shares make a whole
    double last = 0;
    for (int k = 1; k <= 4; ++k) {
      const FrameState fading = timeline.at(frame + k);
      ASSERT_EQ(fading.layers.size(), 2u);
      EXPECT_NEAR(fading.layers[0].weight + fading.layers[1].weight, 1, 1e-12);
      EXPECT_GT(fading.layers[1].weight, last);
      last = fading.layers[1].weight;
    }
  }
  EXPECT_EQ(visited.size(), 3u);
}

// Frame k of a fade of n has smooth(k / (n + 1)) of the new layer.
TEST(Timeline, FadesSmoothlyAndWithoutAFrameOfOneLayer) {
  ZoomSettings settings;
  settings.frames = 40;
  settings.timeline.wander = 10;
  settings.timeline.fade = 4;
  const Timeline timeline = timeline_of(settings);
  const double expected[] = {0.104, 0.352, 0.648, 0.896};
  for (int k = 1; k <= 4; ++k) {
    const FrameState fading = timeline.at(20 + k);
    EXPECT_NEAR(fading.layers[0].weight, 1 - expected[k - 1], 1e-12) << k;
    EXPECT_NEAR(fading.layers[1].weight, expected[k - 1], 1e-12) << k;
  }
  EXPECT_EQ(timeline.at(25).layers.size(), 1u);
}

TEST(Timeline, ALongerVideoBeginsTheSame) {
  ZoomSettings settings;
  settings.frames = 50;
  settings.timeline.wander = 7;
  ZoomSettings longer = settings;
  longer.frames = 500;
  longer.loop = 20;
  for (int frame = 1; frame < 50; ++frame)
    EXPECT_EQ(timeline_of(settings).at(frame).layers[0].layers,
              timeline_of(longer).at(frame).layers[0].layers);
}

// A zoom wanders by default, but not away from what its timeline asks for.
TEST(Timeline, WithLayersStaysAtThem) {
  ZoomSettings settings;
  settings.timeline.wander = 5;
  settings.timeline.keyframes = {key(1)};
  settings.timeline.keyframes[0].values["layer"] = std::vector<LayerSpec>{three[1]};
  const Timeline timeline = timeline_of(settings);
  for (int frame : {1, 7, 30, 200})
    EXPECT_EQ(timeline.at(frame).layers[0].layers, std::vector<LayerSpec>{three[1]}) << frame;
}

TEST(Timeline, VisitsTheLooksThatANetworkOffersForIt) {
  Network network;
  network.graph.add("data", Input{}, {});
  for (const char* layer : {"a", "b", "c"}) network.graph.add(layer, Relu{}, {0});
  network.good_layers = {"a", "b", "c"};
  EXPECT_EQ(layers_to_visit(network),
            (std::vector<LayerSpec>{{"a", {}, 1}, {"b", {}, 1}, {"c", {}, 1}}));
  network.looks = {
      {"lines", "", {{"a"}}, {}, false}, {"eyes", "", {{"b"}}}, {"fish", "", {{"c", 1}, {"b", 2}}}};
  EXPECT_EQ(layers_to_visit(network), (std::vector<LayerSpec>{{"eyes", {}, 1}, {"fish", {}, 1}}));
}

TEST(Timeline, RefusesContradictions) {
  ZoomSettings settings;
  settings.timeline.keyframes = {key(10), key(10)};
  EXPECT_THROW(validate(settings), BadRecipe);
  settings.timeline.keyframes = {key(1), key(2)};
  settings.timeline.keyframes[1].values["layer"] = std::vector<LayerSpec>{three[0]};
  validate(settings);
  settings = {};
  settings.loop = settings.frames = 100;
  EXPECT_THROW(validate(settings), BadRecipe);
  settings = {};
  settings.camera.centre_x = 2;
  EXPECT_THROW(validate(settings), BadRecipe);
}

TEST(ZoomJson, ReadsBackWhatItWrites) {
  DreamDocument document;
  document.zoom.emplace();
  document.zoom->camera.zoom = {12, ZoomStep::Unit::px};
  document.zoom->camera.pan_x = -0.5;
  document.zoom->timeline.keyframes = {key(3), key(9, Easing::slow_end)};
  document.zoom->timeline.keyframes[0].values["layer"] =
      std::vector<LayerSpec>{{"4c/output", {3, 4}, 0.5}};
  document.zoom->timeline.keyframes[1].values["zoom"] = parse_zoom_step("1.1x");
  document.zoom->timeline.keyframes[1].values["guide"] = std::vector<GuideSpec>{{"a.jpg", 0.5}};
  document.zoom->timeline.keyframes[1].values["strength"] = 2.0;
  const DreamDocument again = document_from_json(document_to_json(document), "test");
  ASSERT_TRUE(again.zoom.has_value());
  EXPECT_EQ(*again.zoom, *document.zoom);
  EXPECT_EQ(first_difference(again, document), "");
  DreamDocument other = document;
  other.zoom->camera.pan_x = 1;
  EXPECT_EQ(first_difference(document, other), "pan_x is -0.5 there and 1.0 here");
  other = document;
  other.recipe.seed = 6;
  EXPECT_EQ(first_difference(document, other), "seed is 0 there and 6 here");
}

TEST(ZoomJson, SaysWhichKeyframeIsWrong) {
  const auto complaint = [](const char* text) -> std::string {
    try {
      zoom_from_json(text, "video.json");
    } catch (const BadRecipe& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(complaint(R"({"timeline": [{"frame": 1}, {"frame": 2, "zom": 3}]})"),
            "video.json: timeline: keyframe 2: no setting 'zom'; the nearest is 'zoom'");
  EXPECT_EQ(complaint(R"({"timeline": [{"zoom": 3}]})"),
            "video.json: timeline: keyframe 1: no \"frame\" and no \"time\", expected one of them");
  EXPECT_EQ(complaint(R"({"timeline": [{"frame": 1, "easing": "soft"}]})"),
            "video.json: timeline: keyframe 1: easing is \"soft\", expected linear, smooth, "
            "slow-start, slow-end, step");
  EXPECT_EQ(complaint(R"({"timeline": 3})"),
            "video.json: timeline is 3, expected a list of keyframes");
  EXPECT_EQ(zoom_from_json(R"({"zoom": 7})", "video.json").camera.zoom,
            (ZoomStep{7, ZoomStep::Unit::px}));
}

}  // namespace
}  // namespace reverie
