// HDF5 files: whole models, weights alone, damaged ones, and real ones.
#include "reverie/model/formats/keras/keras.h"

#include <fmt/format.h>
#include <hdf5.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "reverie/graph/shapes.h"
#include "reverie/model/formats/keras/keras_weights_fixture.h"
#include "reverie/model/formats/zip/zip_fixture.h"

namespace reverie::keras {
namespace {

namespace fs = std::filesystem;

// Writes small HDF5 files as Keras does.
class TestFile {
 public:
  explicit TestFile(const fs::path& path) {
    H5dont_atexit();
    file_ = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  }
  ~TestFile() { H5Fclose(file_); }

  void text(const std::string& group, const std::string& name, const std::string& value) {
    const hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
    H5Tset_size(type, value.size());
    const hid_t attribute = H5Acreate_by_name(file_, group.c_str(), name.c_str(), type, space,
                                              H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(attribute, type, value.data());
    H5Aclose(attribute);
    H5Sclose(space);
    H5Tclose(type);
  }

  void texts(const std::string& group, const std::string& name,
             const std::vector<std::string>& values) {
    constexpr std::size_t width = 40;
    std::string bytes(width * values.size(), '\0');
    for (std::size_t i = 0; i < values.size(); ++i) values[i].copy(&bytes[i * width], width);
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, width);
    const hsize_t count = values.size();
    const hid_t space = H5Screate_simple(1, &count, nullptr);
    const hid_t attribute = H5Acreate_by_name(file_, group.c_str(), name.c_str(), type, space,
                                              H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (count > 0) H5Awrite(attribute, type, bytes.data());
    H5Aclose(attribute);
    H5Sclose(space);
    H5Tclose(type);
  }

  void group(const std::string& path) {
    H5Gclose(H5Gcreate2(file_, path.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  }

  // 0, 1, 2 ...; groups in between are made.
  void array(const std::string& path, const std::vector<hsize_t>& extents) {
    hsize_t count = 1;
    for (const hsize_t extent : extents) count *= extent;
    std::vector<float> values(count);
    std::iota(values.begin(), values.end(), 0.f);
    const hid_t links = H5Pcreate(H5P_LINK_CREATE);
    H5Pset_create_intermediate_group(links, 1);
    const hid_t space = H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr);
    const hid_t set =
        H5Dcreate2(file_, path.c_str(), H5T_IEEE_F32LE, space, links, H5P_DEFAULT, H5P_DEFAULT);
    H5Dwrite(set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
    H5Dclose(set);
    H5Sclose(space);
    H5Pclose(links);
  }

 private:
  hid_t file_;
};

class KerasFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "reverie_keras_XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
    path_ = root_ / "net.h5";
  }
  void TearDown() override { fs::remove_all(root_); }

  void write_model() {
    TestFile file(path_);
    file.text("/", "model_config",
              R"({"class_name":"Sequential","config":[
                 {"class_name":"Conv2D","config":{"name":"a","filters":2,"kernel_size":[1,1]}},
                 {"class_name":"Activation","config":{"name":"b","activation":"relu"}}]})");
    file.group("/model_weights");
    file.texts("/model_weights", "layer_names", {"a", "b"});
    file.array("/model_weights/a/a/kernel:0", {1, 1, 3, 2});
    file.array("/model_weights/a/a/bias:0", {2});
    file.texts("/model_weights/a", "weight_names", {"a/kernel:0", "a/bias:0"});
  }

