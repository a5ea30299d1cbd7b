// What a photograph's file says of it, in the file of its dream.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "reverie/codec/image/image_fixture.h"
#include "reverie/codec/metadata/recipe_metadata.h"

namespace reverie {
namespace {

constexpr const char* xmp =
    "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF "
    "xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description rdf:about=\"\" "
    "xmlns:dc=\"http://purl.org/dc/elements/1.1/\" dc:title=\"Harbour\" "
    "xmlns:tiff=\"http://ns.adobe.com/tiff/1.0/\" tiff:Orientation=\"6\"/></rdf:RDF></x:xmpmeta>";

class ImageMetadata : public ImageFileTest {
 protected:
  // A photograph with a date, a camera, a place and a title, on its side.
  std::string photograph() const {
    const ImagePtr image =
        vips_image<std::uint8_t>(16, 8, 3, VIPS_FORMAT_UCHAR, VIPS_INTERPRETATION_sRGB,
                                 std::vector<std::uint8_t>(std::size_t{16 * 8 * 3}, 90));
    const std::pair<const char*, const char*> tags[] = {
        {"exif-ifd0-Make", "ACME"},
        {"exif-ifd2-DateTimeOriginal", "2026:05:04 03:02:01"},
        {"exif-ifd2-ExposureTime", "1/250"},
        {"exif-ifd3-GPSLatitudeRef", "N"},
        {"exif-ifd3-GPSLatitude", "48/1 12/1 30/1"}};
    for (const auto& [tag, text] : tags) vips_image_set_string(image.get(), tag, text);
    vips_image_set_int(image.get(), VIPS_META_ORIENTATION, 6);
    vips_image_set_blob_copy(image.get(), VIPS_META_XMP_NAME, xmp, std::strlen(xmp));
    constexpr char iptc[] =
        "Photoshop 3.0\0"
        "8BIM\x04\x04\0\0\0\0\0\x09\x1c\x02\x78\0\x04"
        "Dusk\0";
    vips_image_set_blob_copy(image.get(), VIPS_META_IPTC_NAME, iptc, sizeof iptc - 1);
    attach_profile(image.get(), "p3");
    save(image.get(), "photo.jpg");
    return bytes_of(file("photo.jpg"));
  }

  static std::string tag(const PictureMetadata& metadata, const std::string& name) {
    const auto found = std::find_if(metadata.exif_tags.begin(), metadata.exif_tags.end(),
                                    [&](const auto& pair) { return pair.first == name; });
    return found == metadata.exif_tags.end() ? "" : found->second;
  }
};

TEST_F(ImageMetadata, OfAPhotographIsReadWithoutItsPixels) {
  const PictureMetadata metadata = read_image_metadata(photograph(), "photo.jpg");
  EXPECT_EQ(tag(metadata, "exif-ifd0-Make").substr(0, 4), "ACME");
  EXPECT_NE(metadata.xmp.find("Harbour"), std::string::npos);
  EXPECT_NE(metadata.iptc.find("Dusk"), std::string::npos);
  EXPECT_FALSE(metadata.profile.empty());
}

TEST_F(ImageMetadata, IsKeptInTheDreamsFile) {
  ImageOptions options;
  options.metadata = read_image_metadata(photograph(), "photo.jpg");
  options.metadata.profile.clear();
  options.recipe = R"({"version": "<1>"})";
  for (const char* name : {"a.jpg", "a.png", "a.webp", "a.tif"}) {
    SCOPED_TRACE(name);
    write_image(file(name), picture(8, 16), options);
    const std::string bytes = bytes_of(file(name));
    const PictureMetadata kept = read_image_metadata(bytes, name);
    EXPECT_NE(kept.xmp.find("Harbour"), std::string::npos);
    EXPECT_NE(kept.xmp.find("tiff:Orientation=\"1\""), std::string::npos) << kept.xmp;
    EXPECT_EQ(recipe_from_xmp(kept.xmp), options.recipe);
    EXPECT_EQ(read_image_recipe(bytes, name), options.recipe);
    EXPECT_EQ(read_image(file(name)).width(), 16) << "lies on its side";
    if (std::string_view(name) == "a.tif") continue;  // libvips writes no EXIF into it
    EXPECT_EQ(tag(kept, "exif-ifd0-Make").substr(0, 4), "ACME");
    EXPECT_EQ(tag(kept, "exif-ifd2-DateTimeOriginal").substr(0, 19), "2026:05:04 03:02:01");
    EXPECT_EQ(tag(kept, "exif-ifd3-GPSLatitude").substr(0, 4), "48/1");
  }
}

// The recipe of a dream of a dream is the later one
TEST_F(ImageMetadata, TheRecipeTakesThePlaceOfAnEarlierOne) {
  ImageOptions options;
  options.recipe = R"({"a": 1})";
  write_image(file("one.jpg"), picture(8, 16), options);
  options.metadata = read_image_metadata(bytes_of(file("one.jpg")), "one.jpg");
  options.recipe = R"({"a": 2})";
  write_image(file("two.jpg"), picture(8, 16), options);
  const std::string bytes = bytes_of(file("two.jpg"));
  EXPECT_EQ(read_image_recipe(bytes, "two.jpg"), options.recipe);
  EXPECT_EQ(read_image_metadata(bytes, "two.jpg").xmp.find("&quot;a&quot;: 1"), std::string::npos);
}

TEST_F(ImageMetadata, AProfileIsWrittenWhereItIsKept) {
  ImageOptions options;
  options.metadata = read_image_metadata(photograph(), "photo.jpg");
  for (const char* name : {"a.jpg", "a.png", "a.webp", "a.tif"}) {
    write_image(file(name), picture(8, 16), options);
    const std::string bytes = bytes_of(file(name));
    EXPECT_EQ(read_image_metadata(bytes, name).profile, options.metadata.profile) << name;
    ReadOptions keep;
    keep.keep_profile = true;
    const Image same = read_image(file(name), {}, keep);
    if (std::string_view(name) != "a.jpg" && std::string_view(name) != "a.webp")
      expect_near(same.color, picture(8, 16).color, 0.5f);
  }
}

}  // namespace
}  // namespace reverie
