// A dream can be made again from itself.
#include "tests/cli/program.h"

namespace reverie::test {
namespace {

class Redo : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    make_scene("sky.png");
    std::vector<std::string> arguments{"image", "sky.png", "--seed", "5"};
    arguments.insert(arguments.end(), short_dream().begin(), short_dream().end());
    const Finished finished = reverie(arguments);
    ASSERT_EQ(finished.status, 0) << finished.err;
  }
};

TEST_F(Redo, CarriesEverything) {
  const auto document = reverie({"recipe", "sky.dream.png"}).json();
  EXPECT_EQ(document["reverie"], REVERIE_VERSION);
  EXPECT_EQ(document["source"]["name"], "sky.png");
  EXPECT_EQ(document["source"]["width"], 96);
  EXPECT_EQ(document["source"]["sha256"].get<std::string>().size(), 64u);
  EXPECT_EQ(document["network"]["sha256"].get<std::string>().size(), 64u);
  EXPECT_EQ(document["recipe"]["seed"], 5);
  EXPECT_EQ(document["recipe"]["octaves"], 2);
}

TEST_F(Redo, UnchangedGivesTheSameBytes) {
  const Finished finished = reverie({"redo", "sky.dream.png", "-o", "again.png"});
  EXPECT_EQ(finished.status, 0) << finished.err;
  EXPECT_EQ(read("again.png"), read("sky.dream.png"));
}

// --memory decides the tiles, and tiles change pixels: the dream says which it was made in.
TEST_F(Redo, GivesTheSameBytesWhateverTheMemory) {
  make_scene("large.png", "600x400");
  const std::vector<std::string> quick{"--octaves", "1", "--iterations", "1", "-l", "3b/output"};
  const auto dream = [&](std::vector<std::string> arguments, const std::string& output) {
    arguments.insert(arguments.end(), {"-o", output});
    const Finished finished = reverie(arguments);
    EXPECT_EQ(finished.status, 0) << finished.err;
    return read(output);
  };
  const auto first = [&](const std::string& memory, const std::string& output) {
    std::vector<std::string> arguments{"image", "large.png", "--memory", memory};
    arguments.insert(arguments.end(), quick.begin(), quick.end());
    return dream(arguments, output);
  };
  const std::string tiled = first("20M", "tiled.png"), whole = first("2G", "whole.png");
  EXPECT_NE(tiled, whole);
  EXPECT_GT(reverie({"recipe", "tiled.png"}).json()["tiling"]["tile"], 0);
  EXPECT_EQ(reverie({"recipe", "whole.png"}).json()["tiling"]["tile"], 0);
  EXPECT_EQ(dream({"redo", "tiled.png"}, "a.png"), tiled);
  EXPECT_EQ(dream({"redo", "tiled.png", "--memory", "1G"}, "b.png"), tiled);
  EXPECT_EQ(dream({"redo", "whole.png", "--memory", "20M"}, "c.png"), whole);

  // A picture of another size has tiles of its own
  dream({"redo", "tiled.png", "--input", "sky.png"}, "d.png");
  EXPECT_EQ(reverie({"recipe", "d.png"}).json()["tiling"]["tile"], 0);
}

TEST_F(Redo, EveryFormatCarriesTheRecipe) {
  for (const std::string name : {"a.jpg", "a.webp", "a.tif", "b.tif"}) {
    std::vector<std::string> arguments{"image", "sky.png", "-o", name, "--quality", "70"};
    if (name == "b.tif") arguments.insert(arguments.end(), {"--bits", "16"});
    arguments.insert(arguments.end(), short_dream().begin(), short_dream().end());
    ASSERT_EQ(reverie(arguments).status, 0) << name;
    const Finished finished = reverie({"redo", name, "-o", "again" + name});
    EXPECT_EQ(finished.status, 0) << finished.err;
    EXPECT_EQ(read("again" + name), read(name)) << name;
  }
}

TEST_F(Redo, ChangesWhatIsTyped) {
  ASSERT_EQ(reverie({"redo", "sky.dream.png", "-o", "other.png", "--seed", "6"}).status, 0);
  EXPECT_NE(read("other.png"), read("sky.dream.png"));
  const auto recipe = reverie({"recipe", "other.png"}).json()["recipe"];
  EXPECT_EQ(recipe["seed"], 6);
  EXPECT_EQ(recipe["octaves"], 2);
}

TEST_F(Redo, FindsTheSourceBesideTheDream) {
  fs::create_directory(folder_ / "album");
  for (const char* name : {"sky.png", "sky.dream.png"})
    fs::rename(folder_ / name, folder_ / "album" / name);
  EXPECT_EQ(reverie({"redo", "album/sky.dream.png", "-o", "album/again.png"}).status, 0);
  EXPECT_EQ(read("album/again.png"), read("album/sky.dream.png"));
}

