// test_client.h: a folder for a test's studio, and requests to it by a plain socket.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "apps/studio/store.h"
#include "reverie/codec/image/image_file.h"
#include "reverie/image/scene/cloudscape.h"

namespace reverie::studio {

// Empty at first, gone in the end.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string form = testing::TempDir() + "/studio-XXXXXX";
    path_ = ::mkdtemp(form.data());
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// An asset whose file is no picture, for what only names it: "asset:aaaa...".
inline Asset add_named_bytes(Store& store, const std::filesystem::path& scratch,
                             const std::string& name) {
  const std::filesystem::path file = scratch / "x";
  std::ofstream(file) << "bytes";
  Asset facts;
  facts.id = std::string(64, 'a');
  facts.kind = "image";
  facts.name = name;
  return store.add_asset(file, facts);
}

// A rendered scene as a PNG file's bytes.
inline std::string scene_bytes(std::int64_t width, std::int64_t height, std::uint64_t seed) {
  ImageOptions options;
  options.format = "png";
  return encode_image(cloudscape(width, height, seed), options);
}

struct Answer {
  int status = 0;  // 0: the connection ended without an answer
  std::string head, body;
  nlohmann::json json() const { return nlohmann::json::parse(body, nullptr, false); }
  bool has_header(const std::string& line) const { return head.find(line) != std::string::npos; }
};

// Sends the bytes as they are, and reads to the end of the connection.
inline Answer sent_raw(int port, const std::string& bytes) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  Answer answer;
  if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    ::close(socket);
    return answer;
  }
  timeval limit{20, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  for (std::size_t sent = 0; sent < bytes.size();) {
    const ssize_t count = ::send(socket, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) break;
    sent += static_cast<std::size_t>(count);
  }
  std::string all(std::size_t{1} << 16, '\0'), received;
  for (ssize_t count; (count = ::recv(socket, all.data(), all.size(), 0)) > 0;)
    received.append(all, 0, static_cast<std::size_t>(count));
  ::close(socket);
  const std::size_t end = received.find("\r\n\r\n");
  if (received.size() < 12 || end == std::string::npos) return answer;
  answer.status = std::atoi(received.c_str() + 9);
  answer.head = received.substr(0, end);
  answer.body = received.substr(end + 4);
  return answer;
}

// A request with the studio's own headers, which `more` replaces or adds to.
inline std::string request_text(int port, const std::string& token, const std::string& method,
                                const std::string& path, const std::string& body = "",
                                const std::string& type = "application/json",
                                const std::vector<std::string>& more = {}) {
  std::string text = method + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
                     "\r\nConnection: close\r\n";
  if (!token.empty()) text += "Authorization: Reverie " + token + "\r\n";
  for (const std::string& line : more) text += line + "\r\n";
  if (method != "GET")
    text += "Content-Type: " + type + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  return text + "\r\n" + body;
}

}  // namespace reverie::studio
