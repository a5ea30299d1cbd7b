#include "reverie/job/job_spec.h"

#include <gtest/gtest.h>

namespace reverie {
namespace {

std::string error_of(const std::string& text) {
  try {
    job_from_json(text, "job.json");
  } catch (const BadRecipe& error) {
    return error.what();
  }
  return "";
}

TEST(JobSpec, ReadsBackWhatItWrites) {
  JobSpec spec = job_of_kind(JobKind::zoom, {"sky.jpg"});
  spec.recipe.layers.push_back(parse_layer_spec("4c/output:3,5=0.5"));
  spec.recipe.seed = 12;
  spec.zoom.frames = 40;
  spec.zoom.camera.zoom = {1.05, ZoomStep::Unit::factor};
  spec.output = {"out.mp4", "", {}, 70, "vp9", "now.png", true};
  spec.machine = {2, Device::cpu, 700'000'000};
  spec.history = {"B", "A", "go_on"};
  spec.prototxt = "deploy.prototxt";
  spec.mirror = "file:///mirror";
  const JobSpec back = job_from_json(job_to_json(spec), "job.json");
  EXPECT_EQ(back.kind, JobKind::zoom);
  EXPECT_EQ(back.inputs, spec.inputs);
  EXPECT_EQ(back.recipe, spec.recipe);
  EXPECT_EQ(back.zoom, spec.zoom);
  EXPECT_EQ(back.output, spec.output);
  EXPECT_EQ(back.machine, spec.machine);
  EXPECT_EQ(back.history, spec.history);
  EXPECT_EQ(back.prototxt, spec.prototxt);
  EXPECT_EQ(back.mirror, spec.mirror);
  EXPECT_EQ(job_to_json(back), job_to_json(spec));
}

TEST(JobSpec, ReadsBackEveryKind) {
  JobSpec atlas = job_of_kind(JobKind::atlas, {});
  atlas.atlas.settings = {64, 20, 7};
  atlas.atlas.all_channels = true;
  atlas.atlas.top = TopChannels{"cat.png", Place{0.25, 1}, 9};
  atlas.atlas.columns = 3;
  atlas.atlas.cache = "features";
  EXPECT_EQ(job_from_json(job_to_json(atlas), "").atlas, atlas.atlas);

  JobSpec video = job_of_kind(JobKind::video, {"sea.mp4"});
  video.video.every = 3;
  video.measure_flicker = true;
  EXPECT_EQ(job_from_json(job_to_json(video), "").video, video.video);
  EXPECT_TRUE(job_from_json(job_to_json(video), "").measure_flicker);

  JobSpec sweep = job_of_kind(JobKind::sweep, {"sky.png"});
  sweep.sweep = {"step=1,2", "seed=1,2,3"};
  EXPECT_EQ(job_from_json(job_to_json(sweep), "").sweep, sweep.sweep);

  JobSpec redo = job_of_kind(JobKind::redo, {"sky.dream.png"});
  redo.redo = {"sky.jpg", R"({"recipe":{"seed":3}})", true};
  EXPECT_EQ(job_from_json(job_to_json(redo), "").redo, redo.redo);
}

TEST(JobSpec, NamesWhatWasChosenAsSettingsAreNamed) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(job_from_json(R"({"kind": "image", "recipe": {"octave_scale": 1.4}})", "").chosen,
            Names{"octave-scale"});
  EXPECT_EQ(job_from_json(R"({"kind": "image", "chosen": ["octave_scale", "step"]})", "").chosen,
            (Names{"octave-scale", "step"}));
}

TEST(JobSpec, StartsFromTheRecipeOfItsKind) {
  EXPECT_EQ(job_from_json(R"({"kind": "image"})", "").recipe, Recipe{});
  EXPECT_EQ(job_from_json(R"({"kind": "zoom", "recipe": {}})", "").recipe, zoom_recipe());
  EXPECT_EQ(job_from_json(R"({"kind": "video"})", "").recipe, video_recipe());
}

TEST(JobSpec, RefusesWhatIsNotUnderstoodAndSaysWhere) {
  EXPECT_EQ(error_of("{"), "job.json: not JSON");
  EXPECT_EQ(error_of("[]"), "job.json: expected an object");
  EXPECT_EQ(error_of("{}"),
            "job.json: no \"kind\", expected image, zoom, video, atlas, sweep or redo");
  EXPECT_EQ(error_of(R"({"kind": "film"})"),
            "job.json: kind is \"film\", expected one of image, zoom, video, atlas, sweep, redo");
  EXPECT_EQ(error_of(R"({"kind": "image", "input": ["a.png"]})"),
            "job.json: no key 'input'; the nearest is 'inputs'");
  EXPECT_EQ(error_of(R"({"kind": "image", "inputs": "a.png"})"),
            "job.json: inputs is \"a.png\", expected a list of texts");
  EXPECT_EQ(error_of(R"({"kind": "image", "output": {"quality": 101}})"),
            "job.json: output: quality is 101, expected a whole number, 1 to 100");
  EXPECT_EQ(error_of(R"({"kind": "image", "machine": {"threads": 1.5}})"),
            "job.json: machine: threads is 1.5, expected a whole number, 0 to 1024");
  EXPECT_NE(error_of(R"({"kind": "image", "recipe": {"octave": 3}})").find("octaves"),
            std::string::npos);
  EXPECT_NE(error_of(R"({"kind": "redo", "redo": {"changes": 3}})").find("an object"),
            std::string::npos);
}

TEST(JobSpec, RefusesPartsThatDoNotGoTogether) {
  const auto refused = [](const JobSpec& spec) {
    try {
      validate(spec);
    } catch (const BadJob&) {
      return true;
    }
    return false;
  };
  EXPECT_TRUE(refused(job_of_kind(JobKind::image, {})));
  EXPECT_TRUE(refused(job_of_kind(JobKind::zoom, {"a.png", "b.png"})));
  EXPECT_TRUE(refused(job_of_kind(JobKind::sweep, {"."})));
  EXPECT_FALSE(refused(job_of_kind(JobKind::image, {"a.png", "b.png"})));

  JobSpec guided = job_of_kind(JobKind::image, {"a.png"});
  guided.recipe.guide.push_back({"b.png", 1});
  EXPECT_TRUE(refused(guided));
  guided.recipe.layers.push_back(parse_layer_spec("4c/output"));
  EXPECT_FALSE(refused(guided));

  JobSpec named = job_of_kind(JobKind::zoom, {"a.png"});
  named.name = "tour";
  EXPECT_TRUE(refused(named));

  JobSpec atlas = job_of_kind(JobKind::atlas, {});
  atlas.recipe.layers = {parse_layer_spec("3b/output"), parse_layer_spec("4c/output")};
  EXPECT_TRUE(refused(atlas));
  atlas.recipe.layers = {parse_layer_spec("3b/output=2")};
  EXPECT_TRUE(refused(atlas));

  JobSpec output = job_of_kind(JobKind::image, {"a.png"});
  output.output.bits = 12;
  EXPECT_TRUE(refused(output));
  for (const int quality : {0, 101}) {
    output.output = {};
    output.output.quality = quality;
    EXPECT_TRUE(refused(output)) << quality;
  }
  output.output = {};
  output.output.codec = "h999";
  EXPECT_TRUE(refused(output));
}

TEST(JobSpec, MemoryIsReadWithItsUnit) {
  EXPECT_EQ(parse_bytes("1500000"), 1'500'000u);
  EXPECT_EQ(parse_bytes("40M"), 40'000'000u);
  EXPECT_EQ(parse_bytes("1M"), 1'000'000u);
  EXPECT_THROW(parse_bytes("10"), BadJob);
  EXPECT_THROW(parse_bytes("999k"), BadJob);
  EXPECT_EQ(parse_bytes("1.5gb"), 1'500'000'000u);
  for (const char* text : {"", "M", "-1G", "0", "2X", "1e16", "nan"})
    EXPECT_THROW(parse_bytes(text), BadJob) << text;
}

}  // namespace
}  // namespace reverie
