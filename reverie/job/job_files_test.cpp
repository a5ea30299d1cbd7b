#include "reverie/job/job_files.h"

#include <gtest/gtest.h>

#include "reverie/base/error.h"
#include "reverie/codec/image/image_file.h"
#include "reverie/image/scene/cloudscape.h"

namespace reverie {
namespace {

// Has one picture, as bytes.
class OnePicture : public RecipeFiles {
 public:
  Image picture(const std::string& name, const NoticeSink&) const override {
    throw FileFailure("'" + name + "' is decoded elsewhere");
  }
  std::string bytes(const std::string& name) const override {
    ++read;
    if (name != "folder/mask.png") throw FileFailure("no '" + name + "'");
    ImageOptions options;
    options.format = "png";
    return encode_image(cloudscape(12, 8, 3), options);
  }

  mutable int read = 0;
};

TEST(JobFiles, ReadAPictureOnceForItsIdentityAndAllItsDreams) {
  const auto one = std::make_shared<OnePicture>();
  const JobFiles files(one);
  const DreamDocument::Picture identity = files.identity("folder/mask.png", {});
  EXPECT_EQ(identity.name, "mask.png");
  EXPECT_EQ(identity.width, 12);
  EXPECT_EQ(identity.height, 8);
  EXPECT_EQ(identity.sha256.size(), 64u);
  Image first = files.picture("folder/mask.png", {});
  const float value = first.color[5];
  first.color[5] = -1;  // a copy of the caller's own
  EXPECT_EQ(files.picture("folder/mask.png", {}).color[5], value);
  EXPECT_EQ(one->read, 1);
  EXPECT_THROW(files.picture("other.png", {}), FileFailure);
}

}  // namespace
}  // namespace reverie
