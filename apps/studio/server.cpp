#include "apps/studio/server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <microhttpd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "apps/studio/ids.h"
#include "reverie/base/channel.h"
#include "reverie/base/error.h"
#include "reverie/base/threads.h"

namespace reverie::studio {
namespace {

constexpr int idle_seconds = 30;
constexpr std::size_t most_head = std::size_t{16} << 10;

std::string lower(std::string_view text) {
  std::string low(text);
  std::transform(low.begin(), low.end(), low.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return low;
}

// One request from its head to the end of its answer. Touched by the server's thread, and by a
// thread of the files while the connection is suspended.
struct Exchange {
  Request request;
  Reception reception;
  MHD_Connection* connection = nullptr;
  std::optional<Response> response;  // when it is ready
  int file = -1;                     // of an upload that arrives
  std::uint64_t received = 0;
  bool too_large = false, is_waiting = false, counts_as_upload = false;

  ~Exchange() {
    if (file >= 0) ::close(file);
    std::error_code ignored;
    if (!request.upload.empty()) std::filesystem::remove(request.upload, ignored);
  }
};

// A page that listens to the events.
struct Stream {
  MHD_Connection* connection = nullptr;
  std::int64_t sent = 0;  // number of the last event
  std::string rest;       // what did not fit into the last buffer
  bool suspended = false, tick = false;
};

MHD_Result note_argument(void* to, MHD_ValueKind, const char* name, const char* value) {
  static_cast<Request*>(to)->query[name] = value != nullptr ? value : "";
  return MHD_YES;
}

MHD_Result note_header(void* to, MHD_ValueKind, const char* name, const char* value) {
  static_cast<Request*>(to)->headers.emplace(lower(name), value != nullptr ? value : "");
  return MHD_YES;
}

struct ByteRange {
  std::uint64_t begin = 0, size = 0;
};

// The one range that a request asks for; nothing for none, several, or one that is not understood,
// which are answered with the whole file. Source: RFC 9110, 14.2.
std::optional<ByteRange> asked_range(const std::string& header, std::uint64_t size) {
  if (header.rfind("bytes=", 0) != 0 || size == 0) return std::nullopt;
  const std::string text = header.substr(6);
  const std::size_t dash = text.find('-');
  if (dash == std::string::npos || text.find(',') != std::string::npos) return std::nullopt;
  const auto number = [](const std::string& digits) -> std::optional<std::uint64_t> {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return value;
  };
  const auto first = number(text.substr(0, dash)), last = number(text.substr(dash + 1));
  if (dash == 0 && last && *last > 0) {
    const std::uint64_t length = std::min(*last, size);
    return ByteRange{size - length, length};
  }
  if (!first || *first >= size || (dash + 1 < text.size() && (!last || *last < *first)))
    return std::nullopt;
  const std::uint64_t end = last ? std::min(*last + 1, size) : size;
  return ByteRange{*first, end - *first};
}

}  // namespace

class Server::Engine {
 public:
  Engine(ServerOptions options, EventLog& events, Receive receive)
      : options_(std::move(options)), events_(events), receive_(std::move(receive)) {
    events_.on_event([this] { wake_streams(false); });
    start();
    for (int worker = 0; worker < 2; ++worker) workers_.emplace_back([this] { work(); });
  }

  ~Engine() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    work_.close();
    for (std::thread& worker : workers_) worker.join();
    wake_streams(true);
    MHD_stop_daemon(daemon_);
  }

  int port() const { return port_; }

  // Resumes the streams that wait; `tick`: they send a comment where there is no event.
  void wake_streams(bool tick) {
    const std::lock_guard lock(mutex_);
    for (Stream* stream : streams_) {
      stream->tick = stream->tick || tick;
      if (!stream->suspended) continue;
      stream->suspended = false;
      MHD_resume_connection(stream->connection);
    }
  }

 private:
  // ---- libmicrohttpd's side

  void start() {
    for (int offset = 0; offset < std::max(options_.ports, 1) && daemon_ == nullptr; ++offset) {
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_port = htons(static_cast<std::uint16_t>(options_.port + offset));
      if (inet_pton(AF_INET, options_.address.c_str(), &address.sin_addr) != 1)
        throw FileFailure(fmt::format(
            "'{}' is no address to listen at, expected one like 127.0.0.1", options_.address));
      daemon_ = MHD_start_daemon(
          MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, nullptr, nullptr,
          &on_request, this, MHD_OPTION_SOCK_ADDR, reinterpret_cast<sockaddr*>(&address),
          MHD_OPTION_CONNECTION_LIMIT, 4096u, MHD_OPTION_CONNECTION_TIMEOUT,
          static_cast<unsigned>(idle_seconds), MHD_OPTION_CONNECTION_MEMORY_LIMIT, most_head * 2,
          MHD_OPTION_NOTIFY_COMPLETED, &on_completed, this, MHD_OPTION_LISTEN_BACKLOG_SIZE, 1024u,
          MHD_OPTION_END);
    }
    if (daemon_ == nullptr)
      throw FileFailure(fmt::format(
          "cannot listen at {}, ports {} to {}: {}; choose another --port", options_.address,
          options_.port, options_.port + options_.ports - 1, std::strerror(errno)));
    port_ = MHD_get_daemon_info(daemon_, MHD_DAEMON_INFO_BIND_PORT)->port;
  }

