#include "reverie/model/network.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <sstream>

#include "reverie/base/error.h"
#include "reverie/base/file/checksum.h"
#include "reverie/graph/passes.h"
#include "reverie/graph/shapes.h"
#include "reverie/model/formats/caffe/caffe_network_fixture.h"
#include "reverie/model/formats/caffe/find_prototxt.h"
#include "reverie/model/formats/native/native.h"
#include "reverie/model/formats/zip/zip_fixture.h"
#include "reverie/model/zoo/recognize.h"
#include "reverie/model/zoo/zoo.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;

// An environment variable while a test runs.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    value != nullptr ? ::setenv(name, value, 1) : ::unsetenv(name);
  }
  ~Variable() { before_ ? ::setenv(name_, before_->c_str(), 1) : ::unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  std::optional<std::string> before_;
};

// A scratch folder with a weights folder in it.
class Networks : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "reverie_network_XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    root_ = name;
    options_.weights_folder = root_ / "weights";
    fs::create_directories(options_.weights_folder);
  }
  void TearDown() override { fs::remove_all(root_); }

  static void write(const fs::path& path, const std::string& content) {
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << content;
  }

  static caffe::TestNetwork small_network() {
    caffe::TestNetwork net = caffe::on_data(
        "layer { name: 'conv' type: 'Convolution' bottom: 'data' top: 'conv'"
        "  convolution_param { num_output: 2 kernel_size: 1 bias_term: false } }"
        "layer { name: 'relu' type: 'ReLU' bottom: 'conv' top: 'conv' }");
    net.add_blob("conv", {2, 3, 1, 1});
    return net;
  }
  static void write_weights(const fs::path& path) {
    write(path, small_network().weights.SerializeAsString());
  }
  static void write_prototxt(const fs::path& path) { write(path, small_network().prototxt); }

  Network open(const std::string& name) { return open_network(name, options_); }

  fs::path root_;
  NetworkOptions options_;
};

TEST_F(Networks, TheOneInsideIsTheDefault) {
  for (const char* name : {"", "reverie-4"}) {
    const Network network = open(name);
    EXPECT_EQ(network.name, "reverie-4");
    EXPECT_TRUE(network.file.empty());
    EXPECT_FALSE(network.description.empty());
    EXPECT_EQ(network.default_layer, "4d/output");
    EXPECT_EQ(network.graph.transform, (InputTransform{{2, 1, 0}, {104, 117, 123}, {1, 1, 1}}));
  }
}

TEST_F(Networks, ThatShippedEarlierSayWhichOneIsInsideNow) {
  expect_error<FileFailure>([&] { open("reverie-3"); }, {"'reverie-3'", "not inside", "reverie-4"});
  // Where somebody kept its file, that is opened
  write_weights(options_.weights_folder / "reverie-3.caffemodel");
  write_prototxt(options_.weights_folder / "reverie-3.prototxt");
  EXPECT_EQ(open("reverie-3").name, "reverie-3");
}

TEST_F(Networks, TheOneInsideHasGoogLeNetsChannelsUnderItsNames) {
  const Network network = open("");
  const auto shapes = infer_shapes(network.graph, 224, 224);
  for (const auto& [layer, shape] : {std::pair{"3b/output", Shape{480, 28, 28}},
                                     {"inception_3b/output", Shape{480, 28, 28}},
                                     {"4a", Shape{512, 14, 14}},
                                     {"4b/output", Shape{512, 14, 14}},
                                     {"inception_4c/output", Shape{512, 14, 14}}}) {
    ASSERT_GE(network.graph.find(layer), 0) << layer;
    EXPECT_EQ(shapes[static_cast<std::size_t>(network.graph.find(layer))], shape) << layer;
  }
}

