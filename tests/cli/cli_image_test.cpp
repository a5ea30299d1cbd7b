// Dreams on small pictures by the network inside: what is written where, and what is said.
#include "tests/cli/program.h"

namespace reverie::test {
namespace {

class Image : public ProgramTest {
 protected:
  Finished dream(std::vector<std::string> arguments, const std::string& standard_input = {}) const {
    arguments.insert(arguments.begin(), "image");
    arguments.insert(arguments.end(), short_dream().begin(), short_dream().end());
    return reverie(arguments, standard_input);
  }
};

bool is_png(const std::string& bytes) { return bytes.substr(0, 4) == "\x89PNG"; }
bool is_jpeg(const std::string& bytes) { return bytes.substr(0, 2) == "\xFF\xD8"; }

TEST_F(Image, DefaultsNeedNothingButAPicture) {
  make_scene("sky.png");
  const Finished finished = reverie({"image", "sky.png"});
  EXPECT_EQ(finished.status, 0) << finished.err;
  EXPECT_EQ(finished.out, "");
  EXPECT_NE(finished.err.find("sky.dream.png"), std::string::npos) << finished.err;
  EXPECT_TRUE(is_png(read("sky.dream.png")));
  EXPECT_NE(read("sky.dream.png"), read("sky.png"));
}

TEST_F(Image, NothingIsNeededBesidesTheProgram) {
  make_scene("sky.png");
  fs::create_directory(folder_ / "home");
  const Finished finished =
      reverie_by("home=$PWD/home; env -i PATH=\"$PATH\" HOME=\"$home\" \"$@\" && rmdir \"$home\"",
                 {"image", "sky.png"});
  EXPECT_EQ(finished.status, 0) << finished.err;  // and nothing was left in the home, or it stays
  EXPECT_TRUE(is_png(read("sky.dream.png")));
}

TEST_F(Image, NamesTheOutputAfterTheStemInTheCurrentFolder) {
  fs::create_directory(folder_ / "album");
  make_scene("album/my.holiday.jpg");
  EXPECT_EQ(dream({"album/my.holiday.jpg"}).status, 0);
  EXPECT_TRUE(exists("my.holiday.dream.png"));
}

TEST_F(Image, FormatFollowsTheExtension) {
  make_scene("sky.png");
  EXPECT_EQ(dream({"sky.png", "-o", "out.jpg"}).status, 0);
  EXPECT_TRUE(is_jpeg(read("out.jpg")));
  EXPECT_EQ(dream({"sky.png", "--format", "webp"}).status, 0);
  EXPECT_EQ(read("sky.dream.webp").substr(0, 4), "RIFF");
  EXPECT_EQ(dream({"sky.png", "-o", "out.tif", "--bits", "32"}).status, 0);
  EXPECT_TRUE(exists("out.tif"));
}

TEST_F(Image, ReducesPhotographsOfManyMegapixels) {
  std::string large = "P5\n2600 2400\n255\n";
  for (int i = 0; i < 2600 * 2400; ++i) large += static_cast<char>(i / 2600 % 200 + i % 50);
  write("large.pgm", large);
  const std::vector<std::string> quick{"--octaves", "1", "--iterations", "2", "--layer", "conv2"};
  const auto made = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), quick.begin(), quick.end());
    const Finished finished = reverie(arguments);
    EXPECT_EQ(finished.status, 0) << finished.err;
    return finished;
  };
  Finished finished = made({"image", "large.pgm", "-o", "a.png"});
  EXPECT_NE(finished.err.find("large.pgm: 2600x2400 is reduced to 2048x1890, about "),
            std::string::npos)
      << finished.err;
  EXPECT_NE(finished.err.find("--size full"), std::string::npos) << finished.err;
  EXPECT_EQ(reverie({"recipe", "a.png"}).json()["recipe"]["size"], "2048");

  // The same pixels as by that size, and made again
  made({"image", "large.pgm", "-o", "b.png", "--size", "2048"});
  EXPECT_EQ(read("a.png"), read("b.png"));
  ASSERT_EQ(reverie({"redo", "a.png", "-o", "again.png"}).status, 0);
  EXPECT_EQ(read("again.png"), read("a.png"));

  // All of it where that is asked for, also by a recipe of before
  finished = made({"image", "large.pgm", "-o", "full.png", "--size", "full", "--json"});
  EXPECT_EQ(finished.json()["dreams"][0]["width"], 2600);
  EXPECT_EQ(finished.err.find("reduced"), std::string::npos) << finished.err;
}

