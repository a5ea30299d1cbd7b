// The program `reverie-studio`, which `reverie serve` starts.
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>

#include <exception>
#include <string>

#include "apps/studio/api.h"
#include "apps/studio/service.h"

extern char** environ;

namespace reverie::studio {
namespace {

void say(const std::string& line) { fmt::print(stderr, "reverie: {}\n", line); }

// The browser is led by a file of ours, since everybody can read the arguments of a program.
void open_browser(const std::filesystem::path& folder, const std::string& url) {
  const std::filesystem::path page = folder / "open.html";
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

// Blocked in all threads, so that the first one can wait for them.
sigset_t blocked_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int each : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, each);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGCHLD, SIG_IGN);
  return signals;
}

int serve(const std::string& arguments) {
  const sigset_t signals = blocked_signals();
  const Options options = options_from_json(arguments);
  Service service(options, say);
  say("dreaming at " + service.url());
  if (options.address != "127.0.0.1")
    say(fmt::format("others on the way can read http; ssh -L {0}:127.0.0.1:{0} HOST is private",
                    service.port()));
  if (options.open_browser) open_browser(options.folder, service.url());
  constexpr timespec interval{15, 0};
  while (sigtimedwait(&signals, nullptr, &interval) < 0) service.tick();
  service.say_bye();
  return 0;
}

}  // namespace
}  // namespace reverie::studio

int main(int argc, char** argv) {
  using namespace reverie;
  const std::string argument = argc == 2 ? argv[1] : "";
  try {
    if (argument != "--api") return studio::serve(argument);
    fmt::print("{}", studio::api_markdown());
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "reverie: {}\n", error.what());
    return 1;
  }
}
