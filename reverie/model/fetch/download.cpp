#include "reverie/model/fetch/download.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>
#include <optional>
#include <string_view>

#include "reverie/base/error.h"

namespace reverie::fetch {
namespace {

namespace fs = std::filesystem;

struct CloseHandle {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

// libcurl wants to be set up once, before anything else uses it.
void prepare_curl() {
  static const CURLcode result = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (result != CURLE_OK)
    throw DownloadFailure(fmt::format("libcurl: {}", curl_easy_strerror(result)), false);
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

std::optional<std::uintmax_t> to_number(std::string_view text) {
  std::uintmax_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// What the last answer's head said.
struct Head {
  std::optional<std::uintmax_t> length;       // Content-Length: of what follows
  std::optional<std::uintmax_t> range_begin;  // Content-Range
  std::optional<std::uintmax_t> total;
  std::string version;  // ETag, else Last-Modified

  void take(std::string_view line) {
    if (line.starts_with("HTTP/")) *this = Head{};  // after a redirect another head begins
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return;
    const std::string name = lower(line.substr(0, colon));
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (name == "content-length") length = to_number(value);
    if (name == "content-range") take_range(value);
    if (name == "etag" && !value.starts_with("W/")) version = value;
    if (name == "last-modified" && version.empty()) version = value;
  }

 private:
  // "bytes 100-199/200"
  void take_range(std::string_view value) {
    if (!value.starts_with("bytes ")) return;
    value.remove_prefix(6);
    const auto dash = value.find('-'), slash = value.find('/');
    if (dash == std::string_view::npos || slash == std::string_view::npos) return;
    range_begin = to_number(value.substr(0, dash));
    total = to_number(value.substr(slash + 1));
  }
};

class Transfer {
 public:
  Transfer(const std::string& url, const fs::path& path, const DownloadOptions& options)
      : url_(url), path_(path), options_(options), from_path_(path) {
    from_path_ += ".from";
  }

  DownloadEnd run() {
    prepare_curl();
    handle_.reset(curl_easy_init());
    if (!handle_) throw OutOfMemory("out of memory for a download");
    begin_ = present();
    configure();
    const CURLcode result = curl_easy_perform(handle_.get());
    if (file_ && std::fclose(file_.release()) != 0 && write_error_ == 0) write_error_ = errno;
    return judge(result);
  }

 private:
  // How much of the file is there and may be gone on with.
  std::uintmax_t present() {
    std::error_code none;
    const std::uintmax_t bytes = fs::file_size(path_, none);
    if (none || bytes == 0) return 0;
    std::ifstream from(from_path_);
    std::getline(from, version_);
    if (!options_.checked_later && version_.empty()) return 0;
    return options_.bytes != 0 && bytes >= options_.bytes ? 0 : bytes;
  }

  template <class Value>
  void set(CURLoption option, Value value) {
    const CURLcode result = curl_easy_setopt(handle_.get(), option, value);
    if (result != CURLE_OK)
      throw DownloadFailure(fmt::format("{}: {}", url_, curl_easy_strerror(result)), false);
  }

  void configure() {
    set(CURLOPT_URL, url_.c_str());
    set(CURLOPT_USERAGENT, "reverie");
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_FAILONERROR, 1L);
    set(CURLOPT_ERRORBUFFER, error_text_);
    set(CURLOPT_FOLLOWLOCATION, 1L);
    set(CURLOPT_MAXREDIRS, 10L);
#if LIBCURL_VERSION_NUM >= 0x075500
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
#else
    set(CURLOPT_PROTOCOLS, static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS));
    set(CURLOPT_REDIR_PROTOCOLS, static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.limits.connect.count()));
    set(CURLOPT_HEADERFUNCTION, &Transfer::take_header);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_WRITEFUNCTION, &Transfer::take_body);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_XFERINFOFUNCTION, &Transfer::tick);
    set(CURLOPT_XFERINFODATA, this);
    set(CURLOPT_NOPROGRESS, 0L);
    ask_for_the_rest();
  }

  void ask_for_the_rest() {
    if (begin_ == 0) return;
    range_ = fmt::format("{}-", begin_);
    set(CURLOPT_RANGE, range_.c_str());
    if (options_.checked_later) return;
    headers_.reset(curl_slist_append(nullptr, ("If-Range: " + version_).c_str()));
    set(CURLOPT_HTTPHEADER, headers_.get());
  }

  // Called by libcurl ---------------------------------------------------------------------------

  static std::size_t take_header(char* text, std::size_t size, std::size_t count, void* self) {
    static_cast<Transfer*>(self)->head_.take(trimmed({text, size * count}));
    return size * count;
  }

