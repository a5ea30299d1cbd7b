#include "reverie/codec/image/color_profile.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "reverie/base/random.h"
#include "reverie/codec/metadata/recipe_metadata.h"

namespace reverie {
namespace {

// A profile that is nothing but a head and one tag.
std::string profile(const std::string& space, const std::string& tag) {
  std::string icc(128, '\0');
  icc.replace(16, 4, space);
  icc.replace(36, 4, "acsp");
  icc += std::string("\0\0\0\1", 4) + "desc" + std::string("\0\0\0\x90\0\0\0", 7);
  icc += static_cast<char>(tag.size());
  return icc + tag;
}
const std::string desc = "desc" + std::string("\0\0\0\0\0\0\0\x0b", 8) + "Adobe RGB " + '\0';
const std::string mluc = "mluc" + std::string("\0\0\0\0\0\0\0\1\0\0\0\x0c", 12) + "enUS" +
                         std::string("\0\0\0\x06\0\0\0\x1c\0s\0R\1X", 14);

TEST(Profile, TellsSpaceAndDescription) {
  EXPECT_EQ(describe_profile(profile("RGB ", desc)).space, "RGB");
  EXPECT_EQ(describe_profile(profile("RGB ", desc)).description, "Adobe RGB ");
  EXPECT_FALSE(describe_profile(profile("RGB ", desc)).is_srgb());
  EXPECT_EQ(describe_profile(profile("CMYK", mluc)).space, "CMYK");
  EXPECT_EQ(describe_profile(profile("CMYK", mluc)).description, "sR?");
  EXPECT_EQ(describe_profile(profile("GRAY", "text")).description, "unnamed");
  EXPECT_EQ(describe_profile("no profile").space, "");
}

// Every cut and many changes: nothing is read beyond the bytes (the sanitizers watch), and a name
// is always printable.
TEST(Profile, DamagedBytesAreHarmless) {
  RandomStream random = Random(1).at(RandomUse::noise, 0, 0, 0);
  for (const std::string& whole : {profile("RGB ", desc), profile("RGB ", mluc)}) {
    for (std::size_t size = 0; size <= whole.size(); ++size) {
      const std::vector<char> cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      describe_profile({cut.data(), cut.size()});
    }
    for (int i = 0; i < 3000; ++i) {
      std::vector<char> changed(whole.begin(), whole.end());
      for (int k = 0; k < 3; ++k)
        changed[static_cast<std::size_t>(random.uniform_int(
            120, static_cast<int>(whole.size()) - 1))] = static_cast<char>(random.next());
      for (char c : describe_profile({changed.data(), changed.size()}).description)
        EXPECT_TRUE(c >= 0x20 && c < 0x7f);
    }
  }
}

TEST(Profile, DamagedXmpIsHarmless) {
  RandomStream random = Random(2).at(RandomUse::noise, 0, 0, 0);
  const std::string whole = recipe_in_xmp("{\"a\": \"<&>\"}", {});
  for (int i = 0; i < 3000; ++i) {
    const auto size =
        static_cast<std::size_t>(random.uniform_int(0, static_cast<int>(whole.size())));
    std::vector<char> changed(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    for (int k = 0; k < 3 && size > 0; ++k)
      changed[static_cast<std::size_t>(random.uniform_int(0, static_cast<int>(size) - 1))] =
          "<>&\"'=;"[random.uniform_int(0, 6)];
    EXPECT_LE(recipe_from_xmp({changed.data(), changed.size()}).size(), size);
  }
}

}  // namespace
}  // namespace reverie