  static MHD_Result on_request(void* self, MHD_Connection* connection, const char* path,
                               const char* method, const char*, const char* data,
                               std::size_t* data_size, void** state) {
    Engine& engine = *static_cast<Engine*>(self);
    auto*& exchange = reinterpret_cast<Exchange*&>(*state);
    if (exchange == nullptr) {
      exchange = new Exchange;
      exchange->connection = connection;
      engine.begin(*exchange, method, path);
      // An answer before the body: the library then drops the body and ends the connection
      return exchange->response ? engine.send(*exchange) : MHD_YES;
    }
    if (*data_size > 0) {
      engine.receive_bytes(*exchange, {data, *data_size});
      *data_size = 0;
      return MHD_YES;
    }
    return engine.proceed(*exchange);
  }

  static void on_completed(void* self, MHD_Connection*, void** state, MHD_RequestTerminationCode) {
    auto* exchange = static_cast<Exchange*>(*state);
    if (exchange == nullptr) return;
    if (exchange->counts_as_upload) --static_cast<Engine*>(self)->uploads_;
    delete exchange;
    *state = nullptr;
  }

  // The head is there: who may go on, and where does the body go?
  void begin(Exchange& exchange, const char* method, const char* path) {
    Request& request = exchange.request;
    request.method = method;
    request.path = path;
    MHD_get_connection_values(exchange.connection, MHD_HEADER_KIND, &note_header, &request);
    MHD_get_connection_values(exchange.connection, MHD_GET_ARGUMENT_KIND, &note_argument, &request);
    exchange.reception = receive_(request);
    if (exchange.reception.where == Reception::Where::refused) {
      exchange.response = exchange.reception.refusal;
      return;
    }
    if (!exchange.reception.takes_upload) return;
    if (uploads_ >= options_.most_uploads) {
      exchange.response = error_response(429, "Busy", "too many uploads at once, try again");
      return;
    }
    ++uploads_;
    exchange.counts_as_upload = true;
    request.upload = options_.folder / ("upload-" + random_hex(16));
    exchange.file = ::open(request.upload.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (exchange.file < 0)
      exchange.response = error_response(507, "Full", "cannot keep the upload");
  }

  void receive_bytes(Exchange& exchange, std::string_view bytes) {
    if (exchange.response || exchange.too_large) return;  // read and dropped
    exchange.received += bytes.size();
    const std::uint64_t most =
        exchange.reception.takes_upload ? options_.most_upload : options_.most_body;
    if (exchange.received > most) {
      exchange.too_large = true;
      exchange.response =
          error_response(413, "TooLarge", fmt::format("the request is larger than {} bytes", most));
      return;
    }
    if (!exchange.reception.takes_upload) {
      exchange.request.body.append(bytes);
      return;
    }
    while (!bytes.empty()) {
      const ssize_t count = ::write(exchange.file, bytes.data(), bytes.size());
      if (count <= 0) {
        exchange.response = error_response(507, "Full", "the disk is full");
        return;
      }
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
  }

  // The request is whole, or its answer is ready.
  MHD_Result proceed(Exchange& exchange) {
    if (!exchange.response && exchange.reception.where == Reception::Where::at_once)
      exchange.response = exchange.reception.answer(exchange.request);
    if (exchange.response) return send(exchange);
    if (exchange.is_waiting) return MHD_NO;
    exchange.is_waiting = true;
    MHD_suspend_connection(exchange.connection);
    if (!work_.try_push(&exchange)) {
      exchange.response = error_response(429, "Busy", "too many requests wait, try again");
      MHD_resume_connection(exchange.connection);
    }
    return MHD_YES;
  }

  // ---- The threads for files

  void work() {
    set_thread_count(1);  // of this thread: the engine has the processor
    while (const std::optional<Exchange*> exchange = work_.pop()) {
      (*exchange)->response = (*exchange)->reception.answer((*exchange)->request);
      MHD_resume_connection((*exchange)->connection);
    }
  }

  // ---- Answers

  MHD_Result send(Exchange& exchange) {
    const Response& response = *exchange.response;
    if (response.events_after) return send_events(exchange, *response.events_after);
    int status = response.status;
    MHD_Response* answer = nullptr;
    if (!response.file.empty()) answer = file_answer(exchange, status);
    if (answer == nullptr)
      answer = MHD_create_response_from_buffer(
          response.body.size(), const_cast<char*>(response.body.data()), MHD_RESPMEM_MUST_COPY);
    return queue(exchange, answer, status);
  }

  MHD_Result queue(Exchange& exchange, MHD_Response* answer, int status) {
    const Response& response = *exchange.response;
    MHD_add_response_header(answer, MHD_HTTP_HEADER_CONTENT_TYPE, response.type.c_str());
    for (const auto& [name, value] : response.headers)
      MHD_add_response_header(answer, name.c_str(), value.c_str());
    // A body that was dropped is still on its way: the connection ends with the answer
    if (exchange.too_large) MHD_add_response_header(answer, MHD_HTTP_HEADER_CONNECTION, "close");
    const MHD_Result result =
        MHD_queue_response(exchange.connection, static_cast<unsigned>(status), answer);
    MHD_destroy_response(answer);
    return result;
  }

  static MHD_Response* file_answer(const Exchange& exchange, int& status) {
    const Response& response = *exchange.response;
    const int file = ::open(response.file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct stat facts {};
    if (file < 0 || ::fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode)) {
      if (file >= 0) ::close(file);
      status = 404;
      return nullptr;
    }
    const auto size = static_cast<std::uint64_t>(facts.st_size);
    const auto range = asked_range(exchange.request.header("range"), size);
    MHD_Response* answer = MHD_create_response_from_fd_at_offset64(range ? range->size : size, file,
                                                                   range ? range->begin : 0);
    MHD_add_response_header(answer, MHD_HTTP_HEADER_ACCEPT_RANGES, "bytes");
    if (!range) return answer;
    status = 206;
    MHD_add_response_header(
        answer, MHD_HTTP_HEADER_CONTENT_RANGE,
        fmt::format("bytes {}-{}/{}", range->begin, range->begin + range->size - 1, size).c_str());
    return answer;
  }

  // ---- Streams of events

  MHD_Result send_events(Exchange& exchange, std::int64_t after) {
    auto stream = std::make_unique<Stream>();
    stream->connection = exchange.connection;
    stream->sent = after;
    stream->rest = ": welcome\n\n";
    {
      const std::lock_guard lock(mutex_);
      if (streams_.size() >= static_cast<std::size_t>(options_.most_streams)) {
        exchange.response = error_response(429, "Busy", "too many pages listen to the events");
        return send(exchange);
      }
      streams_.insert(stream.get());
    }
    auto* holder = new std::pair<Engine*, Stream*>(this, stream.release());
    MHD_Response* answer = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 16384, &next_bytes,
                                                             holder, &end_stream);
    return queue(exchange, answer, 200);
  }

  static ssize_t next_bytes(void* holder, std::uint64_t, char* buffer, std::size_t most) {
    const auto [engine, stream] = *static_cast<std::pair<Engine*, Stream*>*>(holder);
    const std::lock_guard lock(engine->mutex_);
    if (stream->rest.empty())
      for (const Event& event : engine->events_.after(stream->sent)) {
        stream->rest += event_text(event);
        stream->sent = event.number;
      }
    if (stream->rest.empty() && engine->stopping_) return MHD_CONTENT_READER_END_OF_STREAM;
    if (stream->rest.empty() && std::exchange(stream->tick, false)) stream->rest = ":\n\n";
    if (stream->rest.empty()) {
      stream->suspended = true;
      MHD_suspend_connection(stream->connection);
      return 0;
    }
    const std::size_t size = std::min(most, stream->rest.size());
    std::memcpy(buffer, stream->rest.data(), size);
    stream->rest.erase(0, size);
    return static_cast<ssize_t>(size);
  }

  static void end_stream(void* holder) {
    const std::unique_ptr<std::pair<Engine*, Stream*>> both(
        static_cast<std::pair<Engine*, Stream*>*>(holder));
    const std::unique_ptr<Stream> stream(both->second);
    const std::lock_guard lock(both->first->mutex_);
    both->first->streams_.erase(stream.get());
  }

  const ServerOptions options_;
  EventLog& events_;
  const Receive receive_;
  MHD_Daemon* daemon_ = nullptr;
  int port_ = 0;
  int uploads_ = 0;  // that arrive now; the server's thread
  Channel<Exchange*> work_{256};
  std::vector<std::thread> workers_;
  std::mutex mutex_;  // of what follows
  std::set<Stream*> streams_;
  bool stopping_ = false;
};

Server::Server(const ServerOptions& options, EventLog& events, Receive receive)
    : engine_(std::make_unique<Engine>(options, events, std::move(receive))) {}
Server::~Server() = default;
int Server::port() const { return engine_->port(); }
void Server::tick() { engine_->wake_streams(true); }

}  // namespace reverie::studio