  static std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* self) {
    return static_cast<Transfer*>(self)->write(bytes, size * count) ? size * count : 0;
  }

  // Not CURLOPT_LOW_SPEED_TIME, which looks at an average over some seconds.
  static int tick(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    auto& transfer = *static_cast<Transfer*>(self);
    if (transfer.options_.cancel != nullptr && transfer.options_.cancel->cancelled()) return 1;
    curl_off_t connected_us = 0;
    curl_easy_getinfo(transfer.handle_.get(), CURLINFO_PRETRANSFER_TIME_T, &connected_us);
    const auto now = std::chrono::steady_clock::now();
    if (connected_us == 0) transfer.last_sign_ = now;
    transfer.stalled_ = now - transfer.last_sign_ > transfer.options_.limits.stall;
    return transfer.stalled_ ? 1 : 0;
  }

  bool write(const char* bytes, std::size_t size) {
    if (!file_ && !open()) return false;
    if (options_.bytes != 0 && done_ + size > options_.bytes) {
      refusal_ = fmt::format("sends more than the published {} bytes", options_.bytes);
      return false;
    }
    if (std::fwrite(bytes, 1, size, file_.get()) != size) {
      write_error_ = errno;
      return false;
    }
    done_ += size;
    last_sign_ = std::chrono::steady_clock::now();
    if (options_.progress) options_.progress(done_, total_);
    return true;
  }

  // At the first byte: decides whether it is the file's first or goes on with what is there.
  bool open() {
    long status = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
    const bool rest = begin_ > 0 && status == 206;
    if (rest && head_.range_begin != begin_) {
      refusal_ = "sends another part of the file than requested";
      return false;
    }
    done_ = rest ? begin_ : 0;
    total_ = head_.length ? done_ + *head_.length : options_.bytes;
    if (options_.bytes != 0 && total_ != options_.bytes) {
      refusal_ = fmt::format("offers {} bytes, the published file has {}", total_, options_.bytes);
      return false;
    }
    file_.reset(std::fopen(path_.c_str(), rest ? "ab" : "wb"));
    if (!file_) {
      write_error_ = errno;
      return false;
    }
    std::ofstream(from_path_, std::ios::trunc) << head_.version << '\n';
    return true;
  }

  // What became of it ---------------------------------------------------------------------------

  DownloadEnd judge(CURLcode result) {
    if (write_error_ != 0)
      throw FileFailure(
          fmt::format("cannot write '{}': {}", path_.string(), std::strerror(write_error_)));
    if (stalled_) fail(fmt::format("sends nothing more after {} bytes", done_), true);
    if (result == CURLE_ABORTED_BY_CALLBACK) return DownloadEnd::cancelled;
    if (!refusal_.empty()) fail(refusal_, false);
    long status = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
    if (result == CURLE_HTTP_RETURNED_ERROR) {
      // 416: there is no rest; what is there is no beginning of it
      if (status == 416 && begin_ > 0) {
        forget();
        fail("has no more than what is here already", true);
      }
      fail(fmt::format("answers {}", status), status >= 500 || status == 429);
    }
    if (result != CURLE_OK) fail(words(result), is_passing(result));
    if (done_ == 0) fail("sends nothing", true);
    if (options_.bytes != 0 && done_ < options_.bytes)
      fail(fmt::format("ends after {} of {} bytes", done_, options_.bytes), true);
    return DownloadEnd::whole;
  }

  void forget() const {
    std::error_code ignored;
    fs::remove(path_, ignored);
    fs::remove(from_path_, ignored);
  }

  std::string words(CURLcode result) const {
    return error_text_[0] != '\0' ? error_text_ : curl_easy_strerror(result);
  }

  static bool is_passing(CURLcode result) {
    switch (result) {
      case CURLE_PARTIAL_FILE:
      case CURLE_OPERATION_TIMEDOUT:
      case CURLE_RECV_ERROR:
      case CURLE_SEND_ERROR:
      case CURLE_GOT_NOTHING:
      case CURLE_HTTP2:
      case CURLE_HTTP2_STREAM:
        return true;
      default:
        return false;
    }
  }

  [[noreturn]] void fail(const std::string& what, bool worth_retrying) const {
    throw DownloadFailure(fmt::format("{}: {}", url_, what), worth_retrying);
  }

  const std::string& url_;
  const fs::path& path_;
  const DownloadOptions& options_;
  fs::path from_path_;
  std::unique_ptr<CURL, CloseHandle> handle_;
  std::unique_ptr<curl_slist, FreeList> headers_;
  std::unique_ptr<std::FILE, CloseFile> file_;
  std::string version_, range_, refusal_;
  Head head_;
  std::uintmax_t begin_ = 0, done_ = 0, total_ = 0;
  int write_error_ = 0;
  bool stalled_ = false;
  std::chrono::steady_clock::time_point last_sign_ = std::chrono::steady_clock::now();
  char error_text_[CURL_ERROR_SIZE] = {};
};

}  // namespace

DownloadEnd download(const std::string& url, const fs::path& path, const DownloadOptions& options) {
  return Transfer(url, path, options).run();
}

}  // namespace reverie::fetch
