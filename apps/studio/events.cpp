#include "apps/studio/events.h"

#include <fmt/format.h>

namespace reverie::studio {

void EventLog::publish(const std::string& name, const std::string& data) {
  {
    const std::lock_guard lock(mutex_);
    events_.push_back({++last_, name, data});
    if (events_.size() > kept_) events_.pop_front();
  }
  if (listener_) listener_();
}

std::vector<Event> EventLog::after(std::int64_t number) const {
  const std::lock_guard lock(mutex_);
  if (number == last_) return {};
  const std::int64_t first = last_ - static_cast<std::int64_t>(events_.size()) + 1;
  if (number > last_ || number + 1 < first) return {{last_, "resync", "{}"}};
  return {events_.begin() + (number + 1 - first), events_.end()};
}

std::int64_t EventLog::last() const {
  const std::lock_guard lock(mutex_);
  return last_;
}

std::string event_text(const Event& event) {
  return fmt::format("id: {}\nevent: {}\ndata: {}\n\n", event.number, event.name, event.data);
}

}  // namespace reverie::studio
