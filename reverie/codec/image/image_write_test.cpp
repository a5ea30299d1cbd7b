#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <limits>

#include "reverie/base/error.h"
#include "reverie/base/threads.h"
#include "reverie/codec/image/image_fixture.h"
#include "reverie/codec/metadata/recipe_metadata.h"

namespace reverie {
namespace {

using ImageWrite = ImageFileTest;

ImageOptions with_bits(int bits) {
  ImageOptions options;
  options.bits = bits;
  return options;
}

TEST_F(ImageWrite, RoundTripsWithinTheFormatsPrecision) {
  const Image frame = picture(45, 61, true);
  struct Case {
    const char* name;
    int bits, quality;
    float tolerance;
  };
  for (const Case& c : {Case{"a.png", 8, 95, 0.5f},
                        {"b.png", 16, 95, 0.5f / 257 + 2e-5f},
                        {"c.tif", 8, 95, 0.5f},
                        {"d.tiff", 16, 95, 0.5f / 257 + 2e-5f},
                        {"e.tif", 32, 95, 4e-5f},
                        {"f.webp", 8, 100, 0.5f},
                        {"g.jpg", 8, 100, 4},
                        {"h.JPEG", 8, 95, 6}}) {
    ImageOptions options = with_bits(c.bits);
    options.quality = c.quality;
    write_image(file(c.name), frame, options);
    const Image back = read_image(file(c.name));
    SCOPED_TRACE(c.name);
    if (std::string_view(c.name) == "f.webp") {
      // WebP may forget the color of what is wholly transparent
      for (std::int64_t i = 0; i < frame.color.size(); ++i) {
        const bool visible = frame.alpha[i % (45 * 61)] > 0;
        ASSERT_TRUE(!visible || std::fabs(back.color[i] - frame.color[i]) <= 0.5f) << i;
      }
    } else {
      expect_near(back.color, frame.color, c.tolerance);
    }
    const bool jpeg = c.name[0] == 'g' || c.name[0] == 'h';
    EXPECT_EQ(back.alpha.empty(), jpeg);
    if (!jpeg) expect_near(back.alpha, frame.alpha, 4e-5f);
  }
}

TEST_F(ImageWrite, RoundsToNearestAndClips) {
  Image frame;
  frame.color = Tensor({3, 1, 4});
  const float in[12] = {-3,       300,    0.49f,
                        0.51f,    254.4f, 254.6f,
                        99.5001f, 1e30f,  std::numeric_limits<float>::quiet_NaN(),
                        7,        -1e30f, 128};
  const float out[12] = {0, 255, 0, 1, 254, 255, 100, 255, 0, 7, 0, 128};
  std::copy(in, in + 12, frame.color.data());
  write_image(file("a.png"), frame, {});
  const Image back = read_image(file("a.png"));
  for (int i = 0; i < 12; ++i) EXPECT_EQ(back.color[i], out[i]) << i;

  // Floats go beyond
  frame.color[8] = 0;
  write_image(file("a.tif"), frame, with_bits(32));
  const Image floats = read_image(file("a.tif"));
  for (int i = 0; i < 12; ++i)
    EXPECT_NEAR(floats.color[i], frame.color[i], 2e-7f * std::fabs(frame.color[i])) << i;
}

TEST_F(ImageWrite, AllSizesFromOnePixel) {
  for (auto [h, w] : {std::pair{1, 1}, {1, 7}, {9, 1}, {1000, 3}, {3, 5000}})
    for (const char* name : {"a.png", "a.jpg", "a.webp", "a.tif"}) {
      ImageOptions options;
      options.overwrite = true;
      write_image(file(name), picture(h, w), options);
      EXPECT_EQ(read_image(file(name)).color.shape(), (Shape{3, h, w})) << name;
    }
  message_of<CodecFailure>([&] { write_image(file("wide.webp"), picture(1, 16384), {}); });
  message_of<CodecFailure>([&] { write_image(file("wide.jpg"), picture(1, 65501), {}); });
  EXPECT_FALSE(std::filesystem::exists(file("wide.webp")));
}

TEST_F(ImageWrite, TheSameFrameGivesTheSameBytes) {
  const Image frame = picture(120, 90, true);
  const int before = thread_count();
  for (const char* format : {"png", "jpg", "webp", "tif"}) {
    ImageOptions options;
    options.format = format;
    options.recipe = R"({"layer":"4c"})";
    set_thread_count(1);
    const std::string one = encode_image(frame, options);
    set_thread_count(4);
    EXPECT_EQ(one, encode_image(frame, options)) << format;
  }
  set_thread_count(before);
}

TEST_F(ImageWrite, RecipesComeBackFromEveryFormat) {
  std::string recipe =
      "{\"layers\": [\"inception_4c/output\"], \"text\": \"<&'\\\"> \xC3\xA9 "
      "\xE6\xA2\xA6 \\n &amp; --> ]]>\", \"more\": \"";
  recipe += std::string(9000, 'x') + "\"}";
  for (const char* name : {"a.png", "a.jpg", "a.webp", "a.tif"}) {
    ImageOptions options;
    options.recipe = recipe;
    write_image(file(name), picture(20, 20), options);
    EXPECT_EQ(read_image_recipe(file(name)), recipe) << name;
    EXPECT_EQ(read_image_recipe(bytes_of(file(name)), "in memory"), recipe) << name;

    options.overwrite = true;
    options.recipe.clear();
    write_image(file(name), picture(20, 20), options);
    EXPECT_EQ(read_image_recipe(file(name)), "") << name;
  }

  // What a JPEG cannot hold is said
  ImageOptions options;
  options.recipe = std::string(70000, 'r');
  std::string heard;
  write_image(file("long.jpg"), picture(20, 20), options,
              [&](const std::string& line) { heard += line; });
  EXPECT_NE(heard.find("recipe"), std::string::npos);
  EXPECT_EQ(read_image_recipe(file("long.jpg")), "");
  EXPECT_THROW(read_image_recipe(file("absent.png")), FileFailure);
}

TEST_F(ImageWrite, RecipesAreFoundInRewrittenXmp) {
  const std::string recipe = "{\"a\": \"<'&\"}";
  EXPECT_EQ(recipe_from_xmp(recipe_in_xmp(recipe, {})), recipe);
  EXPECT_EQ(recipe_from_xmp("<r xmlns:reverie='urn:x'><reverie:Recipe>{&quot;a&quot;: "
                            "&#34;&lt;&#39;&amp;&quot;}</reverie:Recipe>"),
            recipe);
  EXPECT_EQ(recipe_from_xmp("<r reverie:Recipe = '{&quot;a&quot;: 1}'/>"), "{\"a\": 1}");
  for (const char* broken : {"", "reverie:Recipe", "reverie:Recipe=", "reverie:Recipe=\"abc",
                             "<reverie:Recipe>", "reverie:RecipeBook='x"})
    EXPECT_EQ(recipe_from_xmp(broken), "") << broken;
}

TEST_F(ImageWrite, JpegSaysThatItLosesAlpha) {
  std::string heard;
  write_image(file("a.jpg"), picture(8, 8, true), {},
              [&](const std::string& line) { heard += line; });
  EXPECT_NE(heard.find("transparency"), std::string::npos);
}

TEST_F(ImageWrite, RefusesWhatCannotBe) {
  const Image frame = picture(4, 4);
  ImageOptions options;
  const auto refused = [&](const char* name, auto&& change) {
    ImageOptions changed;
    change(changed);
    const std::string before =
        message_of<CodecFailure>([&] { check_image_output(file(name), changed); });
    EXPECT_EQ(message_of<CodecFailure>([&] { write_image(file(name), frame, changed); }), before);
    EXPECT_NE(before.find(name), std::string::npos) << before;
  };
  const auto nothing = [](ImageOptions&) {};
  refused("a.xyz", nothing);
  refused("noextension", nothing);
  refused("a.gif", nothing);
  refused("a.jpg", [](ImageOptions& o) { o.bits = 16; });
  refused("a.webp", [](ImageOptions& o) { o.bits = 16; });
  refused("a.png", [](ImageOptions& o) { o.bits = 32; });
  refused("a.tif", [](ImageOptions& o) { o.bits = 12; });
  refused("a.jpg", [](ImageOptions& o) { o.quality = 0; });
  refused("a.png", [](ImageOptions& o) { o.format = "bmp"; });
  EXPECT_EQ(names().size(), 0u);

  options.format = "PNG";
  write_image(file("plain"), frame, options);
  EXPECT_EQ(bytes_of(file("plain")).substr(1, 3), "PNG");
  Image grey;
  grey.color = Tensor({1, 4, 4});
  EXPECT_THROW(write_image(file("g.png"), grey, {}), BadShape);
}

TEST_F(ImageWrite, NeverOverwritesUnasked) {
  put_bytes(file("a.png"), "mine");
  const Image frame = picture(4, 4);
  const std::string message =
      message_of<FileFailure>([&] { write_image(file("a.png"), frame, {}); });
  EXPECT_NE(message.find("exists"), std::string::npos);
  message_of<FileFailure>([&] { check_image_output(file("a.png"), {}); });
  EXPECT_EQ(bytes_of(file("a.png")), "mine");

  ImageOptions options;
  options.overwrite = true;
  write_image(file("a.png"), frame, options);
  EXPECT_EQ(bytes_of(file("a.png")).substr(1, 3), "PNG");

  // What a link points to is replaced, not the link
  std::filesystem::create_symlink(file("a.png"), file("link.png"));
  write_image(file("link.png"), picture(4, 5), options);
  EXPECT_TRUE(std::filesystem::is_symlink(file("link.png")));
  EXPECT_EQ(read_image(file("a.png")).width(), 5);
  EXPECT_EQ(names().size(), 2u);
}

TEST_F(ImageWrite, AFileThatAppearsMeanwhileIsLeftAlone) {
  // A link to nowhere looks like a free name until the moment of naming
  std::filesystem::create_symlink("nowhere", file("a.png"));
  check_image_output(file("a.png"), {});
  message_of<FileFailure>([&] { write_image(file("a.png"), picture(4, 4), {}); });
  EXPECT_TRUE(std::filesystem::is_symlink(file("a.png")));
  EXPECT_EQ(names().size(), 1u);
}

TEST_F(ImageWrite, SaysWhyAPlaceCannotBeWritten) {
  const Image frame = picture(4, 4);
  const auto refused = [&](const std::filesystem::path& path, const char* word) {
    const std::string early = message_of<FileFailure>([&] { check_image_output(path, {}); });
    EXPECT_EQ(message_of<FileFailure>([&] { write_image(path, frame, {}); }), early);
    EXPECT_NE(early.find(word), std::string::npos) << early;
  };
  refused(file("no/such/a.png"), "does not exist");
  std::filesystem::create_directory(file("folder.png"));
  refused(file("folder.png"), "is a folder");
  put_bytes(file("plain"), "x");
  refused(file("plain") / "a.png", "not a folder");
  if (::geteuid() != 0) {
    std::filesystem::create_directory(file("locked"));
    ::chmod(file("locked").c_str(), 0500);
    refused(file("locked/a.png"), "no permission");
    ::chmod(file("locked").c_str(), 0700);
  }
}

TEST_F(ImageWrite, AFullDiskLeavesNothingBehind) {
  // A limit on the size of files stands for the disk
  struct rlimit before, tight;
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  tight = before;
  tight.rlim_cur = 1000;
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
  const std::string message =
      message_of<FileFailure>([&] { write_image(file("a.png"), picture(100, 100), {}); });
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_NE(message.find("a.png"), std::string::npos);
  EXPECT_EQ(names().size(), 0u);

  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  ImageOptions options;
  options.format = "png";
  const std::string full =
      message_of<FileFailure>([&] { write_image("/dev/full", picture(9, 9), options); });
  EXPECT_NE(full.find("No space left"), std::string::npos) << full;
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/full"));
}

TEST_F(ImageWrite, StandardOutput) {
  const int before = ::dup(1);
  const int file_number = ::open(file("out").c_str(), O_WRONLY | O_CREAT, 0600);
  ::dup2(file_number, 1);
  ImageOptions options;
  options.format = "jpg";
  write_image("-", picture(10, 12), options);
  ::dup2(before, 1);
  ::close(before);
  ::close(file_number);
  EXPECT_EQ(read_image(file("out")).width(), 12);
}

}  // namespace
}  // namespace reverie
