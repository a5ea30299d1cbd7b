#include "reverie/codec/metadata/recipe_metadata.h"

#include <array>
#include <cstdint>

namespace reverie {
namespace {

constexpr std::string_view property = "reverie:Recipe";

struct Entity {
  char character;
  std::string_view text;
};
constexpr std::array<Entity, 8> entities = {{{'&', "&amp;"},
                                             {'<', "&lt;"},
                                             {'>', "&gt;"},
                                             {'"', "&quot;"},
                                             {'\'', "&apos;"},
                                             {'\n', "&#10;"},
                                             {'\r', "&#13;"},
                                             {'\t', "&#9;"}}};

std::string escape(std::string_view text) {
  std::string escaped;
  for (char c : text) {
    std::string_view as = {&c, 1};
    for (const Entity& entity : entities)
      if (entity.character == c) as = entity.text;
    escaped += as;
  }
  return escaped;
}

std::string unescape(std::string_view text) {
  constexpr std::array<Entity, 6> others = {{{'\'', "&#39;"},
                                             {'"', "&#34;"},
                                             {'\n', "&#xA;"},
                                             {'\r', "&#xD;"},
                                             {'\t', "&#x9;"},
                                             {'\'', "&#x27;"}}};
  std::string plain;
  while (!text.empty()) {
    std::string_view taken = text.substr(0, 1);
    char c = taken[0];
    const auto match = [&](const auto& table) {
      for (const Entity& entity : table)
        if (text.substr(0, entity.text.size()) == entity.text) {
          taken = entity.text;
          c = entity.character;
        }
    };
    if (c == '&') {
      match(entities);
      match(others);
    }
    plain += c;
    text.remove_prefix(taken.size());
  }
  return plain;
}

// CRC-32 as PNG wants it, 11.1 and annex D of the specification.
std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFFu;
  for (char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0u);
  }
  return ~crc;
}

std::string big_endian(std::uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16),
          static_cast<char>(value >> 8), static_cast<char>(value)};
}

std::string png_chunk(std::string_view type, std::string_view data) {
  const std::string body = std::string(type).append(data);
  return big_endian(static_cast<std::uint32_t>(data.size())) + body + big_endian(crc32(body));
}

// The recipe's own block, as it stands among those of other programs.
std::string describe_recipe(std::string_view recipe) {
  std::string block =
      "<rdf:Description rdf:about=\"\" xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" "
      "xmlns:reverie=\"urn:reverie:recipe:1\" xmp:CreatorTool=\"Reverie\" ";
  return block.append(property).append("=\"").append(escape(recipe)).append("\"/>");
}

// Where the value of a property stands: its first character and the one after its last.
struct Place {
  std::size_t begin = std::string_view::npos, end = begin;
  bool found() const { return end != std::string_view::npos; }
};

// An attribute as we write it, or an element as other programs rewrite it.
Place value_of(std::string_view xmp, std::string_view name) {
  for (std::size_t at = xmp.find(name); at != std::string_view::npos; at = xmp.find(name, at)) {
    at += name.size();
    while (at < xmp.size() && (xmp[at] == ' ' || xmp[at] == '\n' || xmp[at] == '=')) ++at;
    if (at >= xmp.size()) break;
    const char opening = xmp[at];
    if (opening != '"' && opening != '\'' && opening != '>') continue;
    const std::size_t end = xmp.find(opening == '>' ? '<' : opening, at + 1);
    if (end != std::string_view::npos) return {at + 1, end};
  }
  return {};
}

void erase_recipe(std::string& xmp) {
  if (const Place place = value_of(xmp, property); place.found())
    xmp.erase(place.begin, place.end - place.begin);
}

void stand_upright(std::string& xmp) {
  if (const Place place = value_of(xmp, "tiff:Orientation"); place.found())
    xmp.replace(place.begin, place.end - place.begin, "1");
}

}  // namespace

std::string recipe_in_xmp(std::string_view recipe, std::string_view xmp) {
  std::string merged(xmp);
  stand_upright(merged);
  erase_recipe(merged);
  if (recipe.empty()) return merged;
  const std::string description = describe_recipe(recipe);
  const std::size_t end = merged.rfind("</rdf:RDF>");
  if (end != std::string::npos) return merged.insert(end, description);
  return "<?xpacket begin=\"\xEF\xBB\xBF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>"
         "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">"
         "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">" +
         description + "</rdf:RDF></x:xmpmeta><?xpacket end=\"w\"?>";
}

std::string recipe_from_xmp(std::string_view xmp) {
  // The last that is not empty: one that was replaced may stand before it
  std::string recipe;
  while (true) {
    const Place place = value_of(xmp, property);
    if (!place.found()) return recipe;
    if (place.end > place.begin)
      recipe = unescape(xmp.substr(place.begin, place.end - place.begin));
    xmp.remove_prefix(place.end);
  }
}

void add_png_chunks(std::string& png, std::string_view recipe, bool is_srgb) {
  constexpr std::size_t after_header = 8 + 25;  // the signature and IHDR
  constexpr char perceptual[] = {0};
  std::string chunks;
  if (is_srgb) chunks = png_chunk("sRGB", {perceptual, 1});
  if (!recipe.empty()) {
    // Keyword, end; no compression, its method; no language, no translated keyword; the text
    std::string text(png_recipe_keyword);
    text.append(5, '\0').append(recipe);
    chunks += png_chunk("iTXt", text);
  }
  png.insert(after_header, chunks);
}

}  // namespace reverie