TEST_F(Image, OverwritesOnlyWhenTold) {
  make_scene("sky.png");
  write("sky.dream.png", "old");
  EXPECT_EQ(dream({"sky.png", "--overwrite"}).status, 0);
  EXPECT_TRUE(is_png(read("sky.dream.png")));
}

TEST_F(Image, PipesCarryPictures) {
  make_scene("sky.png");
  const std::string bytes = read("sky.png");
  const Finished piped = dream({"-"}, bytes);
  EXPECT_EQ(piped.status, 0) << piped.err;
  EXPECT_TRUE(is_png(piped.out));
  const Finished jpeg = dream({"-", "-o", "-", "--format", "jpg"}, bytes);
  EXPECT_TRUE(is_jpeg(jpeg.out)) << jpeg.err;
  const Finished file = dream({"-", "-o", "out.png"}, bytes);
  EXPECT_EQ(file.status, 0) << file.err;
  EXPECT_EQ(read("out.png"), piped.out);
}

TEST_F(Image, FoldersAreDreamedWithoutWhatWasDreamedBefore) {
  fs::create_directory(folder_ / "album");
  make_scene("album/b.png");
  make_scene("album/a.jpg");
  make_scene("album/c.dream.png");
  write("album/notes.txt", "no picture");
  const Finished finished = dream({"album", "-o", "dreams/"});
  EXPECT_EQ(finished.status, 0) << finished.err;
  EXPECT_TRUE(exists("dreams/a.dream.png"));
  EXPECT_TRUE(exists("dreams/b.dream.png"));
  EXPECT_FALSE(exists("dreams/c.dream.dream.png"));
  EXPECT_NE(finished.err.find("2 of 2 pictures"), std::string::npos) << finished.err;
  EXPECT_LT(finished.err.find("a.dream.png"), finished.err.find("b.dream.png")) << finished.err;
}

TEST_F(Image, OneBadInputDoesNotStopTheOthers) {
  make_scene("a.png");
  make_scene("c.png");
  write("b.png", "broken");
  const Finished finished = dream({"a.png", "b.png", "missing.png", "c.png", "-o", "out"});
  EXPECT_EQ(finished.status, 1);
  EXPECT_TRUE(exists("out/a.dream.png"));
  EXPECT_TRUE(exists("out/c.dream.png"));
  EXPECT_FALSE(exists("out/b.dream.png"));
  EXPECT_NE(finished.err.find("b.png"), std::string::npos);
  EXPECT_NE(finished.err.find("missing.png"), std::string::npos);
  EXPECT_NE(finished.err.find("2 of 4 pictures dreamed, 2 failed"), std::string::npos)
      << finished.err;
}

// As telephones store a picture twice
TEST_F(Image, SameStemTwiceKeepsTheExtension) {
  make_scene("a.png");
  make_scene("a.jpg");
  const Finished finished = dream({"a.png", "a.jpg"});
  EXPECT_EQ(finished.status, 0) << finished.err;
  EXPECT_TRUE(exists("a.dream.png"));
  EXPECT_TRUE(exists("a.jpg.dream.png"));

  fs::create_directory(folder_ / "other");
  make_scene("other/a.jpg");
  const Finished thrice = dream({"a.png", "a.jpg", "other/a.jpg", "--overwrite"});
  EXPECT_EQ(thrice.status, 1);
  EXPECT_NE(thrice.err.find("'other/a.jpg' would be written to 'a.jpg.dream.png'"),
            std::string::npos)
      << thrice.err;
}

