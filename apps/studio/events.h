// events.h: what happens in the studio, numbered, for the pages that are open.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace reverie::studio {

struct Event {
  std::int64_t number = 0;
  std::string name;  // "job", "preview", "dream"...
  std::string data;  // one JSON object on one line
};

// The last events. Any thread.
class EventLog {
 public:
  explicit EventLog(std::size_t kept = 1000) : kept_(kept) {}

  // Adds an event and calls the listener.
  void publish(const std::string& name, const std::string& data);

  // The events after a number, oldest first; first an event "resync" where some of them are gone,
  // or where the number is not one of this process.
  std::vector<Event> after(std::int64_t number) const;
  std::int64_t last() const;

  // Called after each event, on the thread that published it. Set once, before any event.
  void on_event(std::function<void()> listener) { listener_ = std::move(listener); }

 private:
  const std::size_t kept_;
  mutable std::mutex mutex_;
  std::deque<Event> events_;
  std::int64_t last_ = 0;
  std::function<void()> listener_;
};

// An event as the protocol of server-sent events writes it. Source: HTML Standard, 9.2.
std::string event_text(const Event& event);

}  // namespace reverie::studio