  fs::path root_, path_;
};

TEST_F(KerasFiles, AWholeModel) {
  write_model();
  const KerasNetwork network = read_keras(path_);
  const auto conv = op_of<Convolution>(network.graph, "a");
  EXPECT_EQ(numbers(conv.weights), (std::vector<float>{0, 2, 4, 1, 3, 5}));
  EXPECT_EQ(numbers(conv.bias), (std::vector<float>{0, 1}));
  EXPECT_GE(network.graph.find("b"), 0);
  EXPECT_FALSE(network.transform);
}

TEST_F(KerasFiles, FilesThatAreNotOnesOfKeras) {
  { TestFile file(path_); }
  expect_error<BadModel>([&] { read_keras(path_); }, {"not one of Keras: it has no layer_names"});
  {
    TestFile file(path_);
    file.texts("/", "layer_names", {"one", "two"});
  }
  expect_error<Unsupported>([&] { read_keras(path_); }, {"one, two", "save the whole model"});
  std::ofstream(path_) << "\x89HDF\r\n\x1a\n and no more";
  expect_error<BadModel>([&] { read_keras(path_); }, {"is not a whole HDF5 file"});
  expect_error<BadModel>([&] { read_keras(root_ / "none.h5"); }, {"none.h5"});
}

// A model in a model, whose group has the arrays of all its layers.
TEST_F(KerasFiles, AModelInsideAnother) {
  {
    TestFile file(path_);
    file.text("/", "model_config",
              R"({"class_name":"Sequential","config":[
                 {"class_name":"Sequential","config":{"name":"base","layers":[
                   {"class_name":"Conv2D","config":{"name":"a","filters":2,"kernel_size":[1,1]}},
                   {"class_name":"Conv2D","config":{"name":"b","filters":1,"kernel_size":[1,1]}}]}},
                 {"class_name":"Conv2D","config":{"name":"a","filters":1,"kernel_size":[1,1],
                   "use_bias":false}}]})");
    file.group("/model_weights");
    file.texts("/model_weights", "layer_names", {"base", "a"});
    file.array("/model_weights/base/a/kernel:0", {1, 1, 3, 2});
    file.array("/model_weights/base/a/bias:0", {2});
    file.array("/model_weights/base/base/b/kernel:0", {1, 1, 2, 1});
    file.array("/model_weights/base/base/b/bias:0", {1});
    file.texts("/model_weights/base", "weight_names",
               {"a/kernel:0", "a/bias:0", "base/b/kernel:0", "base/b/bias:0"});
    file.array("/model_weights/a/a/kernel:0", {1, 1, 1, 1});
    file.texts("/model_weights/a", "weight_names", {"a/kernel:0"});
  }
  const Graph graph = read_keras(path_).graph;
  EXPECT_EQ(op_of<Convolution>(graph, "base/a").weights->shape(), (Shape{2, 3, 1, 1}));
  EXPECT_EQ(op_of<Convolution>(graph, "base/b").weights->shape(), (Shape{1, 2, 1, 1}));
  EXPECT_EQ(op_of<Convolution>(graph, "a").weights->shape(), (Shape{1, 1, 1, 1}));
  EXPECT_EQ(graph.find("b"), graph.find("base/b"));
  EXPECT_EQ(graph.find("base"), graph.find("base/b"));
}

std::string content_of(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

TEST_F(KerasFiles, AnArchiveOfKeras3) {
  {
    TestFile file(path_);
    file.array("/layers/conv2d/vars/0", {1, 1, 3, 2});
    file.array("/layers/conv2d/vars/1", {2});
    file.array("/layers/conv2d_1/vars/0", {1, 1, 2, 1});
  }
  const std::string description =
      R"({"module":"keras","class_name":"Sequential","config":{"name":"s","layers":[
         {"module":"keras.layers","class_name":"InputLayer","config":{"name":"i"}},
         {"module":"keras.layers","class_name":"Rescaling","config":{"name":"r","scale":0.0039}},
         {"module":"keras.layers","class_name":"Conv2D","config":{"name":"a","filters":2,
          "kernel_size":[1,1],"activation":"hard_sigmoid","dtype":{"class_name":"DTypePolicy"}}},
         {"module":"keras.layers","class_name":"Conv2D","config":{"name":"b","filters":1,
          "kernel_size":[1,1],"use_bias":false}}]}})";
  for (const bool deflate : {false, true}) {
    const std::string bytes = ZipWriter()
                                  .add("metadata.json", R"({"keras_version":"3.9.2"})", deflate)
                                  .add("config.json", description, deflate)
                                  .add("model.weights.h5", content_of(path_), deflate)
                                  .finish();
    const ZipArchive archive(bytes_of(bytes), "net.keras");
    ASSERT_TRUE(is_keras_archive(archive));
    const KerasNetwork network = read_keras(archive);
    EXPECT_EQ(numbers(op_of<Convolution>(network.graph, "a/pre_hard_sigmoid").bias),
              (std::vector<float>{0, 1}));
    EXPECT_FLOAT_EQ(op_of<Activation>(network.graph, "a").a, 1 / 6.f);
    EXPECT_EQ(read_by(network.graph, "b"), "a");
    EXPECT_EQ(network.transform, InputTransform{});
    EXPECT_TRUE(network.transform_is_certain);
  }
}