TEST_F(Image, FoldersBelowAreNamedAndEnteredOnRequest) {
  fs::create_directories(folder_ / "album/summer");
  fs::create_directories(folder_ / "album/.thumbnails");
  make_scene("album/a.png");
  make_scene("album/summer/a.png");
  make_scene("album/.thumbnails/a.png");
  write("album/._a.png", "of another system");
  const Finished top = dream({"album", "-o", "top/"});
  EXPECT_EQ(top.status, 0) << top.err;
  EXPECT_EQ(files_in("top").size(), 1u);
  EXPECT_NE(top.err.find("1 file passed over"), std::string::npos) << top.err;
  EXPECT_NE(top.err.find("1 folder lies below it and is not entered (--recursive"),
            std::string::npos)
      << top.err;
  const Finished all = dream({"album", "-o", "all/", "--recursive"});
  EXPECT_EQ(all.status, 0) << all.err;
  EXPECT_TRUE(exists("all/a.dream.png"));
  EXPECT_TRUE(exists("all/summer/a.dream.png"));
}

TEST_F(Image, WhatIsThereIsLeftOnRequest) {
  fs::create_directory(folder_ / "album");
  make_scene("album/a.png");
  ASSERT_EQ(dream({"album", "-o", "dreams/"}).status, 0);
  const std::string before = read("dreams/a.dream.png");
  EXPECT_EQ(dream({"album", "-o", "dreams/"}).status, 1);
  make_scene("album/b.png");
  const Finished more = dream({"album", "-o", "dreams/", "--skip-existing", "--seed", "7"});
  EXPECT_EQ(more.status, 0) << more.err;
  EXPECT_NE(more.err.find("1 of 2 pictures was there already"), std::string::npos) << more.err;
  EXPECT_TRUE(exists("dreams/b.dream.png"));
  EXPECT_EQ(read("dreams/a.dream.png"), before);
  EXPECT_EQ(dream({"album", "-o", "dreams/", "--skip-existing"}).status, 0);
}

TEST_F(Image, StepsMayBeWatchedAndKept) {
  make_scene("sky.png");
  const Finished finished =
      reverie({"image", "sky.png", "--octaves", "2", "--iterations", "4", "-l", "3a/concat",
               "--preview", "now.png", "--save-every", "3"});
  ASSERT_EQ(finished.status, 0) << finished.err;
  EXPECT_TRUE(exists("now.png"));
  EXPECT_TRUE(exists("sky.0003.dream.png"));
  EXPECT_TRUE(exists("sky.0006.dream.png"));
  EXPECT_FALSE(exists("sky.0009.dream.png"));
  EXPECT_NE(read("sky.0006.dream.png"), read("sky.0003.dream.png"));
  fs::remove(folder_ / "sky.dream.png");
  expect_refusal({"image", "sky.png", "--preview", "now.png", "--quiet"}, 1,
                 {"now.png", "--overwrite"});
  expect_refusal({"image", "sky.png", "--save-every", "3", "--quiet"}, 1, {"sky.0003.dream.png"});
}

TEST_F(Image, JsonIsAloneOnStandardOutput) {
  make_scene("sky.png");
  const Finished finished = dream({"sky.png", "missing.png", "--json"});
  EXPECT_EQ(finished.status, 1);
  const auto json = finished.json();
  ASSERT_EQ(json["dreams"].size(), 1u);
  EXPECT_EQ(json["dreams"][0]["output"], "sky.dream.png");
  EXPECT_EQ(json["dreams"][0]["width"], 96);
  EXPECT_EQ(json["dreams"][0]["height"], 80);
  EXPECT_EQ(json["dreams"][0]["octaves"], 2);
  EXPECT_GT(json["dreams"][0]["objective"], 0);
  ASSERT_EQ(json["failures"].size(), 1u);
  EXPECT_EQ(json["failures"][0]["input"], "missing.png");
}

TEST_F(Image, QuietSaysNothing) {
  make_scene("sky.png");
  const Finished finished = dream({"sky.png", "--quiet"});
  EXPECT_EQ(finished.status, 0);
  EXPECT_EQ(finished.out + finished.err, "");
}

TEST_F(Image, ProgressNamesEachOctave) {
  make_scene("sky.png");
  const Finished finished = dream({"sky.png"});
  EXPECT_NE(finished.err.find("octave 1 of 2, objective"), std::string::npos) << finished.err;
  EXPECT_NE(finished.err.find("octave 2 of 2, objective"), std::string::npos) << finished.err;
}

