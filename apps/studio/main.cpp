// The program `reverie-studio`, which `reverie serve` starts.
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "apps/studio/api.h"
#include "apps/studio/ids.h"
#include "apps/studio/options.h"
#include "apps/studio/server.h"
#include "reverie/base/error.h"
#include "reverie/base/file/atomic_file.h"
#include "reverie/base/file/read_file.h"
#include "reverie/base/threads.h"
#include "reverie/job/job_spec.h"

extern char** environ;

namespace reverie::studio {
namespace {

namespace fs = std::filesystem;

void say(const std::string& line) { fmt::print(stderr, "reverie: {}\n", line); }

// A file that only its owner can read.
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

std::string token_of(const Options& options) {
  const fs::path file = options.folder / "token";
  std::error_code ignored;
  if (options.keep_token && fs::exists(file, ignored)) {
    const std::string kept = read_file(file, "key");
    if (kept.size() == 64) return kept;
  }
  const std::string token = random_hex(32);
  write_private(file, token);
  return token;
}

// The browser is led by a file of ours, since everybody can read the arguments of a program.
void open_browser(const fs::path& folder, const std::string& url) {
  const fs::path page = folder / "open.html";
  write_private(page, fmt::format("<!doctype html><meta charset=\"utf-8\"><meta name=\"referrer\" "
                                  "content=\"no-referrer\"><title>Reverie</title><meta "
                                  "http-equiv=\"refresh\" content=\"0;url={}\"><a href=\"{}\">Open "
                                  "Reverie</a>\n",
                                  url, url));
  std::string command = "xdg-open", path = page.string();
  char* const arguments[] = {command.data(), path.data(), nullptr};
  pid_t child = 0;
  posix_spawn_file_actions_t quiet;
  posix_spawn_file_actions_init(&quiet);
  posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&quiet, 2, "/dev/null", O_WRONLY, 0);
  posix_spawnp(&child, command.c_str(), &quiet, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&quiet);
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

// Waits for Ctrl-C and its like, with a tick for the streams of events now and then.
void wait_for_signal(const sigset_t& signals, Server& server) {
  constexpr timespec interval{15, 0};
  while (sigtimedwait(&signals, nullptr, &interval) < 0) server.tick();
}

int serve(const std::string& arguments) {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // for all threads; this one waits for them
  signal(SIGPIPE, SIG_IGN);
  signal(SIGCHLD, SIG_IGN);

  const Options options = options_from_json(arguments);
  Store store(options.folder, say);
  EventLog events;
  Speed speed(store);
  Queue queue(store, events);
  EngineOptions engine_options;
  engine_options.threads = options.threads;
  engine_options.may_fetch = options.may_fetch;
  if (!options.memory.empty()) engine_options.memory = parse_bytes(options.memory);
  Engine engine(engine_options, store, queue, events, speed);

  const std::string token = token_of(options);
  ServerOptions server_options;
  server_options.address = options.address;
  server_options.port = options.port;
  server_options.folder = store.folder() / "incoming";
  // The gate knows the port, which the server finds
  std::optional<Gate> gate;
  std::optional<Studio> studio;
  std::atomic<bool> is_ready{false};
  Server server(server_options, events, [&](const Request& request) -> Reception {
    if (!is_ready)
      return {Reception::Where::refused, false, error_response(503, "Busy", "starting"), {}};
    return receive(*studio, request);
  });
  gate.emplace(GateOptions{token, server.port(), options.hosts});
  studio.emplace(Studio{store, queue, events, speed, *gate, options.may_fetch});
  open_inputs(options.inputs, *studio);
  is_ready = true;

  const std::string host = options.address == "0.0.0.0" ? "127.0.0.1" : options.address;
  const std::string url = fmt::format("http://{}:{}/#k={}", host, server.port(), token);
  say(fmt::format("dreaming at {}", url));
  if (options.address != "127.0.0.1")
    say("others can listen to http; for one's own use from afar, ssh -L " +
        fmt::format("{0}:127.0.0.1:{0} HOST is private", server.port()));
  if (options.open_browser) open_browser(store.folder(), url);
  wait_for_signal(signals, server);
  events.publish("bye", "{}");
  return 0;
}

}  // namespace
}  // namespace reverie::studio

int main(int argc, char** argv) {
  using namespace reverie;
  try {
    if (argc == 2 && std::string(argv[1]) == "--api") {
      fmt::print("{}", studio::api_markdown());
      return 0;
    }
    return studio::serve(argc == 2 ? argv[1] : "");
  } catch (const std::exception& error) {
    fmt::print(stderr, "reverie: {}\n", error.what());
    return 1;
  }
}
