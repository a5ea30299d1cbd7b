// reverie serve [PICTURE...]
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "apps/cli/arguments.h"
#include "apps/cli/session.h"
#include "reverie/base/error.h"
#include "reverie/base/installed.h"

namespace reverie::cli {
namespace {

struct ServeArguments {
  std::vector<std::string> inputs, hosts;
  std::string folder, listen = "127.0.0.1", memory, limit;
  int port = 7349, threads = 0;
  bool no_open = false, keep_token = false, no_fetch = false;
};

// Becomes the studio, a program of its own: the libraries of a server cost other commands nothing.
int serve(const ServeArguments& typed) {
  Json options{{"listen", typed.listen},   {"port", typed.port},
               {"open", !typed.no_open},   {"keep_token", typed.keep_token},
               {"fetch", !typed.no_fetch}, {"threads", typed.threads}};
  if (!typed.inputs.empty()) options["inputs"] = typed.inputs;
  if (!typed.hosts.empty()) options["hosts"] = typed.hosts;
  if (!typed.folder.empty()) options["folder"] = typed.folder;
  if (!typed.memory.empty()) options["memory"] = typed.memory;
  if (!typed.limit.empty()) options["limit"] = typed.limit;
  std::string program = find_program("reverie-studio"), text = options.dump();
  char* const arguments[] = {program.data(), text.data(), nullptr};
  ::execv(program.c_str(), arguments);
  throw FileFailure(fmt::format("cannot start '{}': {}", program, std::strerror(errno)));
}

}  // namespace

void add_serve(Command program, Session& session) {
  Command command =
      program.add_command("serve", "open the studio, a page to dream in, in a browser");
  const auto typed = std::make_shared<ServeArguments>();
  command.add("PICTURE", typed->inputs, "pictures to begin with");
  command
      .add("--port", typed->port,
           "port of the page; if it is taken, one of the next ten; 0: any free one [7349]")
      .form("N")
      .range(0, 65525);
  command
      .add("--listen", typed->listen,
           "address to listen at; others than 127.0.0.1 let other machines in [127.0.0.1]")
      .form("ADDRESS");
  command.add("--host", typed->hosts, "another name by which browsers reach the studio; repeatable")
      .form("NAME")
      .repeatable();
  command
      .add("--folder", typed->folder,
           "where dreams are kept [$XDG_DATA_HOME/reverie/studio, or the same in ~/.local/share]")
      .form("FOLDER");
  command.add_flag("--no-open", typed->no_open, "print the page's address, open no browser");
  command.add_flag("--keep-token", typed->keep_token,
                   "the same address as last time, for a bookmark on a phone");
  command.add_flag("--no-fetch", typed->no_fetch, "download no networks");
  command.add("--threads", typed->threads, "number of threads [one per core]")
      .form("N")
      .range(1, 1024);
  command.add("--memory", typed->memory, "memory limit of one plan [2G]").form("SIZE");
  command
      .add("--limit", typed->limit, "how much the folder may hold; then nothing new is begun [all]")
      .form("SIZE");
  command.runs([typed] { return serve(*typed); });
  (void)session;
}

}  // namespace reverie::cli