TEST_F(Networks, TheChecksumIsOfTheFile) {
  std::ifstream file(REVERIE_SOURCE_DIR "/models/reverie-4.safetensors", std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  const std::string bytes = text.str();
  const std::string expected = sha256(std::as_bytes(std::span(bytes.data(), bytes.size())));
  EXPECT_EQ(checksum(open("")), expected);

  // The page that says where the network came from gives the same
  std::ifstream page(REVERIE_SOURCE_DIR "/models/README.md");
  std::ostringstream readme;
  readme << page.rdbuf();
  EXPECT_NE(readme.str().find(expected), std::string::npos);

  const fs::path copy = root_ / "copy.safetensors";
  write(copy, bytes);
  EXPECT_EQ(checksum(open(copy.string())), expected);
}

TEST_F(Networks, AreFoundByPathAndByName) {
  const fs::path folder = options_.weights_folder / "small";
  write_weights(folder / "other.caffemodel");
  write_prototxt(folder / "deploy.prototxt");
  for (const std::string& name :
       {(folder / "other.caffemodel").string(), folder.string(), std::string("small")}) {
    const Network network = open(name);
    EXPECT_EQ(network.name, "other") << name;
    EXPECT_EQ(network.file, folder / "other.caffemodel");
    EXPECT_EQ(network.default_layer, "conv");
  }
  write_native({open("small").graph, "conv", ""}, options_.weights_folder / "flat.safetensors");
  EXPECT_EQ(open("flat").name, "flat");
  EXPECT_EQ(open("flat.safetensors").name, "flat");
}

TEST_F(Networks, AreFoundByTheirOtherNames) {
  write_weights(options_.weights_folder / "bvlc_googlenet.caffemodel");
  write_prototxt(options_.weights_folder / "bvlc_googlenet.prototxt");
  EXPECT_EQ(open("googlenet").file, options_.weights_folder / "bvlc_googlenet.caffemodel");
  EXPECT_EQ(open("googlenet").name, "googlenet");
  EXPECT_EQ(open("bvlc_googlenet").name, "googlenet");
}

// A network as the zoo would put it into its folder, with all layers that the table names.
void write_as_fetched(const ZooNetwork& row, const fs::path& weights_folder) {
  Graph graph;
  graph.add("data", Input{}, {});
  for (const auto* layers : {&row.signature_layers, &row.good_layers})
    for (const std::string& layer : *layers)
      if (graph.find(layer) < 0) graph.add(layer, Relu{}, {0});
  fs::create_directories(weights_folder / row.name);
  write_native({graph, "", ""}, weights_folder / row.name / weights_of(row).name);
}

TEST_F(Networks, HaveTheSameLayersBeforeAndAfterAFetch) {
  for (const ZooNetwork& row : zoo()) {
    SCOPED_TRACE(row.name);
    EXPECT_FALSE(is_network_here(row.name, options_));
    write_as_fetched(row, options_.weights_folder);
    EXPECT_TRUE(is_network_here(row.name, options_));
    const Network network = open(row.name);
    EXPECT_EQ(network.name, row.name);
    EXPECT_EQ(network.good_layers, row.good_layers);
    EXPECT_EQ(network.default_layer, row.default_layer);
  }
}

TEST_F(Networks, ListOnlyGoodLayersThatTheyHave) {
  ZooNetwork shortened = *find_in_zoo("googlenet");
  shortened.good_layers = {"inception_3b/output", "inception_4c/output"};
  write_as_fetched(shortened, options_.weights_folder);
  EXPECT_EQ(open("googlenet").good_layers, shortened.good_layers);
}

TEST_F(Networks, APrototxtIsFoundBesideItsWeights) {
  const fs::path weights = root_ / "a" / "net.caffemodel";
  write_weights(weights);
  const auto is = [&](const char* name) {
    EXPECT_EQ(find_prototxt(weights), weights.parent_path() / name);
  };
  EXPECT_EQ(find_prototxt(weights), fs::path());
  write_prototxt(root_ / "a" / "only.prototxt");
  is("only.prototxt");
  write_prototxt(root_ / "a" / "solver.prototxt");
  expect_error<FileFailure>([&] { find_prototxt(weights); }, {"several descriptions", "--prototxt",
                                                              "only.prototxt", "solver.prototxt"});
  write_prototxt(root_ / "a" / "deploy.prototxt");
  is("deploy.prototxt");
  write_prototxt(root_ / "a" / "net.prototxt");
  is("net.prototxt");

  // The one that the caller names wins
  write(root_ / "b.prototxt", "nonsense {");
  options_.prototxt = root_ / "b.prototxt";
  expect_error<BadModel>([&] { open(weights.string()); }, {"b.prototxt' does not parse"});
}

TEST_F(Networks, SayWhenTheInputIsGuessed) {
  write_weights(root_ / "net.caffemodel");
  write_prototxt(root_ / "net.prototxt");
  std::vector<std::string> notices;
  const auto open_with_notices = [&] {
    notices.clear();
    return open_network((root_ / "net.caffemodel").string(), options_,
                        [&](const std::string& line) { notices.push_back(line); });
  };
  EXPECT_EQ(open_with_notices().graph.transform,
            (InputTransform{{2, 1, 0}, {104, 116, 122}, {1, 1, 1}}));
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_NE(notices[0].find("assuming"), std::string::npos) << notices[0];

  // A data layer that says it makes the guess unnecessary
  caffe::TestNetwork net = small_network();
  net.prototxt.replace(0, net.prototxt.find('\n'),
                       "layer { type: 'Data' top: 'data' transform_param { mean_value: 9 } }");
  write(root_ / "net.prototxt", net.prototxt);
  EXPECT_EQ(open_with_notices().graph.transform, (InputTransform{{2, 1, 0}, {9, 9, 9}, {1, 1, 1}}));
  EXPECT_TRUE(notices.empty());
}

TEST_F(Networks, ThatAreMissingAreSpokenOf) {
  write_weights(options_.weights_folder / "googlenet" / "bvlc.caffemodel");
  const std::string weights = options_.weights_folder.string();
  expect_error<FileFailure>([&] { open("gogglenet"); },
                            {"no network 'gogglenet'", weights, "nearest names: googlenet"});
  // Networks that could be fetched count, too; nonsense is near to nothing
  expect_error<FileFailure>([&] { open("squeeznet"); },
                            {"nearest names: squeezenet (reverie models fetch squeezenet"});
  expect_error<FileFailure>([&] { open("xyzzy-plugh"); }, {"reverie models list shows"});
  expect_error<FileFailure>([&] { open((root_ / "no" / "x.caffemodel").string()); },
                            {"no network '", "there is no folder '"});
  expect_error<FileFailure>(
      [&] { open((options_.weights_folder / "googlenet" / "bvcl.caffemodel").string()); },
      {"no such file", "nearest there: bvlc.caffemodel"});
  fs::create_directory(root_ / "empty");
  expect_error<FileFailure>([&] { open((root_ / "empty").string()); },
                            {"no network in folder", ".caffemodel, .safetensors"});
  write_weights(options_.weights_folder / "googlenet" / "second.caffemodel");
  expect_error<FileFailure>([&] { open("googlenet"); },
                            {"several networks", "bvlc.caffemodel, second.caffemodel"});
  expect_error<FileFailure>([&] { open("/dev/null"); }, {"not a regular file"});
  options_.prototxt = root_ / "none.prototxt";
  write_weights(root_ / "net.caffemodel");
  expect_error<FileFailure>([&] { open((root_ / "net.caffemodel").string()); },
                            {"none.prototxt': No such file or directory"});
}

TEST_F(Networks, OfOtherFormatsAreRecognisedByTheirContent) {
  const auto opening = [&](const std::string& content, const char* name = "file.bin") {
    write(root_ / name, content);
    return [this, path = (root_ / name).string()] { open(path); };
  };
  expect_error<BadModel>(opening("\x89HDF\r\n\x1a\n and more"), {"is not a whole HDF5 file"});
  expect_error<Unsupported>(opening(ZipWriter().add("net.onnx", "x").finish()),
                            {"zip archive; unpack it"});
  expect_error<BadModel>(opening("PK\x03\x04 and more", "net.keras"), {"damaged or cut off"});
  expect_error<BadModel>(opening("\x0a\x10\x0a\x05input\x12\x07Unknown!"),
                         {"is not a whole GraphDef: invalid byte 19"});
  expect_error<BadModel>(opening("\x08\x07\x12\x07pytorch"), {"holds no ONNX graph"});
  expect_error<BadModel>(opening("?", "net.pb"), {"net.pb' is not a whole GraphDef"});
  expect_error<BadModel>(opening("GIF89a"), {"is a picture"});
  expect_error<BadModel>(opening("?!"), {"not a network file that Reverie recognises"});
  expect_error<BadModel>(opening("<html>", "net.onnx"), {"net.onnx' is a web page"});
  expect_error<BadModel>(opening("?!", "net.weights"), {"weights of Darknet"});
  expect_error<BadModel>(opening("?!", "net.pth"), {"is not a file that torch.save wrote"});
  expect_error<BadModel>(opening(""), {"file.bin' is empty"});
  expect_error<BadModel>(opening("name: 'x' layer { name: 'a' }"),
                         {"a network's description without weights", "--prototxt"});
  expect_error<BadModel>(opening("name: 'x' layer { name: 'a' }", "net.caffemodel"),
                         {"a network's description without weights"});
  expect_error<BadModel>(opening("junk", "net.safetensors"), {"not a whole .safetensors file"});

  // A caffemodel given as the description
  write_weights(root_ / "net.caffemodel");
  options_.prototxt = root_ / "net.caffemodel";
  expect_error<BadModel>([&] { open((root_ / "net.caffemodel").string()); },
                         {"is not a prototxt: it is a binary file"});
}

TEST_F(Networks, UnderAnyExtensionOpen) {
  write_weights(root_ / "weights.bin");
  write_prototxt(root_ / "weights.prototxt");
  EXPECT_EQ(open((root_ / "weights.bin").string()).graph.layers.size(), 3u);
}

TEST_F(Networks, AreListedByName) {
  write_weights(options_.weights_folder / "zebra.caffemodel");
  write_weights(options_.weights_folder / "apple" / "x.caffemodel");
  write_weights(options_.weights_folder / "two" / "a.caffemodel");
  write_weights(options_.weights_folder / "two" / "b.safetensors");
  write(options_.weights_folder / "notes.txt", "no network");
  fs::create_directory(options_.weights_folder / "empty");
  std::vector<std::string> names;
  for (const NetworkEntry& entry : list_networks(options_.weights_folder)) {
    names.push_back(entry.name);
    EXPECT_EQ(entry.file.empty(), entry.name == "reverie-4");
    EXPECT_GT(entry.bytes, 0u) << entry.name;
  }
  EXPECT_EQ(names, (std::vector<std::string>{"reverie-4", "apple", "two/a.caffemodel",
                                             "two/b.safetensors", "zebra"}));
  EXPECT_EQ(list_networks(root_ / "none").size(), 1u);

  // Every listed name opens
  for (const std::string& name : names)
    EXPECT_NO_THROW(locate_weights(name == "reverie-4" ? "apple" : name, options_.weights_folder))
        << name;
}

TEST_F(Networks, LieWhereTheEnvironmentSays) {
  const Variable home("HOME", "/home/somebody");
  {
    const Variable own("REVERIE_MODELS", "/own");
    const Variable data("XDG_DATA_HOME", "/data");
    EXPECT_EQ(weights_folder(), "/own");
  }
  const Variable own("REVERIE_MODELS", nullptr);
  {
    const Variable data("XDG_DATA_HOME", "/data");
    EXPECT_EQ(weights_folder(), "/data/reverie/models");
  }
  const Variable data("XDG_DATA_HOME", nullptr);
  EXPECT_EQ(weights_folder(), "/home/somebody/.local/share/reverie/models");
}

TEST_F(Networks, AreSavedAndOpenedAgain) {
  const Network network = open("");
  const std::string path = (root_ / "copy.safetensors").string();
  std::uintmax_t sizes[2] = {};
  for (const WeightsType type : {WeightsType::float32, WeightsType::float16}) {
    save_network(network, path, type);
    const Network copy = open(path);
    EXPECT_EQ(copy.graph.layers.size(), network.graph.layers.size());
    EXPECT_EQ(copy.graph.aliases, network.graph.aliases);
    EXPECT_EQ(copy.default_layer, network.default_layer);
    EXPECT_EQ(copy.description, network.description);

    // Its weights came from half precision, so both types keep them
    const auto& before = std::get<Convolution>(network.graph.layers[1].op).weights->elements();
    const auto& after = std::get<Convolution>(copy.graph.layers[1].op).weights->elements();
    EXPECT_TRUE(std::equal(before.begin(), before.end(), after.begin(), after.end()));
    sizes[type == WeightsType::float16 ? 1 : 0] = fs::file_size(path);
  }
  EXPECT_GT(sizes[0], sizes[1] * 19 / 10);
}

TEST_F(Networks, AreVerified) {
  const Verification found = verify_network(open(""));
  EXPECT_EQ(found.sha256, checksum(open("")));
  EXPECT_EQ(found.unknown_layers, 0);
  EXPECT_GT(found.parameters, 1300000u);
  EXPECT_EQ(found.published, "");

  caffe::TestNetwork net = small_network();
  net.weights.mutable_layer(1)->mutable_blobs(0)->set_data(4,
                                                           std::numeric_limits<float>::quiet_NaN());
  write(root_ / "net.caffemodel", net.weights.SerializeAsString());
  write(root_ / "net.prototxt", net.prototxt);
  const Network damaged = open((root_ / "net.caffemodel").string());
  expect_error<BadModel>([&] { verify_network(damaged); },
                         {"layer 'conv/pre_relu': number 4 of its weights is nan"});

  // A file of a release's size with other bytes
  Network impostor = open("");
  impostor.file = root_ / "impostor.caffemodel";
  write(impostor.file, "");
  fs::resize_file(impostor.file, weights_of(*find_in_zoo("googlenet")).bytes);
  const auto expect_doubt = [&](const std::string& reason) {
    const Verification verified = verify_network(impostor);
    EXPECT_EQ(verified.published, "");
    EXPECT_NE(verified.doubt.find(reason), std::string::npos) << verified.doubt;
    EXPECT_NE(verified.doubt.find("damaged, or another file"), std::string::npos);
  };
  expect_doubt(
      "impostor.caffemodel' has the size of bvlc_googlenet.caffemodel but has the SHA-256");

  // A file of a release's name and another size
  impostor.file = root_ / "bvlc_googlenet.caffemodel";
  write(impostor.file, "short");
  expect_doubt("has the name of bvlc_googlenet.caffemodel but has 5 bytes, the published one");
}

TEST(DefaultLayer, IsBelowTheClassifierAndWhatIsUnknown) {
  Graph graph;
  graph.add("data", Input{}, {});
  EXPECT_EQ(guess_default_layer(graph), "");
  graph.add("lrn", Lrn{}, {0});
  EXPECT_EQ(guess_default_layer(graph), "lrn");
  for (const char* name : {"r1", "r2", "r3", "r4"}) graph.add(name, Relu{}, {1});
  EXPECT_EQ(guess_default_layer(graph), "r3");
  graph.add("unknown", UnknownLayer{"X"}, {5});
  graph.add("above", Concat{}, {6});
  EXPECT_EQ(guess_default_layer(graph), "r3");
  graph.add("join", Concat{}, {2, 3});
  EXPECT_EQ(guess_default_layer(graph), "join");
  Pool global;
  global.global = true;
  graph.add("pool", global, {8});
  graph.add("head", Concat{}, {9});
  EXPECT_EQ(guess_default_layer(graph), "join");
}

// Real networks --------------------------------------------------------------------------------

class RealNetworks : public ::testing::Test {
 protected:
  void SetUp() override {
    options_.weights_folder = REVERIE_TEST_DATA "/models";
    if (!fs::exists(options_.weights_folder / "googlenet"))
      GTEST_SKIP() << "no networks in " << options_.weights_folder;
  }
  NetworkOptions options_;
};

template <class T>
std::ptrdiff_t count_of(const Graph& graph) {
  return std::count_if(graph.layers.begin(), graph.layers.end(),
                       [](const Layer& layer) { return std::holds_alternative<T>(layer.op); });
}

TEST_F(RealNetworks, GoogLeNet) {
  const Network network = open_network("googlenet", options_);
  EXPECT_EQ(network.name, "googlenet");
  EXPECT_EQ(network.default_layer, "inception_4c/output");
  EXPECT_EQ(network.good_layers, find_in_zoo("googlenet")->good_layers);
  EXPECT_EQ(network.graph.transform, (InputTransform{{2, 1, 0}, {104, 116, 122}, {1, 1, 1}}));
  EXPECT_EQ(count_of<Convolution>(network.graph), 57);
  EXPECT_EQ(count_of<Relu>(network.graph), 57);
  EXPECT_EQ(count_of<Concat>(network.graph), 9);
  EXPECT_EQ(count_of<Pool>(network.graph), 14);
  EXPECT_EQ(count_of<Lrn>(network.graph), 2);
  EXPECT_EQ(count_of<UnknownLayer>(network.graph), 0);
  const auto shapes = infer_shapes(network.graph, 224, 224);
  EXPECT_EQ(shapes.back(), (Shape{1000, 1, 1}));

  // The layers that the notebook names, and one under its layer's own name
  const auto shape = [&](const char* layer) {
    return shapes.at(static_cast<std::size_t>(network.graph.find(layer)));
  };
  EXPECT_EQ(shape("conv2/3x3/pre_relu"), (Shape{192, 56, 56}));
  EXPECT_EQ(shape("inception_3b/output"), (Shape{480, 28, 28}));
  EXPECT_EQ(shape("inception_4c/relu_1x1"), (Shape{128, 14, 14}));
  const PassResult prepared = prepare(network.graph, {network.graph.find("inception_4c/output")});
  EXPECT_EQ(infer_shapes(prepared.graph, 64, 97).back(), (Shape{512, 4, 6}));
  EXPECT_EQ(count_of<Relu>(prepared.graph), 0);
  const Verification found = verify_network(network);
  EXPECT_EQ(found.parameters, 6998552u);
}

TEST_F(RealNetworks, SqueezeNet) {
  const Network network = open_network("squeezenet", options_);
  EXPECT_EQ(network.name, "squeezenet");
  EXPECT_EQ(count_of<Convolution>(network.graph), 26);
  EXPECT_EQ(count_of<UnknownLayer>(network.graph), 0);
  const auto shapes = infer_shapes(network.graph, 227, 227);
  EXPECT_EQ(shapes.back(), (Shape{1000, 1, 1}));
  EXPECT_EQ(verify_network(network).parameters, 1235496u);
  EXPECT_GE(network.graph.find(network.default_layer), 0);
}

TEST_F(RealNetworks, TheDescriptionInGoogLeNetsWeightsGivesTheSameNetwork) {
  const fs::path weights = options_.weights_folder / "googlenet" / "bvlc_googlenet.caffemodel";
  std::ifstream file(weights, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  const std::string bytes = text.str();
  const CaffeNetwork inside =
      read_caffe({"", "", std::as_bytes(std::span(bytes.data(), bytes.size())), "googlenet"});
  const Network network = open_network("googlenet", options_);
  ASSERT_EQ(inside.graph.layers.size(), network.graph.layers.size());
  for (std::size_t i = 0; i < inside.graph.layers.size(); ++i)
    EXPECT_EQ(inside.graph.layers[i].name, network.graph.layers[i].name);
}

TEST_F(RealNetworks, WithAnothersDescriptionAreRefused) {
  options_.prototxt = options_.weights_folder / "squeezenet_v1.1" / "deploy.prototxt";
  expect_error<BadModel>([&] { open_network("googlenet", options_); },
                         {"layer 'conv1'", "has no weights of this name"});
}

}  // namespace
}  // namespace reverie