TEST_F(KerasFiles, ArchivesThatAreNotRead) {
  { TestFile file(path_); }
  const auto reading = [&](const std::string& weights, const std::string& description) {
    return [this, weights, description] {
      const std::string bytes = ZipWriter()
                                    .add("metadata.json", "{}")
                                    .add("config.json", description)
                                    .add(weights, content_of(path_))
                                    .finish();
      read_keras(ZipArchive(bytes_of(bytes), "net.keras"));
    };
  };
  expect_error<Unsupported>(reading("model.weights.npz", "{}"),
                            {"'net.keras'", "without model.weights.h5"});
  expect_error<BadModel>(reading("model.weights.h5", "{"), {"'net.keras'", "is not JSON"});
  const char* const model =
      R"({"class_name":"Sequential","config":{"name":"s","layers":[
         {"class_name":"Conv2D","config":{"name":"a","filters":2,"kernel_size":[1,1]}}]}})";
  expect_error<BadModel>(reading("model.weights.h5", model),
                         {"'net.keras' has 0 arrays for layer 'layers/conv2d', expected 2"});
  {
    TestFile file(path_);
    file.group("/_layer_checkpoint_dependencies");
  }
  expect_error<Unsupported>(reading("model.weights.h5", model),
                            {"early Keras 2", "save the model"});
}

// Every file cut short, and every byte changed, gives an answer or one line; nothing is printed.
TEST_F(KerasFiles, DamagedFiles) {
  write_model();
  std::ostringstream text;
  text << std::ifstream(path_, std::ios::binary).rdbuf();
  const std::string bytes = text.str();
  const Hdf5Reader reader;
  const auto try_reading = [&](const std::string& content) {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << content;
    try {
      read_keras(Hdf5File(path_, reader));
      return true;
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
      return false;
    }
  };
  ::testing::internal::CaptureStderr();
  for (std::size_t length = 0; length < bytes.size(); length += 61)
    EXPECT_FALSE(try_reading(bytes.substr(0, length))) << length;
  for (std::size_t i = 0; i < bytes.size(); i += 29) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(~damaged[i]);
    try_reading(damaged);
  }
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

// A block of free bytes whose next one is itself: HDF5 1.10 takes memory for each until it is gone.
TEST_F(KerasFiles, AHeapWithoutEnd) {
  write_model();
  std::ostringstream text;
  text << std::ifstream(path_, std::ios::binary).rdbuf();
  std::string bytes = text.str();
  const auto number = [&bytes](std::size_t at) {
    std::uint64_t value = 0;
    std::memcpy(&value, bytes.data() + at, 8);
    return static_cast<std::size_t>(value);
  };
  int bent = 0;
  for (std::size_t heap = bytes.find("HEAP"); heap != std::string::npos;
       heap = bytes.find("HEAP", heap + 1)) {
    const std::size_t free = number(heap + 16), segment = number(heap + 24);
    if (free == 1) continue;  // none
    std::memcpy(bytes.data() + segment + free, bytes.data() + heap + 16, 8);
    ++bent;
  }
  ASSERT_GT(bent, 0);
  std::ofstream(path_, std::ios::binary) << bytes;
  expect_error<BadModel>([&] { read_keras(path_); }, {"net.h5", "damaged"});
}

TEST_F(KerasFiles, ArraysLargerThanTheirFile) {
  {
    TestFile file(path_);
    file.text("/", "model_config",
              R"({"class_name":"Sequential","config":[
                 {"class_name":"Conv2D","config":{"name":"a","filters":200000,
                  "kernel_size":[9,9],"use_bias":false}}]})");
    file.group("/model_weights");
    file.group("/model_weights/a");
    file.texts("/model_weights/a", "weight_names", {"k"});
  }
  {
    // In pieces of which none is stored
    const hid_t file = H5Fopen(path_.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
    const std::vector<hsize_t> extents{9, 9, 3, 200000}, piece{1, 1, 1, 100};
    const hid_t space = H5Screate_simple(4, extents.data(), nullptr);
    const hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(list, 4, piece.data());
    H5Dclose(H5Dcreate2(file, "/model_weights/a/k", H5T_IEEE_F32LE, space, H5P_DEFAULT, list,
                        H5P_DEFAULT));
    H5Pclose(list);
    H5Sclose(space);
    H5Fclose(file);
  }
  expect_error<BadModel>([&] { read_keras(path_); },
                         {"array '/model_weights/a/k' is larger than what is stored for it"});
}

TEST(RealKerasFiles, SqueezeNet) {
  const fs::path file = fs::path(REVERIE_TEST_DATA) / "models/squeezenet_v1.1_keras" /
                        "squeezenet_weights_tf_dim_ordering_tf_kernels_notop.h5";
  if (!fs::exists(file)) GTEST_SKIP() << "needs " << file << ": see HACKING.md on test data";
  const KerasNetwork network = read_keras(file);
  EXPECT_EQ(network.graph.name, "squeezenet");
  const auto shapes = infer_shapes(network.graph, 239, 239);
  EXPECT_EQ(shapes.back(), (Shape{512, 14, 14}));
  EXPECT_EQ(network.graph.layers.back().name, "fire9/concat");
}

}  // namespace
}  // namespace reverie::keras