TEST_F(Image, SizeIsThatOfTheDream) {
  make_scene("sky.png");
  EXPECT_EQ(dream({"sky.png", "--size", "120", "--json"}).json()["dreams"][0]["height"], 100);
  const auto json = dream({"sky.png", "--size", "70x81", "--json", "--overwrite"}).json();
  EXPECT_EQ(json["dreams"][0]["width"], 70);
  EXPECT_EQ(json["dreams"][0]["height"], 81);
}

TEST_F(Image, EverySettingChangesTheDream) {
  make_scene("sky.png");
  make_scene("guide.png", "70x64");
  ASSERT_EQ(dream({"sky.png", "-o", "base.png"}).status, 0);
  const std::string base = read("base.png");
  const std::vector<std::vector<std::string>> changes{{"--step", "3"},
                                                      {"--octave-scale", "1.2"},
                                                      {"--jitter", "0"},
                                                      {"--seed", "7"},
                                                      {"--blend", "0.5"},
                                                      {"--no-clip", "--step", "60"},
                                                      {"-l", "3a/concat", "--guide", "guide.png"}};
  for (const auto& change : changes) {
    std::vector<std::string> arguments{"sky.png", "-o", "out.png", "--overwrite"};
    arguments.insert(arguments.end(), change.begin(), change.end());
    const Finished finished = dream(arguments);
    EXPECT_EQ(finished.status, 0) << finished.err;
    EXPECT_NE(read("out.png"), base) << change[0];
  }
}

TEST_F(Image, LayersChannelsAndWeightsAreHeard) {
  make_scene("sky.png");
  const std::string layer = reverie({"layers", "--json"}).json()["default_layer"];
  std::map<std::string, std::string> pictures;
  for (const std::string& spec : {layer, layer + ":3", layer + ":3-9", layer + "=-1"}) {
    ASSERT_EQ(dream({"sky.png", "-o", "out.png", "--overwrite", "-l", spec}).status, 0) << spec;
    // The recipe in the file differs anyway: compare the pictures alone
    ASSERT_EQ(dream({"sky.png", "-o", "out.tif", "--overwrite", "-l", spec}).status, 0) << spec;
    const std::string bytes = read("out.tif");
    EXPECT_TRUE(pictures.emplace(bytes, spec).second) << spec;
  }
}

TEST_F(Image, PresetFilesAreOverriddenByOptions) {
  make_scene("sky.png");
  write("r.json", R"({"octaves": 3, "iterations": 1, "step": 2.5})");
  ASSERT_EQ(reverie({"image", "sky.png", "-p", "r.json", "--step", "3.5"}).status, 0);
  const auto recipe = reverie({"recipe", "sky.dream.png"}).json()["recipe"];
  EXPECT_EQ(recipe["octaves"], 3);
  EXPECT_EQ(recipe["iterations"], 1);
  EXPECT_EQ(recipe["step"], 3.5);
  EXPECT_EQ(recipe["preset"], "classic");
}

TEST_F(Image, MemoryIsReadInEveryUnit) {
  make_scene("sky.png");
  for (const std::string memory : {"20000000", "20000k", "20M", "20mb", "0.02G", "0.00002T"}) {
    ASSERT_EQ(dream({"sky.png", "--overwrite", "--memory", memory}).status, 0) << memory;
    const auto document = reverie({"recipe", "sky.dream.png"}).json();
    EXPECT_EQ(document["tiling"]["plan_memory"], 20'000'000) << memory;
  }
}

TEST_F(Image, ThreadsDoNotChangeAnExactDream) {
  make_scene("sky.png");
  ASSERT_EQ(dream({"sky.png", "--precision", "exact", "--threads", "1", "-o", "1.png"}).status, 0);
  ASSERT_EQ(dream({"sky.png", "--precision", "exact", "--threads", "3", "-o", "3.png"}).status, 0);
  EXPECT_EQ(read("1.png"), read("3.png"));
}

}  // namespace
}  // namespace reverie::test
