#include "apps/studio/service.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <optional>

#include "apps/studio/api.h"
#include "apps/studio/ids.h"
#include "apps/studio/server.h"
#include "reverie/base/error.h"
#include "reverie/base/file/read_file.h"
#include "reverie/job/job_spec.h"

namespace reverie::studio {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t bin_ms = std::int64_t{30} * 24 * 60 * 60 * 1000;  // dreams stay in the bin

std::string token_of(const Options& options) {
  const fs::path file = options.folder / "token";
  std::error_code ignored;
  if (options.keep_token && fs::exists(file, ignored)) {
    const std::string kept = read_file(file, "key");
    if (is_asset_id(kept)) return kept;  // 64 hexadecimal digits, too
  }
  const std::string token = random_hex(32);
  write_private(file, token);
  return token;
}

EngineOptions engine_options(const Options& options) {
  EngineOptions engine;
  engine.threads = options.threads;
  engine.may_fetch = options.may_fetch;
  if (!options.memory.empty()) engine.memory = parse_bytes(options.memory);
  return engine;
}

ServerOptions server_options(const Options& options) {
  ServerOptions server;
  server.address = options.address;
  server.port = options.port;
  server.folder = options.folder / "incoming";
  return server;
}

// The pictures that were named at the start; the last one is what the page opens with.
void open_inputs(const std::vector<std::string>& inputs, Studio& studio) {
  for (const std::string& input : inputs) {
    const fs::path copy = studio.store.folder() / "incoming" / random_hex(8);
    std::error_code failed;
    fs::copy_file(input, copy, failed);
    if (failed) throw FileFailure(fmt::format("cannot read '{}': {}", input, failed.message()));
    const Asset asset = keep_asset(copy, fs::path(input).filename().string(), studio);
    fs::remove(copy, failed);
    studio.store.remember("state", nlohmann::json{{"source", "asset:" + asset.id}}.dump());
  }
}

}  // namespace

class Service::Parts {
 public:
  Parts(const Options& options, const NoticeSink& notices)
      : store_(options.folder, notices),
        speed_(store_),
        queue_(store_, events_),
        looker_(store_, queue_),
        atlas_(queue_, events_),
        tiles_(store_),
        room_(options.folder, options.limit.empty() ? 0 : parse_bytes(options.limit)),
        engine_(engine_options(options), store_, queue_, events_, speed_),
        token_(token_of(options)),
        server_(server_options(options), events_,
                [this](const Request& request) { return receive_when_ready(request); }),
        gate_({token_, server_.port(), options.hosts}),
        studio_{store_, queue_, events_, speed_,           gate_, networks_, looker_,
                atlas_, tiles_, room_,   options.may_fetch},
        host_(options.address == "0.0.0.0" ? "127.0.0.1" : options.address) {
    store_.empty_bin(now_ms() - bin_ms);
    open_inputs(options.inputs, studio_);
    is_ready_ = true;
  }

  // The server knows its port, and with it the gate what it is called, only when it listens.
  Reception receive_when_ready(const Request& request) {
    if (is_ready_) return receive(studio_, request);
    return {Reception::Where::refused, false, error_response(503, "Busy", "starting"), {}};
  }

  Store store_;
  EventLog events_;
  Speed speed_;
  Queue queue_;
  OpenedNetworks networks_;
  Looker looker_;
  AtlasMaker atlas_;
  TileMaker tiles_;
  Room room_;
  Engine engine_;
  const std::string token_;
  std::atomic<bool> is_ready_{false};
  Server server_;
  Gate gate_;
  Studio studio_;
  const std::string host_;
};

Service::Service(const Options& options, const NoticeSink& notices)
    : parts_(std::make_unique<Parts>(options, notices)) {}
Service::~Service() = default;
int Service::port() const { return parts_->server_.port(); }
const std::string& Service::token() const { return parts_->token_; }
void Service::tick() {
  parts_->server_.tick();
  parts_->looker_.forget_unused();
  parts_->room_.count();
}
void Service::say_bye() { parts_->events_.publish("bye", "{}"); }

std::string Service::url() const {
  return fmt::format("http://{}:{}/#k={}", parts_->host_, port(), token());
}

void write_private(const fs::path& path, const std::string& text) {
  std::error_code ignored;
  fs::remove(path, ignored);
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) throw FileFailure(fmt::format("cannot write '{}'", path.string()));
  const bool is_written =
      ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(file);
  if (!is_written) throw FileFailure(fmt::format("cannot write '{}'", path.string()));
}

}  // namespace reverie::studio
