// Settings that say what of a picture stays and what dreams, as a user gives them.
#include "tests/cli/program.h"

namespace reverie::test {
namespace {

// A PNG's compressed pixels, without the recipe beside them.
std::string image_data(const std::string& png) {
  std::string data;
  for (std::size_t at = 8; at + 12 <= png.size();) {
    std::size_t length = 0;
    for (std::size_t i = 0; i < 4; ++i)
      length = length << 8 | static_cast<unsigned char>(png[at + i]);
    if (png.compare(at + 4, 4, "IDAT") == 0) data += png.substr(at + 8, length);
    at += length + 12;
  }
  return data;
}

class Look : public ProgramTest {
 protected:
  // Dreams sky.png shortly into `output`, with these options.
  void dream(const std::string& output, std::vector<std::string> options) const {
    options.insert(options.begin(), {"image", "sky.png", "-o", output, "--overwrite"});
    options.insert(options.end(), short_dream().begin(), short_dream().end());
    const Finished finished = reverie(options);
    ASSERT_EQ(finished.status, 0) << finished.err;
  }
};

TEST_F(Look, MatchToneIsASettingThatChangesThePicture) {
  make_scene("sky.png");
  dream("free.png", {});
  dream("held.png", {"--match-tone", "full"});
  dream("none.png", {"--match-tone", "none"});
  EXPECT_NE(read("held.png"), read("free.png"));
  EXPECT_EQ(read("none.png"), read("free.png"));
  EXPECT_EQ(reverie({"recipe", "held.png"}).json()["recipe"]["match_tone"], "full");
  expect_refusal({"image", "sky.png", "--match-tone", "all"}, 2,
                 {"--match-tone", "none, mean, full"});
}

// A look of the network brings settings of its own, and gives way to those that are typed.
TEST_F(Look, OfANetworkBringsSettingsUnlessTheyAreTyped) {
  make_scene("sky.png");
  const auto recipe_of = [&](const std::string& output, std::vector<std::string> options) {
    options.insert(options.begin(), {"image", "sky.png", "-o", output, "-l", "fish"});
    const Finished finished = reverie(options);
    EXPECT_EQ(finished.status, 0) << finished.err;
    return reverie({"recipe", output}).json()["recipe"];
  };
  const auto look = recipe_of("look.png", {"--iterations", "1"});
  EXPECT_EQ(look["octaves"], 5);
  EXPECT_EQ(look["iterations"], 1);
  EXPECT_EQ(look["layer"][0], "5b/output");
  // What is typed counts, even where it is the preset's own value
  EXPECT_EQ(recipe_of("typed.png", {"--iterations", "1", "--octaves", "4"})["octaves"], 4);
  // A recipe file is the dream that it came from
  write("mine.json", reverie({"recipe", "typed.png"}).out);
  EXPECT_EQ(recipe_of("again.png", {"-p", "mine.json"})["octaves"], 4);
}

TEST_F(Look, EverySettingChangesThePicture) {
  make_scene("sky.png");
  make_scene("mask.png", "50x40");
  const std::string layer = reverie({"layers", "--json"}).json()["default_layer"];
  dream("free.png", {});
  const std::vector<std::vector<std::string>> trials{
      {"--mask", "mask.png"},
      {"--mask", "mask.png", "--mask-invert"},
      {"--mask", "mask.png", "--mask-feather", "9"},
      {"--color", "keep"},
      {"--start", "noise"},
      {"--start", "grey"},
      {"--wrap"},
      {"--optimizer", "momentum"},
      {"--optimizer", "momentum", "--momentum", "0.5"},
      {"--optimizer", "adam"},
      {"--tv-penalty", "0.5"},
      {"--source-penalty", "0.5"},
      {"--random-flip"},
      {"--random-rotation", "10"},
      {"--random-scale", "1.2"},
      {"-l", layer + "@at=0.5,0.5"},
      {"-l", layer + "@octaves=0", "-l", layer + ":0@octaves=1"}};
  std::map<std::string, std::string> seen{{image_data(read("free.png")), "nothing"}};
  for (const auto& options : trials) {
    dream("changed.png", options);
    const auto [known, is_new] = seen.emplace(image_data(read("changed.png")), options.back());
    EXPECT_TRUE(is_new) << options.front() << ' ' << options.back() << " looks like "
                        << known->second;
  }
}

TEST_F(Look, WhiteMasksDoNothingAndTheirInverseLeavesThePicture) {
  make_scene("sky.png");
  write("white.pgm", std::string("P5\n2 2\n255\n") + std::string(4, '\xFF'));
  const auto pixels = [&](const std::vector<std::string>& options) {
    dream("out.png", options);
    return image_data(read("out.png"));
  };
  const std::string free = pixels({}), untouched = pixels({"--step", "0"});
  EXPECT_EQ(pixels({"--mask", "white.pgm"}), free);
  EXPECT_EQ(pixels({"--mask", "white.pgm", "--mask-invert"}), untouched);
  EXPECT_NE(free, untouched);
}

TEST_F(Look, RedoFindsTheMaskAndNoticesAnother) {
  make_scene("sky.png");
  make_scene("mask.png", "40x40");
  dream("d.png", {"--mask", "mask.png"});
  ASSERT_EQ(reverie({"redo", "d.png", "-o", "again.png"}).status, 0);
  EXPECT_EQ(read("again.png"), read("d.png"));
  make_scene("other.png", "40x44");
  fs::rename(folder_ / "other.png", folder_ / "mask.png");
  expect_refusal({"redo", "d.png", "-o", "more.png"}, 1, {"mask 'mask.png' has changed"});
  fs::remove(folder_ / "mask.png");
  expect_refusal({"redo", "d.png", "-o", "more.png"}, 1, {"mask.png", "--mask"});
}

TEST_F(Look, SeveralGuidesWithWeights) {
  make_scene("sky.png");
  make_scene("a.png", "64x70");
  make_scene("b.png", "80x64");
  const std::string layer = reverie({"layers", "--json"}).json()["default_layer"];
  dream("one.png", {"-l", layer, "--guide", "a.png"});
  dream("two.png", {"-l", layer, "--guide", "a.png", "--guide", "b.png=0.5"});
  EXPECT_NE(read("one.png"), read("two.png"));
  const auto document = reverie({"recipe", "two.png"}).json();
  EXPECT_EQ(document["guides"].size(), 2u);
  EXPECT_EQ(document["recipe"]["guide"], (nlohmann::json{"a.png", "b.png=0.5"}));
}

TEST_F(Look, EachObjectiveHasItsMask) {
  make_scene("sky.png");
  write("left.pgm", std::string("P5\n2 1\n255\n") + '\xFF' + '\0');
  write("right.pgm", std::string("P5\n2 1\n255\n") + '\0' + '\xFF');
  const std::string layer = reverie({"layers", "--json"}).json()["default_layer"];
  dream("all.png", {"-l", layer});
  dream("left.png", {"-l", layer + "@mask=left.pgm"});
  dream("both.png", {"-l", layer + "@mask=left.pgm", "-l", "3a/concat@mask=right.pgm=0.1"});
  EXPECT_NE(read("left.png"), read("all.png"));
  EXPECT_NE(read("both.png"), read("left.png"));
  ASSERT_EQ(reverie({"redo", "both.png", "-o", "again.png"}).status, 0);
  EXPECT_EQ(read("again.png"), read("both.png"));
  expect_refusal({"image", "sky.png", "-l", layer + "@mask=nowhere.png"}, 1, {"nowhere.png"});
}

TEST_F(Look, ConflictsGetOneLine) {
  make_scene("sky.png");
  make_scene("a.png");
  const auto refused = [&](std::vector<std::string> options,
                           const std::vector<std::string>& words) {
    options.insert(options.begin(), {"image", "sky.png"});
    expect_refusal(options, 2, words);
  };
  refused({"--guide", "a.png"}, {"guide", "--layer"});
  refused({"--guide", "a.png", "-p", "laplacian"}, {"guide", "--layer"});
  refused({"--guide", "a.png", "-p", "recursive"}, {"guide", "recursi"});
  refused({"--guide", "a.png", "-l", "3a/concat", "-p", "hvass"}, {"guide", "recursive"});
  refused({"--guide", "a.png", "-l", "3a/concat@at=0,0"}, {"@at", "guide"});
  refused({"--wrap", "--mask", "a.png"}, {"wrap", "mask"});
  refused({"--wrap", "--random-rotation", "5"}, {"wrap", "random-rotation"});
  refused({"-l", "3a/concat@mask=a.png", "--random-flip"}, {"@mask", "random-flip"});
  refused({"-l", "3a/concat@mask=a.png@at=0,0"}, {"@mask"});
  refused({"--mask-invert"}, {"mask-invert", "mask"});
  for (const char* video : {"zoom", "video"})
    expect_refusal({video, "sky.png", "--guide", "a.png"}, 2, {"guide", "--layer"});
}

// What the program says of its settings' former names.
struct Former {
  std::vector<std::string> options, present;  // as they are typed
};

// Every former name and value of a recipe's settings, typed: as many rounds as a setting has
// former forms at most, each with one form of each setting.
std::vector<Former> former_rounds(const nlohmann::json& settings) {
  std::vector<Former> rounds;
  for (const nlohmann::json& setting : settings) {
    if (!setting.contains("former")) continue;
    const std::string name = setting["name"];
    std::vector<std::pair<std::vector<std::string>, std::vector<std::string>>> forms;
    for (const std::string& former : setting["former"]["names"].get<std::vector<std::string>>()) {
      if (setting["kind"] == "flag") {
        forms.push_back({{"--" + former}, {"--" + name}});
        continue;
      }
      const std::string value = setting.contains("choices")
                                    ? setting["choices"].back()["name"].get<std::string>()
                                : name == "random-scale" ? "1.2"
                                                         : "0.5";
      forms.push_back({{"--" + former, value}, {"--" + name, value}});
    }
    for (const auto& [former, value] : setting["former"]["values"].items())
      forms.push_back({{"--" + name, former}, {"--" + name, value.get<std::string>()}});
    rounds.resize(std::max(rounds.size(), forms.size()));
    for (std::size_t i = 0; i < forms.size(); ++i) {
      auto& [options, present] = rounds[i];
      options.insert(options.end(), forms[i].first.begin(), forms[i].first.end());
      present.insert(present.end(), forms[i].second.begin(), forms[i].second.end());
    }
  }
  return rounds;
}

TEST_F(Look, FormerNamesOfSettingsAreUnderstood) {
  make_scene("sky.png");
  const nlohmann::json settings = reverie({"options", "--json"}).json();
  const std::vector<Former> rounds = former_rounds(settings["recipe"]);
  ASSERT_GE(rounds.size(), 3u);
  for (auto [options, present] : rounds) {
    // No level of its own size goes with every mode
    for (auto* words : {&options, &present}) words->insert(words->end(), {"--octaves", "1"});
    dream("former.png", options);
    dream("present.png", present);
    EXPECT_EQ(read("former.png"), read("present.png")) << options.front();
  }
  const std::string help = reverie({"image", "--help"}).out;
  for (const nlohmann::json& setting : settings["recipe"]) {
    if (!setting.contains("former")) continue;
    for (const std::string& former : setting["former"]["names"].get<std::vector<std::string>>())
      EXPECT_EQ(help.find("--" + former + " "), std::string::npos) << former;
  }
}

TEST_F(Look, ASettingByBothOfItsNamesIsRefused) {
  make_scene("sky.png");
  expect_refusal({"image", "sky.png", "--hold", "tone", "--match-tone", "full"}, 2,
                 {"--match-tone", "former name"});
  expect_refusal({"image", "sky.png", "--flip", "--no-random-flip"}, 2, {"former name"});
  write("both.json", R"({"ladder": "detail", "octave_mode": "detail"})");
  expect_refusal({"image", "sky.png", "-p", "both.json"}, 1,
                 {"both.json", "'ladder'", "'octave_mode'"});
  for (const char* film : {"--carry", "--cut"})
    expect_refusal({"video", "sky.png", film, "2"}, 2, {"0 to 1"});
}

TEST_F(Look, BadSettingsGetOneLine) {
  make_scene("sky.png");
  expect_refusal({"image", "sky.png", "--mask", "nowhere.png"}, 1, {"nowhere.png"});
  expect_refusal({"image", "sky.png", "--mask-feather", "3"}, 2, {"needs a mask"});
  expect_refusal({"image", "sky.png", "--mask-feather", "-1"}, 2, {"0 to 1000"});
  expect_refusal({"image", "sky.png", "--color", "some"}, 2, {"free, keep"});
  expect_refusal({"image", "sky.png", "--optimizer", "best"}, 2, {"ascent, momentum, adam"});
  expect_refusal({"image", "sky.png", "--momentum", "1"}, 2, {"0 to 0.999"});
  expect_refusal({"image", "sky.png", "--start", "here"}, 2, {"source, noise, grey"});
  expect_refusal({"image", "sky.png", "-l", "4c@octaves=x"}, 2, {"'x' is not an octave"});
  expect_refusal({"image", "sky.png", "-l", "4c@at=3,3"}, 2, {"0 to 1"});
  expect_refusal({"image", "sky.png", "-l", "@class=tabby", "--quiet"}, 1, {"classifier"});
  expect_refusal({"image", "sky.png", "--guide", "=3"}, 2, {"names no picture"});
  const std::string layer = reverie({"layers", "--json"}).json()["default_layer"];
  expect_refusal({"image", "sky.png", "-l", layer + "@direction=nowhere.npy"}, 1, {"nowhere.npy"});
  write("short.json", "[1, 2]");
  expect_refusal({"image", "sky.png", "-l", layer + "@direction=short.json"}, 1, {"has 2 numbers"});
  expect_refusal({"image", "sky.png", "-l", layer + "@octaves=0", "--quiet"}, 1,
                 {"octave 1 has no layer"});
}

TEST_F(Look, SweepsMakeOneSheet) {
  make_scene("sky.png");
  std::vector<std::string> arguments{"image",   "sky.png", "--json", "--sweep", "iterations=1,2,3",
                                     "--sweep", "step=1,4"};
  arguments.insert(arguments.end(), {"--octaves", "1"});
  const Finished finished = reverie(arguments);
  ASSERT_EQ(finished.status, 0) << finished.err;
  EXPECT_EQ(finished.json()["output"], "sky.sweep.png");
  EXPECT_EQ(finished.json()["finished"], 6);
  EXPECT_EQ(finished.json()["width"], 2 * (96 + 6) + 6);
  EXPECT_TRUE(exists("sky.sweep.png"));
  expect_refusal({"image", "sky.png", "--sweep", "step=1"}, 1, {"sky.sweep.png", "--overwrite"});
  expect_refusal({"image", "sky.png", "--sweep", "stap=1"}, 2, {"nearest is 'step'"});
  expect_refusal({"image", "sky.png", "sky.png", "--sweep", "step=1"}, 2, {"one picture"});
  expect_refusal({"image", "sky.png", "--sweep", "step=1,9999"}, 2, {"0 to 1000"});
}

}  // namespace
}  // namespace reverie::test
