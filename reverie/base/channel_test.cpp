#include "reverie/base/channel.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <thread>

namespace reverie {
namespace {

TEST(Channel, HandsOnEverythingInOrder) {
  Channel<std::unique_ptr<int>> channel(2);
  std::thread giver([&] {
    for (int i = 0; i < 1000; ++i) channel.push(std::make_unique<int>(i));
    channel.close();
  });
  int expected = 0;
  while (const auto value = channel.pop()) EXPECT_EQ(**value, expected++);
  EXPECT_EQ(expected, 1000);
  giver.join();
}

TEST(Channel, ClosingFreesWhoWaitsAndKeepsWhatIsIn) {
  Channel<int> channel(1);
  EXPECT_TRUE(channel.push(7));
  bool taken = true;
  std::thread giver([&] { taken = channel.push(8); });
  // Time enough to go in, if there were room
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  channel.close();
  giver.join();
  EXPECT_FALSE(taken);
  EXPECT_EQ(channel.pop(), 7);
  EXPECT_EQ(channel.pop(), std::nullopt);
  EXPECT_FALSE(channel.push(9));
}

}  // namespace
}  // namespace reverie
