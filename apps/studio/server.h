// server.h: the HTTP server: one thread with epoll, for any number of connections, by
// libmicrohttpd.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "apps/studio/events.h"
#include "apps/studio/http.h"

namespace reverie::studio {

struct ServerOptions {
  std::string address = "127.0.0.1";
  int port = 7349;
  int ports = 10;                // tried in turn where one is taken
  std::filesystem::path folder;  // for uploads that arrive
  std::uint64_t most_upload = std::uint64_t{512} << 20;
  std::size_t most_body = std::size_t{1} << 20;
  int most_uploads = 2, most_streams = 64;
};

// Says how a request is to be treated, from its head (no body yet). On the server's thread.
using Receive = std::function<Reception(const Request&)>;

// Serves until it is destroyed. Answers at once on the server's thread, or on two threads for work
// with files, while the connection waits.
class Server {
 public:
  // Errors: FileFailure when no port can be had.
  Server(const ServerOptions& options, EventLog& events, Receive receive);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  int port() const;

  // Lets the streams of events send a sign of life, which finds the dead ones; every 15 s or so.
  void tick();

 private:
  class Engine;
  std::unique_ptr<Engine> engine_;
};

}  // namespace reverie::studio
