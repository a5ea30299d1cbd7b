#include "reverie/base/file/read_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "reverie/base/descriptor.h"
#include "reverie/base/error.h"

namespace reverie {
namespace {

// Appends all that comes. Returns an errno or 0.
int read_all(int file, std::string& content) {
  constexpr std::size_t block = 1 << 16;
  for (;;) {
    const std::size_t before = content.size();
    content.resize(before + block);
    const ssize_t got = ::read(file, content.data() + before, block);
    content.resize(before + static_cast<std::size_t>(got > 0 ? got : 0));
    if (got == 0) return 0;
    if (got < 0 && errno != EINTR) return errno;
  }
}

}  // namespace

std::string read_file(const std::filesystem::path& path, std::string_view kind) {
  std::string content;
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  const int error = file.get() < 0 ? errno : read_all(file.get(), content);
  if (error != 0)
    throw FileFailure(fmt::format("cannot read {}{}'{}': {}", kind, kind.empty() ? "" : " ",
                                  path.string(), std::strerror(error)));
  return content;
}

std::string read_standard_input() {
  std::string content;
  if (const int error = read_all(STDIN_FILENO, content))
    throw FileFailure(fmt::format("cannot read standard input: {}", std::strerror(error)));
  return content;
}

}  // namespace reverie
