// Every bad input gets one line, a status, and leaves nothing behind.
#include <sys/stat.h>
#include <unistd.h>

#include "tests/cli/program.h"

namespace reverie::test {
namespace {

class BadInput : public ProgramTest {};
class BadOutput : public ProgramTest {};
class BadUsage : public ProgramTest {};
class BadRecipeFile : public ProgramTest {};

// ---- Pictures

TEST_F(BadInput, MissingFile) {
  expect_refusal({"image", "nowhere.jpg"}, 1, {"nowhere.jpg"});
  expect_refusal({"probe", "nowhere.jpg"}, 1, {"nowhere.jpg"});
  expect_refusal({"recipe", "nowhere.jpg"}, 1, {"nowhere.jpg"});
  expect_refusal({"redo", "nowhere.jpg"}, 1, {"nowhere.jpg"});
  expect_refusal({"layers", "nowhere.jpg"}, 1, {"nowhere.jpg"});
}

TEST_F(BadInput, NotAPicture) {
  write("notes.jpg", "These are notes and no picture.\n");
  expect_refusal({"image", "notes.jpg"}, 1, {"notes.jpg"});
  expect_refusal({"image", "-", "-o", "out.png"}, 1, {"standard input"}, "no picture either");
}

TEST_F(BadInput, TruncatedJpeg) {
  make_scene("whole.jpg", "160x120");
  const std::string bytes = read("whole.jpg");
  write("half.jpg", bytes.substr(0, bytes.size() / 2));
  expect_refusal({"image", "half.jpg"}, 1, {"half.jpg"});
}

TEST_F(BadInput, TruncatedPng) {
  make_scene("whole.png", "160x120");
  const std::string bytes = read("whole.png");
  write("half.png", bytes.substr(0, bytes.size() / 2));
  expect_refusal({"image", "half.png"}, 1, {"half.png"});
}

TEST_F(BadInput, ZeroBytes) {
  write("empty.png", "");
  expect_refusal({"image", "empty.png"}, 1, {"empty.png"});
  expect_refusal({"image", "-", "-o", "out.png"}, 1, {"standard input"}, "");
}

TEST_F(BadInput, OnePixel) {
  write("dot.ppm", std::string("P6\n1 1\n255\n") + "abc");
  expect_refusal({"image", "dot.ppm", "--quiet"}, 1, {"1x1"});
}

TEST_F(BadInput, FolderWithoutPictures) {
  fs::create_directory(folder_ / "album");
  write("album/notes.txt", "no picture");
  expect_refusal({"image", "album"}, 1, {"album"});
}

TEST_F(BadInput, NoPermission) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
  make_scene("secret.png");
  ::chmod((folder_ / "secret.png").c_str(), 0);
  expect_refusal({"image", "secret.png"}, 1, {"secret.png"});
}

TEST_F(BadInput, PictureWithoutRecipe) {
  make_scene("plain.png");
  expect_refusal({"recipe", "plain.png"}, 1, {"plain.png", "no recipe"});
  expect_refusal({"redo", "plain.png"}, 1, {"plain.png", "no recipe"});
}

// ---- Layers

TEST_F(BadInput, UnknownLayerSuggestsTheNearest) {
  make_scene("sky.png");
  const auto layers = reverie({"layers", "--json"}).json();
  const std::string name = layers["default_layer"];
  expect_refusal({"image", "sky.png", "-l", name + "x"}, 1, {name + "x", "nearest", name});
  expect_refusal({"probe", "sky.png", "-l", name + "x"}, 1, {name + "x", "nearest", name});
}

TEST_F(BadInput, ChannelOutOfRangeSaysTheRange) {
  make_scene("sky.png");
  const auto layers = reverie({"layers", "--json"}).json();
  const std::string name = layers["default_layer"];
  int channels = 0;
  for (const auto& layer : layers["layers"])
    if (layer["default"]) channels = layer["channels"];
  expect_refusal({"image", "sky.png", "-l", name + ":" + std::to_string(channels)}, 1,
                 {name, std::to_string(channels - 1)});
}

TEST_F(BadInput, BadLayerSpec) {
  make_scene("sky.png");
  expect_refusal({"image", "sky.png", "-l", "4c:dog"}, 2, {"'dog'", "NAME[:CHANNEL"});
  expect_refusal({"image", "sky.png", "-l", "4c=much"}, 2, {"'much'"});
  expect_refusal({"image", "sky.png", "-l", ""}, 2, {"name is missing"});
}

// ---- Outputs

TEST_F(BadOutput, ExistingIsKept) {
  make_scene("sky.png");
  write("sky.dream.png", "precious");
  expect_refusal({"image", "sky.png"}, 1, {"sky.dream.png", "--overwrite"});
  expect_refusal({"image", "sky.png", "-o", "sky.dream.png"}, 1, {"--overwrite"});
  expect_refusal({"scene", "-o", "sky.dream.png"}, 1, {"sky.dream.png", "--overwrite"});
  write("a.npy", "precious");
  expect_refusal({"probe", "sky.png", "--gradient", "a.npy"}, 1, {"a.npy", "--overwrite"});
}

TEST_F(BadOutput, MissingFolder) {
  make_scene("sky.png");
  expect_refusal({"image", "sky.png", "-o", "nowhere/out.png"}, 1, {"nowhere"});
  expect_refusal({"probe", "sky.png", "--gradient", "nowhere/g.npy"}, 1, {"nowhere"});
}

TEST_F(BadOutput, UnwritableFolder) {
  if (::geteuid() == 0) {
    // Root may write everywhere but to what is no real folder
    make_scene("sky.png");
    expect_refusal({"image", "sky.png", "-o", "/proc/out.png", "--quiet"}, 1, {"/proc"});
    return;
  }
  make_scene("sky.png");
  fs::create_directory(folder_ / "locked");
  ::chmod((folder_ / "locked").c_str(), 0555);
  expect_refusal({"image", "sky.png", "-o", "locked/out.png"}, 1, {"locked"});
}

TEST_F(BadOutput, UnknownFormat) {
  make_scene("sky.png");
  expect_refusal({"image", "sky.png", "-o", "out.xyz"}, 1, {"out.xyz"});
  expect_refusal({"image", "sky.png", "-o", "out"}, 1, {"out"});
}

TEST_F(BadOutput, FormatThatCannotHoldTheBits) {
  make_scene("sky.png");
  expect_refusal({"image", "sky.png", "-o", "out.jpg", "--bits", "16"}, 1, {"16"});
}

TEST_F(BadOutput, FullDisk) {
  make_scene("sky.png", "160x120");
  const auto before = snapshot();
  std::vector<std::string> arguments{"image", "sky.png", "-o", "out.png", "--quiet"};
  arguments.insert(arguments.end(), short_dream().begin(), short_dream().end());
  const Finished refused = reverie_by("ulimit -f 8; exec \"$@\"", arguments);
  EXPECT_EQ(refused.status, 1) << refused.err;
  EXPECT_NE(refused.err.find("out.png"), std::string::npos) << refused.err;
  EXPECT_EQ(std::count(refused.err.begin(), refused.err.end(), '\n'), 1) << refused.err;
  EXPECT_TRUE(snapshot() == before) << "a file was left behind";
}

TEST_F(BadOutput, FullFileSystem) {
  make_scene("sky.png", "160x120");
  fs::create_directory(folder_ / "small");
  std::vector<std::string> arguments{"image", "sky.png", "-o", "small/out.png", "--quiet"};
  arguments.insert(arguments.end(), short_dream().begin(), short_dream().end());
  const std::string mounted =
      "mount -t tmpfs -o size=8k none small || exit 99; \"$@\"; status=$?; "
      "[ -z \"$(ls -A small)\" ] || exit 98; exit $status";
  std::string script = mounted;
  if (reverie_by("unshare -rm true", {}).status != 0) GTEST_SKIP() << "no user namespaces here";
  const Finished refused =
      reverie_by("exec unshare -rm sh -c '" + script + "' sh \"$@\"", arguments);
  if (refused.status == 99) GTEST_SKIP() << "cannot mount here: " << refused.err;
  EXPECT_EQ(refused.status, 1) << refused.err;
  EXPECT_NE(refused.err.find("out.png"), std::string::npos) << refused.err;
}

TEST_F(BadOutput, FullStandardOutput) {
  make_scene("sky.png");
  std::vector<std::string> arguments{"image", "sky.png", "-o", "-", "--quiet"};
  arguments.insert(arguments.end(), short_dream().begin(), short_dream().end());
  const Finished picture = reverie_by("exec \"$@\" > /dev/full", arguments);
  EXPECT_EQ(picture.status, 1) << picture.err;
  EXPECT_EQ(picture.err.rfind("reverie: ", 0), 0u) << picture.err;
  const Finished list = reverie_by("exec \"$@\" > /dev/full", {"layers"});
  EXPECT_EQ(list.status, 1) << list.err;
  EXPECT_EQ(list.err.rfind("reverie: ", 0), 0u) << list.err;
}

// ---- Options

TEST_F(BadUsage, ValuesOutOfRange) {
  make_scene("sky.png");
  expect_refusal({"image", "sky.png", "--octaves", "99"}, 2, {"--octaves", "99", "1 to 16"});
  expect_refusal({"image", "sky.png", "--octaves", "four"}, 2, {"--octaves", "four", "1 to 16"});
  expect_refusal({"image", "sky.png", "--octave-scale", "1"}, 2, {"octave-scale", "1.05 to 2"});
  expect_refusal({"image", "sky.png", "--step", "nan"}, 2, {"--step"});
  expect_refusal({"image", "sky.png", "--step", "-1"}, 2, {"--step", "-1"});
  expect_refusal({"image", "sky.png", "--size", "huge"}, 2, {"--size", "WxH"});
  expect_refusal({"image", "sky.png", "--precision", "best"}, 2, {"exact, fast, half"});
  expect_refusal({"image", "sky.png", "--threads", "-3"}, 2, {"threads"});
  expect_refusal({"image", "sky.png", "--memory", "lots"}, 2, {"--memory", "lots"});
  expect_refusal({"image", "sky.png", "--device", "abacus"}, 2, {"abacus"});
  expect_refusal({"image", "sky.png", "--quality", "0"}, 2, {"--quality"});
  expect_refusal({"image", "sky.png", "--bits", "12"}, 2, {"--bits"});
}

TEST_F(BadUsage, MissingValue) {
  expect_refusal({"image", "x.png", "--octaves"}, 2, {"--octaves"});
}

TEST_F(BadUsage, UnknownOptionSuggestsTheNearest) {
  expect_refusal({"image", "sky.png", "--octavs", "3"}, 2, {"--octavs", "'--octaves'"});
  expect_refusal({"image", "sky.png", "--octavs=3"}, 2, {"--octavs", "'--octaves'"});
  expect_refusal({"layers", "--modell", "x"}, 2, {"--modell", "'--model'"});
}

TEST_F(BadUsage, UnknownCommandSuggestsTheNearest) {
  expect_refusal({"imge", "sky.png"}, 2, {"'imge'", "'image'"});
  expect_refusal({"models", "lst"}, 2, {"lst"});
  make_scene("sky.png");
  expect_refusal({"sky.png"}, 2, {"reverie image sky.png"});
}

TEST_F(BadUsage, NothingToDo) {
  expect_refusal({"image"}, 2, {"INPUT"});
  expect_refusal({"scene"}, 2, {"--output"});
  const Finished bare = reverie({});
  EXPECT_EQ(bare.status, 2);
  EXPECT_NE(bare.err.find("image"), std::string::npos);
}

TEST_F(BadUsage, OneFileForSeveralPictures) {
  make_scene("a.png");
  make_scene("b.png");
  expect_refusal({"image", "a.png", "b.png", "-o", "out.png"}, 2, {"out.png", "folder"});
}

TEST_F(BadUsage, JsonAndPictureOnStandardOutput) {
  make_scene("a.png");
  expect_refusal({"image", "a.png", "-o", "-", "--json"}, 2, {"--json", "-o"});
}

TEST_F(BadUsage, UnknownPreset) {
  make_scene("a.png");
  expect_refusal({"image", "a.png", "-p", "clasic"}, 1, {"'clasic'", "classic"});
  expect_refusal({"image", "a.png", "-p", "nowhere.json"}, 1, {"nowhere.json"});
}

// ---- Recipe files

TEST_F(BadRecipeFile, SaysWhatAndWhere) {
  make_scene("a.png");
  const auto refused = [&](const std::string& text, const std::vector<std::string>& texts) {
    write("r.json", text);
    expect_refusal({"image", "a.png", "-p", "r.json"}, 1, texts);
  };
  refused("{\"octave\": 3}", {"r.json", "'octave'", "'octaves'"});
  refused("{\"octaves\": \"3\"}", {"r.json", "octaves", "a whole number, 1 to 16"});
  refused("{\"octaves\": 99}", {"r.json", "octaves is 99", "1 to 16"});
  refused("{\n\"octaves\" 3}", {"r.json", "line 2, column 11"});
  refused("", {"r.json", "not JSON"});
  refused("[]", {"r.json", "a list"});
}

TEST_F(BadRecipeFile, JitterThatIsNoListOfPairs) {
  make_scene("a.png");
  write("j.json", "[[1, 2], 3]");
  expect_refusal({"image", "a.png", "--jitter-from", "j.json"}, 2, {"j.json", "[x, y]"});
  expect_refusal({"image", "a.png", "--jitter-from", "nowhere.json"}, 1, {"nowhere.json"});
}

}  // namespace
}  // namespace reverie::test
