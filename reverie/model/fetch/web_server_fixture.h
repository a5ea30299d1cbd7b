// web_server_fixture.h: an HTTP server on this machine that misbehaves as a test wants it to.
#pragma once

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace reverie::fetch {

struct TestRequest {
  std::string path;
  std::string head;             // the request as it came
  std::size_t range_begin = 0;  // of "Range: bytes=N-"
  bool has_range = false;
};

struct TestAnswer {
  int status = 200;
  std::string headers;  // each ending in \r\n; Content-Length is added
  std::string body;
  std::size_t cut_after = ~0ul;        // the connection breaks after so many bytes of the body
  std::chrono::milliseconds pause{0};  // after every 1000 bytes
  bool hang = false;                   // instead of breaking, say nothing more until the end
};

// Answers one request after the other, on a port of its own of 127.0.0.1.
class TestServer {
 public:
  using Handler = std::function<TestAnswer(const TestRequest&)>;

  explicit TestServer(Handler handler) : handler_(std::move(handler)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::listen(listener_, 16) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
      throw std::runtime_error("cannot listen on 127.0.0.1");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~TestServer() { stop(); }
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  // Afterwards connections to url() are refused.
  void stop() {
    if (!thread_.joinable()) return;
    stopping_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }

  std::string url() const { return fmt::format("http://127.0.0.1:{}", port_); }

  std::vector<TestRequest> requests() const {
    const std::lock_guard guard(mutex_);
    return requests_;
  }

  // The file as a well-behaved server gives it: whole, or the rest that was asked for.
  static TestAnswer give(const std::string& body, const TestRequest& request) {
    TestAnswer answer;
    if (request.has_range && request.range_begin >= body.size()) {
      answer.status = 416;
      return answer;
    }
    answer.body = body.substr(request.range_begin);
    if (!request.has_range) return answer;
    answer.status = 206;
    answer.headers = fmt::format("Content-Range: bytes {}-{}/{}\r\n", request.range_begin,
                                 body.size() - 1, body.size());
    return answer;
  }

 private:
  void serve() {
    while (!stopping_) {
      const int client = ::accept(listener_, nullptr, nullptr);
      if (client < 0) break;
      answer(client);
      ::close(client);
    }
  }

  static TestRequest read_request(int client) {
    TestRequest request;
    char buffer[4096];
    while (request.head.find("\r\n\r\n") == std::string::npos) {
      const ssize_t size = ::recv(client, buffer, sizeof buffer, 0);
      if (size <= 0) break;
      request.head.append(buffer, static_cast<std::size_t>(size));
    }
    const auto begin = request.head.find(' ') + 1;
    request.path = request.head.substr(begin, request.head.find(' ', begin) - begin);
    const auto range = request.head.find("Range: bytes=");
    if (range != std::string::npos) {
      request.has_range = true;
      request.range_begin = std::stoul(request.head.substr(range + 13));
    }
    return request;
  }

  void answer(int client) {
    const TestRequest request = read_request(client);
    {
      const std::lock_guard guard(mutex_);
      requests_.push_back(request);
    }
    const TestAnswer answer = handler_(request);
    send(client, fmt::format("HTTP/1.1 {} x\r\nConnection: close\r\nContent-Length: {}\r\n{}\r\n",
                             answer.status, answer.body.size(), answer.headers));
    const std::size_t end = std::min(answer.cut_after, answer.body.size());
    for (std::size_t sent = 0; sent < end && !stopping_; sent += 1000) {
      send(client, answer.body.substr(sent, std::min<std::size_t>(1000, end - sent)));
      std::this_thread::sleep_for(answer.pause);
    }
    while (answer.hang && !stopping_ && is_open(client))
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }

  static bool is_open(int client) {
    char byte;
    return ::recv(client, &byte, 1, MSG_DONTWAIT | MSG_PEEK) != 0;
  }

  static void send(int client, const std::string& text) {
    for (std::size_t sent = 0; sent < text.size();) {
      const ssize_t size = ::send(client, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
      if (size <= 0) return;
      sent += static_cast<std::size_t>(size);
    }
  }

  Handler handler_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::vector<TestRequest> requests_;
  std::thread thread_;
};

}  // namespace reverie::fetch
