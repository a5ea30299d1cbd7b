// recipe_metadata.h: how a recipe is stored inside a picture.
//
// PNG holds it as an uncompressed iTXt chunk with the keyword `reverie`; all hold an XMP packet
// with the property `Recipe` of our own namespace. Programs that edit metadata keep both, and
// exiftool shows both. The text is UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace reverie {

// An XMP packet, or none, with this recipe in place of an earlier one, and with the orientation of
// a picture that stands upright. Without a recipe: the rest of it.
std::string recipe_in_xmp(std::string_view recipe, std::string_view xmp);

// The recipe in an XMP packet, ours or one that another program has rewritten; empty without one.
std::string recipe_from_xmp(std::string_view xmp);

inline constexpr std::string_view png_recipe_keyword = "reverie";

// Adds to an encoded PNG the chunk that says its colors are sRGB, if they are, and the recipe's
// unless empty. REQUIRES: `png` begins with a signature and an IHDR chunk. Source: PNG (W3C, 2nd
// edition) 11.3.3.5 and 11.3.4.5.
void add_png_chunks(std::string& png, std::string_view recipe, bool is_srgb = true);

}  // namespace reverie
