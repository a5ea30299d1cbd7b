#include "reverie/model/zoo/zoo.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "reverie/base/file/checksum.h"

namespace reverie {
namespace {

TEST(Zoo, HoldsTheFamousNetworks) {
  for (const char* name : {"googlenet", "inception5h", "inception_v3", "vgg16", "vgg19", "resnet50",
                           "squeezenet", "places365-googlenet"})
    EXPECT_NE(find_in_zoo(name), nullptr) << name;
  EXPECT_EQ(find_in_zoo("googlenet"), find_in_zoo("bvlc_googlenet"));
  EXPECT_EQ(find_in_zoo("nothing"), nullptr);
}

TEST(Zoo, KnowsTheLayersOfEveryNetwork) {
  std::set<std::string> names;
  for (const ZooNetwork& network : known_networks()) {
    SCOPED_TRACE(network.name);
    EXPECT_TRUE(names.insert(network.name).second);
    for (const std::string& other : network.other_names) EXPECT_TRUE(names.insert(other).second);
    EXPECT_FALSE(network.title.empty());
    EXPECT_GE(network.signature_layers.size(), 2u);
    EXPECT_GE(network.good_layers.size(), 4u);
    const auto& good = network.good_layers;
    EXPECT_NE(std::find(good.begin(), good.end(), network.default_layer), good.end());
    EXPECT_EQ(std::set<std::string>(good.begin(), good.end()).size(), good.size());
  }
}

TEST(Zoo, HasThoseThatCanBeFetchedFirst) {
  EXPECT_GT(known_networks().size(), zoo().size());
  for (const ZooNetwork& network : known_networks()) {
    const bool can_be_fetched = &network < zoo().data() + zoo().size();
    EXPECT_EQ(network.files.empty(), !can_be_fetched) << network.name;
    EXPECT_EQ(find_in_zoo(network.name) != nullptr, can_be_fetched) << network.name;
  }
}

TEST(Zoo, FindsNetworksUnderTheirOtherNames) {
  EXPECT_EQ(names_of("googlenet"), (std::vector<std::string>{"googlenet", "bvlc_googlenet"}));
  EXPECT_EQ(names_of("bvlc_googlenet"), (std::vector<std::string>{"bvlc_googlenet", "googlenet"}));
  EXPECT_EQ(names_of("mine"), (std::vector<std::string>{"mine"}));
  EXPECT_EQ(main_name("VGG_ILSVRC_16_layers"), "vgg16");
  EXPECT_EQ(main_name("mine"), "mine");
}

TEST(Zoo, SaysHowToFetchEach) {
  for (const ZooNetwork& network : zoo()) {
    SCOPED_TRACE(network.name);
    EXPECT_FALSE(network.licence.empty());
    EXPECT_NE(network.transform, InputTransform{});
    EXPECT_GT(download_bytes(network), 1000u);
    ASSERT_FALSE(network.files.empty());
    EXPECT_EQ(published_as("/somewhere/" + weights_of(network).name), &network);
    EXPECT_EQ(main_name(std::filesystem::path(weights_of(network).name).stem().string()),
              network.name);
    for (const ZooFile& file : network.files) {
      SCOPED_TRACE(file.name);
      EXPECT_EQ(file.name.find('/'), std::string::npos);
      EXPECT_NE(file.member_of.empty(), file.urls.empty());
      for (const std::string& url : file.urls) {
        EXPECT_TRUE(url.starts_with("http://") || url.starts_with("https://")) << url;
        EXPECT_EQ(url.find("//", 8), std::string::npos) << url;
      }
      const std::size_t digits = file.checksum.kind == Checksum::Kind::sha256 ? 64
                                 : file.checksum.kind == Checksum::Kind::sha1 ? 40
                                 : file.checksum.kind == Checksum::Kind::md5  ? 32
                                                                              : 0;
      EXPECT_EQ(file.checksum.hex.size(), digits);
      EXPECT_EQ(file.checksum.hex.find_first_not_of("0123456789abcdef"), std::string::npos);
      // What cannot be checked says so
      if (digits == 0) {
        EXPECT_NE(network.remark.find("no checksum"), std::string::npos);
      }
      if (digits == 32) {
        EXPECT_NE(network.remark.find("MD5"), std::string::npos);
      }
    }
  }
}

TEST(Zoo, TellsThePublishedFileFromOthers) {
  const std::string_view text = "abc";
  const auto bytes = std::as_bytes(std::span(text.data(), text.size()));
  ZooFile file;
  EXPECT_EQ(mismatch(file, bytes), "");
  file.bytes = 4;
  EXPECT_EQ(mismatch(file, bytes), "has 3 bytes, the published one 4");
  file.bytes = 3;
  file.checksum = {Checksum::Kind::md5, "900150983cd24fb0d6963f7d28e17f72"};
  EXPECT_EQ(mismatch(file, bytes), "");
  file.checksum = {Checksum::Kind::sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"};
  EXPECT_EQ(mismatch(file, bytes), "");
  file.checksum = {Checksum::Kind::sha256, sha256(bytes)};
  EXPECT_EQ(mismatch(file, bytes), "");
  file.checksum.hex.back() = 'x';
  EXPECT_NE(mismatch(file, bytes).find("has the SHA-256"), std::string::npos);
}

}  // namespace
}  // namespace reverie
