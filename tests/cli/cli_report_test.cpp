// What the commands that only look report.
#include <cmath>
#include <cstring>
#include <fstream>

#include "tests/cli/program.h"

namespace reverie::test {
namespace {

class Report : public ProgramTest {};

// The float32 values of a .npy file, after its header.
std::vector<float> npy_values(const std::string& bytes) {
  const std::size_t header =
      10 + static_cast<unsigned char>(bytes.at(8)) +
      256 * static_cast<std::size_t>(static_cast<unsigned char>(bytes.at(9)));
  std::vector<float> values((bytes.size() - header) / sizeof(float));
  std::memcpy(values.data(), bytes.data() + header, values.size() * sizeof(float));
  return values;
}

TEST_F(Report, Version) {
  const Finished finished = reverie({"--version"});
  EXPECT_EQ(finished.status, 0);
  EXPECT_EQ(finished.out, "reverie " REVERIE_VERSION "\n");
}

TEST_F(Report, HelpNamesEveryCommandAndSetting) {
  const Finished program = reverie({"--help"});
  EXPECT_EQ(program.status, 0);
  for (const char* command :
       {"image", "redo", "recipe", "probe", "layers", "models", "bench", "scene"})
    EXPECT_NE(program.out.find(command), std::string::npos) << command;
  const Finished image = reverie({"image", "--help"});
  EXPECT_EQ(image.status, 0);
  for (const char* option : {"--octaves", "--octave-scale", "--layer", "--guide", "--overwrite"})
    EXPECT_NE(image.out.find(option), std::string::npos) << option;
}

TEST_F(Report, LayersMarkTheDefault) {
  const auto json = reverie({"layers", "--json"}).json();
  int defaults = 0, good = 0;
  for (const auto& layer : json["layers"]) {
    EXPECT_GT(layer["channels"], 0);
    EXPECT_GT(layer["receptive_field"], layer["stride"]);
    EXPECT_GT(layer["gflop_per_megapixel"], 0);
    good += layer["good"] ? 1 : 0;
    if (layer["default"]) {
      ++defaults;
      EXPECT_EQ(layer["name"], json["default_layer"]);
    }
  }
  EXPECT_EQ(defaults, 1);
  EXPECT_GE(good, 3);
  const Finished table = reverie({"layers"});
  EXPECT_NE(table.out.find("* " + json["default_layer"].get<std::string>()), std::string::npos);
}

TEST_F(Report, LayersHaveTheSizeThatAProbeFinds) {
  make_scene("sky.png", "101x83");
  const auto layers = reverie({"layers", "sky.png", "--json"}).json();
  const auto probe = reverie({"probe", "sky.png", "--json"}).json();
  for (const auto& layer : layers["layers"]) {
    if (!layer["default"]) continue;
    EXPECT_EQ(probe["activation"]["shape"],
              (nlohmann::json{layer["channels"], layer["height"], layer["width"]}));
  }
}

TEST_F(Report, AccuracyIsThatOfEachPrecision) {
  const auto json = reverie({"bench", "accuracy", "--size", "64x80", "--json"}).json();
  ASSERT_EQ(json["precisions"].size(), 3u);
  for (const auto& row : json["precisions"]) {
    // A tie under a pool may be decided otherwise; the direction is the same all the same
    EXPECT_GT(row["cosine"], row["precision"] == "half" ? 0.95 : 0.999) << row;
    EXPECT_LT(row["activation"], row["precision"] == "half" ? 0.05 : 1e-5) << row;
  }
}

TEST_F(Report, ProbeWritesWhatItSays) {
  make_scene("sky.png");
  const Finished finished = reverie({"probe", "sky.png", "--activation", "a.npy", "--gradient",
                                     "g.npy", "--json", "--precision", "exact"});
  ASSERT_EQ(finished.status, 0) << finished.err;
  const auto json = finished.json();
  EXPECT_EQ(json["gradient"]["shape"], (nlohmann::json{3, 80, 96}));

  // The objective is half the sum of squares of the activation
  const std::vector<float> activation = npy_values(read("a.npy"));
  double squares = 0;
  for (float value : activation) squares += static_cast<double>(value) * value;
  EXPECT_NEAR(json["objective"], squares / 2, squares * 1e-6);
  EXPECT_NEAR(json["activation"]["l2"], std::sqrt(squares), std::sqrt(squares) * 1e-6);
  EXPECT_EQ(npy_values(read("g.npy")).size(), 3u * 80 * 96);
}

TEST_F(Report, ProbeAgreesWithCaffe) {
  const std::string facts = test_data("golden/golden.json");
  const std::string network = test_data("models/googlenet/bvlc_googlenet.caffemodel");
  if (facts.empty() || network.empty()) GTEST_SKIP() << "no goldens in " << REVERIE_TEST_DATA;
  std::ifstream file(facts);
  const auto golden =
      nlohmann::json::parse(file)["sky320x240"]["layers"]["sky320x240_conv2_3x3_postrelu"];
  const auto probe = reverie({"probe", test_data("golden/sky320x240_input.png"), "-m", network,
                              "-l", golden["layer"], "--precision", "exact", "--json"})
                         .json();
  const auto near = [](double found, double expected, double relative) {
    EXPECT_NEAR(found, expected, relative * expected);
  };
  near(probe["objective"], golden["objective_half_sum_sq"], 1e-5);
  near(probe["activation"]["l2"], golden["act_l2"], 1e-5);
  near(probe["gradient"]["l2"], golden["grad_l2"], 1e-4);
}

TEST_F(Report, ModelsAreListedAndVerified) {
  const auto list = reverie({"models", "list", "--json"}).json();
  ASSERT_GE(list["models"].size(), 1u);
  EXPECT_TRUE(list["models"][0]["file"].is_null());
  EXPECT_EQ(reverie({"models", "--json"}).json(), list);
  const auto info = reverie({"models", "info", "--json"}).json();
  EXPECT_EQ(info["name"], list["models"][0]["name"]);
  EXPECT_EQ(info["sha256"].get<std::string>().size(), 64u);
  EXPECT_GT(info["parameters"], 1000);
  const Finished verified = reverie({"models", "verify", "--json"});
  EXPECT_EQ(verified.status, 0) << verified.err;
  EXPECT_EQ(verified.json()["models"][0]["ok"], true);
}

TEST_F(Report, BenchGradientHasTheKeysOfTheContract) {
  const auto json =
      reverie({"bench", "gradient", "--size", "64", "--runs", "2", "--threads", "1", "--json"})
          .json();
  for (const char* key : {"ms_median", "ms_min", "runs", "gflop", "gflops_per_s", "peak_rss_mb",
                          "precision", "threads", "floor_ms"})
    EXPECT_TRUE(json.contains(key)) << key;
  EXPECT_EQ(json["runs"], 2);
  EXPECT_EQ(json["threads"], 1);
  EXPECT_GE(json["ms_median"], json["ms_min"]);
  EXPECT_GT(json["gflop"], 0);
}

TEST_F(Report, BenchDreamRuns) {
  const auto json = reverie({"bench", "dream", "--size", "96x64", "--octaves", "2", "--iterations",
                             "1", "--json"})
                        .json();
  EXPECT_EQ(json["runs"], 1);
  EXPECT_EQ(json["width"], 96);
  EXPECT_GT(json["peak_rss_mb"], 1);
}

TEST_F(Report, ScenesAreTheSameForTheSameSeed) {
  for (const char* name : {"1.png", "2.png"})
    ASSERT_EQ(reverie({"scene", "-o", name, "--size", "64x48", "--seed", "9"}).status, 0);
  ASSERT_EQ(reverie({"scene", "-o", "3.png", "--size", "64x48", "--seed", "10"}).status, 0);
  EXPECT_EQ(read("1.png"), read("2.png"));
  EXPECT_NE(read("1.png"), read("3.png"));
}

}  // namespace
}  // namespace reverie::test
