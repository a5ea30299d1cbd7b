// zip_fixture.h: writes zip archives for the tests.
#pragma once

#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace reverie {

// An archive in the order in which members are added; texts hold bytes.
class ZipWriter {
 public:
  // zip64: with sizes and place as 64-bit numbers.
  ZipWriter& add(const std::string& name, const std::string& content, bool deflate = false,
                 bool zip64 = false) {
    const std::string packed = deflate ? deflated(content) : content;
    const auto sum = static_cast<std::uint32_t>(crc32(
        0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size())));
    const std::uint64_t at = archive_.size();
    const std::string common = number(sum, 4) + number(zip64 ? ~0ull : packed.size(), 4) +
                               number(zip64 ? ~0ull : content.size(), 4) + number(name.size(), 2);
    std::string extra;
    if (zip64)
      extra = number(1, 2) + number(24, 2) + number(content.size(), 8) + number(packed.size(), 8) +
              number(at, 8);
    const std::string method = number(deflate ? 8 : 0, 2) + number(0, 4);
    archive_ += "PK\x03\x04" + number(20, 2) + number(0, 2) + method + common + number(0, 2) +
                name + packed;
    directory_ += "PK\x01\x02" + number(20, 2) + number(20, 2) + number(0, 2) + method + common +
                  number(extra.size(), 2) + number(0, 2) + number(0, 2) + number(0, 2) +
                  number(0, 4) + number(zip64 ? ~0ull : at, 4) + name + extra;
    ++count_;
    return *this;
  }

  // zip64: with a list of members that is found by 64-bit numbers.
  std::string finish(const std::string& comment = "", bool zip64 = false) const {
    std::string end;
    if (zip64)
      end = "PK\x06\x06" + number(44, 8) + number(45, 2) + number(45, 2) + number(0, 4) +
            number(0, 4) + number(count_, 8) + number(count_, 8) + number(directory_.size(), 8) +
            number(archive_.size(), 8) + "PK\x06\x07" + number(0, 4) +
            number(archive_.size() + directory_.size(), 8) + number(1, 4);
    const std::uint64_t hidden = zip64 ? ~0ull : 0;
    end += "PK\x05\x06" + number(0, 2) + number(0, 2) + number(count_ | hidden, 2) +
           number(count_ | hidden, 2) + number(directory_.size() | hidden, 4) +
           number(archive_.size() | hidden, 4) + number(comment.size(), 2) + comment;
    return archive_ + directory_ + end;
  }

 private:
  static std::string number(std::uint64_t value, int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 0xff);
    return text;
  }
  static std::string deflated(const std::string& content) {
    std::string packed(content.size() + 1000, '\0');
    z_stream stream{};
    deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY);
    stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(content.data()));
    stream.avail_in = static_cast<uInt>(content.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
  }

  std::string archive_, directory_;
  std::uint64_t count_ = 0;
};

inline std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

}  // namespace reverie
