#include "reverie/graph/names.h"

#include <gtest/gtest.h>

#include "reverie/base/error.h"
#include "reverie/base/text.h"

namespace reverie {
namespace {

Graph googlenet_like() {
  Graph graph;
  graph.name = "some network";
  int last = graph.add("data", Input{}, {});
  for (const char* name : {"conv1/7x7_s2", "inception_3b/output", "inception_4b/output",
                           "inception_4c/output", "inception_4c/1x1", "mixed4c"})
    last = graph.add(name, Relu{}, {last});
  graph.aliases["inception_4c/relu_1x1"] = graph.find("inception_4c/1x1");
  return graph;
}

std::string resolved(const std::string& text) {
  const Graph graph = googlenet_like();
  try {
    return graph.layers[static_cast<std::size_t>(resolve_layer(graph, text))].name;
  } catch (const BadRecipe& error) {
    return error.what();
  }
}

TEST(Names, ResolveExactlyByGlobAndBySuffix) {
  EXPECT_EQ(resolved("inception_4c/output"), "inception_4c/output");
  EXPECT_EQ(resolved("inception_4c/relu_1x1"), "inception_4c/1x1");
  EXPECT_EQ(resolved("4c/output"), "inception_4c/output");
  EXPECT_EQ(resolved("*4c*out*"), "inception_4c/output");
  EXPECT_EQ(resolved("mixed?c"), "mixed4c");
  EXPECT_EQ(resolved("*relu_1x1"), "inception_4c/1x1");
}

TEST(Names, SayWhatIsAmbiguousOrNearest) {
  EXPECT_EQ(
      resolved("output"),
      "layer 'output' is ambiguous in network 'some network': it matches inception_3b/output, "
      "inception_4b/output, inception_4c/output");
  EXPECT_EQ(resolved("inception_4c/outptu")
                .find("no layer 'inception_4c/outptu' in network 'some network'; "
                      "the nearest names are inception_4c/output"),
            0u)
      << resolved("inception_4c/outptu");
  EXPECT_NE(resolved("4c").find("nearest names are inception_4c/output, inception_4c/1x1, mixed4c"),
            std::string::npos)
      << resolved("4c");
  // A suffix counts from a boundary only: "c/output" would be half a word
  EXPECT_NE(resolved("c/output").find("no layer"), std::string::npos);
  EXPECT_NE(resolved("").find("no layer ''"), std::string::npos);
}

TEST(Names, NearestComesFirst) {
  EXPECT_EQ(nearest_names("clasic", {"hvass", "classic", "tutorial"}, 1),
            (std::vector<std::string>{"classic"}));
  EXPECT_TRUE(nearest_names("x", {}, 3).empty());
  EXPECT_EQ(nearest_names("googlnet", {"vgg16", "googlenet", "resnet50"}, 3),
            (std::vector<std::string>{"googlenet"}));
  EXPECT_EQ(nearest_names("MIXED4C", {"mixed4c_relu", "pool"}, 3),
            (std::vector<std::string>{"mixed4c_relu"}));
  EXPECT_EQ(nearest_names("googlenet-v1", {"googlenet"}, 3),
            (std::vector<std::string>{"googlenet"}));
}

TEST(Names, NothingIsNearToNonsense) {
  EXPECT_TRUE(nearest_names("xyzzy", {"flip", "step", "iterations"}, 3).empty());
  EXPECT_TRUE(nearest_names("foo", {"flip", "of"}, 3).empty());
  EXPECT_EQ(nearest_note("foo", {"flip"}), "");
  EXPECT_EQ(nearest_note("flop", {"flip"}), "; the nearest is 'flip'");
}

}  // namespace
}  // namespace reverie