// Where the recipe says: from the dream's folder, or else by its whole path
TEST_F(Redo, FindsTheSourceWhereItLay) {
  fs::create_directories(folder_ / "photos");
  fs::create_directories(folder_ / "dreams/old");
  fs::rename(folder_ / "sky.png", folder_ / "photos/sky.png");
  std::vector<std::string> dream{"image", "photos/sky.png", "-o", "dreams/a.png"};
  dream.insert(dream.end(), short_dream().begin(), short_dream().end());
  ASSERT_EQ(reverie(dream).status, 0);
  EXPECT_EQ(reverie({"recipe", "dreams/a.png"}).json()["source"]["path"], "../photos/sky.png");
  EXPECT_EQ(reverie({"redo", "dreams/a.png", "-o", "dreams/b.png"}).status, 0);
  EXPECT_EQ(read("dreams/b.png"), read("dreams/a.png"));
  fs::rename(folder_ / "dreams/a.png", folder_ / "dreams/old/a.png");
  EXPECT_EQ(reverie({"redo", "dreams/old/a.png", "-o", "c.png"}).status, 0);

  dream.push_back("--no-source-path");
  dream.push_back("--overwrite");
  ASSERT_EQ(reverie(dream).status, 0);
  EXPECT_FALSE(reverie({"recipe", "dreams/a.png"}).json()["source"].contains("path"));
  EXPECT_EQ(read("dreams/a.png").find(folder_.string()), std::string::npos);
  expect_refusal({"redo", "dreams/a.png", "-o", "d.png"}, 1, {"sky.png", "--input"});
}

TEST_F(Redo, FindsTheSourceUnderAnotherNameByItsBytes) {
  fs::rename(folder_ / "sky.png", folder_ / "renamed.png");
  EXPECT_EQ(reverie({"redo", "sky.dream.png", "-o", "again.png"}).status, 0);
  EXPECT_EQ(reverie({"recipe", "again.png"}).json()["source"]["path"], "renamed.png");
  fs::create_directory(folder_ / "photos");
  fs::rename(folder_ / "renamed.png", folder_ / "photos/renamed.png");
  expect_refusal({"redo", "sky.dream.png", "-o", "more.png"}, 1, {"sky.png", "--input"});
  EXPECT_EQ(reverie({"redo", "sky.dream.png", "-i", "photos/renamed.png", "-o", "more.png"}).status,
            0);
}

TEST_F(Redo, NoticesAChangedSource) {
  fs::remove(folder_ / "sky.png");
  make_scene("sky.png", "90x80");
  expect_refusal({"redo", "sky.dream.png", "-o", "again.png"}, 1,
                 {"sky.png", "changed", "--input"});
  EXPECT_EQ(reverie({"redo", "sky.dream.png", "-i", "sky.png", "-o", "again.png"}).status, 0);
}

TEST_F(Redo, RecipesArePresets) {
  write("r.json", reverie({"recipe", "sky.dream.png"}).out);
  ASSERT_EQ(reverie({"image", "sky.png", "-p", "r.json", "-o", "again.png"}).status, 0);
  EXPECT_EQ(read("again.png"), read("sky.dream.png"));
}

TEST_F(Redo, FindsTheGuideAndNoticesAnother) {
  make_scene("guide.png", "64x64");
  std::vector<std::string> arguments{"image",   "sky.png",   "-l", "3a/concat",
                                     "--guide", "guide.png", "-o", "g.png"};
  arguments.insert(arguments.end(), short_dream().begin(), short_dream().end());
  ASSERT_EQ(reverie(arguments).status, 0);
  fs::create_directory(folder_ / "album");
  for (const char* name : {"sky.png", "guide.png", "g.png"})
    fs::rename(folder_ / name, folder_ / "album" / name);
  const Finished finished = reverie({"redo", "album/g.png", "-o", "album/again.png"});
  ASSERT_EQ(finished.status, 0) << finished.err;
  EXPECT_EQ(read("album/again.png"), read("album/g.png"));

  fs::copy_file(folder_ / "album/sky.png", folder_ / "album/guide.png",
                fs::copy_options::overwrite_existing);
  expect_refusal({"redo", "album/g.png", "-o", "more.png"}, 1, {"guide.png", "changed"});
  fs::remove(folder_ / "album/guide.png");
  expect_refusal({"redo", "album/g.png", "-o", "more.png"}, 1, {"guide.png", "--guide"});
}

TEST_F(Redo, RecordedJitterIsCarried) {
  write("jitter.json", "[[1, 2], [-3, 4], [5, -6], [0, 1]]");
  std::vector<std::string> arguments{"image",       "sky.png", "--jitter-from",
                                     "jitter.json", "-o",      "j.png"};
  arguments.insert(arguments.end(), short_dream().begin(), short_dream().end());
  ASSERT_EQ(reverie(arguments).status, 0);
  fs::remove(folder_ / "jitter.json");
  ASSERT_EQ(reverie({"redo", "j.png", "-o", "again.png"}).status, 0);
  EXPECT_EQ(read("again.png"), read("j.png"));
}

}  // namespace
}  // namespace reverie::test
