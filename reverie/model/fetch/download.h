// download.h: downloads one file from one address, and resumes an interrupted download.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>

#include "reverie/base/cancel.h"

namespace reverie::fetch {

struct DownloadLimits {
  std::chrono::milliseconds connect{20000};
  std::chrono::milliseconds stall{30000};  // without a byte; looked at about once a second
};

struct DownloadOptions {
  // 0: unknown. A server that announces or sends another number is refused.
  std::uintmax_t bytes = 0;
  // Whether a partial file may be resumed even when the server cannot confirm that its file is
  // still the same: true where a checksum is compared afterwards.
  bool checked_later = false;
  DownloadLimits limits;
  const CancelToken* cancel = nullptr;
  std::function<void(std::uintmax_t done, std::uintmax_t total)> progress;  // total 0: unknown
};

// The network or the server failed; another try or another address may succeed.
class DownloadFailure : public std::runtime_error {
 public:
  DownloadFailure(const std::string& what, bool worth_retrying)
      : std::runtime_error(what), worth_retrying_(worth_retrying) {}
  bool worth_retrying() const { return worth_retrying_; }

 private:
  bool worth_retrying_;
};

enum class DownloadEnd { whole, cancelled };

// Downloads `url` (http or https; redirects are followed) to `path`. An existing file is kept as
// the beginning if the server agrees to send only the rest. PATH.from beside it records which
// version of the file it is. Proxies are those of the usual environment variables.
// Errors: DownloadFailure; FileFailure when `path` cannot be written.
DownloadEnd download(const std::string& url, const std::filesystem::path& path,
                     const DownloadOptions& options);

}  // namespace reverie::fetch
