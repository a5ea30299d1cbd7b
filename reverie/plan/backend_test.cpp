// Which devices are there, how they are named, and what is said of one that is not.
#include "reverie/plan/backend.h"

#include <gtest/gtest.h>

#include "reverie/base/error.h"
#include "reverie/plan/cpu/trial_network.h"

namespace reverie {
namespace {

// The message of the DeviceFailure that this throws.
template <class Work>
std::string refusal(Work&& work) {
  try {
    work();
  } catch (const DeviceFailure& error) {
    return error.what();
  }
  return "nothing was refused";
}

TEST(Devices, AreReadAndPrinted) {
  EXPECT_EQ(parse_device("auto"), Device::automatic);
  EXPECT_EQ(parse_device("cpu"), Device::cpu);
  EXPECT_EQ(parse_device("gpu"), (Device{"gpu", 0}));
  EXPECT_EQ(parse_device("gpu:12"), (Device{"gpu", 12}));
  EXPECT_EQ(parse_device("reference:DOUBLE"), (Device{"reference", 0}));
  for (const char* text : {"auto", "cpu", "gpu", "gpu:3"})
    EXPECT_EQ(to_string(parse_device(text)), text);
  EXPECT_EQ(to_string(parse_device("gpu:0")), "gpu");
}

TEST(Devices, OneThatIsNotThereIsRefusedWithAListOfThoseThatAre) {
  for (const char* text : {"cuda", "abacus", "", "auto:1", "cpu:", "cpu:no such processor"}) {
    const std::string message = refusal([&] { parse_device(text); });
    EXPECT_NE(message.find("'" + std::string(text) + "'"), std::string::npos) << message;
    EXPECT_NE(message.find("auto, cpu ("), std::string::npos) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos);
  }
  for (const Device& device : {Device{"cpu", 1}, Device{"gpu", 99}, Device{"cpu", -1}}) {
    const std::string message = refusal([&] { choose_device(device); });
    EXPECT_NE(message.find("'" + to_string(device) + "'"), std::string::npos) << message;
    EXPECT_NE(message.find("cpu ("), std::string::npos) << message;
  }
}

TEST(Devices, TheProcessorIsListedWithItsMemory) {
  const std::vector<DeviceInfo> all = list_devices();
  ASSERT_FALSE(all.empty());
  bool found = false;
  for (const DeviceInfo& info : all) {
    EXPECT_EQ(choose_device(info.device).backend->name, info.device.backend);
    EXPECT_FALSE(info.description.empty());
    if (info.device != Device::cpu) continue;
    found = true;
    EXPECT_GT(info.memory_bytes, std::size_t{1} << 26);
    EXPECT_LE(info.free_bytes, info.memory_bytes);
  }
  EXPECT_TRUE(found);
}

TEST(Backends, TheReferenceComputesOnlyOnRequest) {
  EXPECT_NE(choose_device(Device::automatic).backend->name, "reference");
  cpu::Maker maker(1);
  const int last = maker.conv(0, 4, square(3, 1, 1));
  const auto truth = make_compiler(maker.graph, {last}, Precision::fast, Device{"reference", 0});
  EXPECT_EQ(truth->precision(), Precision::exact);
  const auto usual = make_compiler(maker.graph, {last}, Precision::fast);
  EXPECT_EQ(usual->precision(), Precision::fast);
  const auto one = truth->compile(9, 8), other = usual->compile(9, 8);
  EXPECT_EQ(truth->plan_bytes(9, 8), one->memory_bytes());
  Tensor canvas({3, 9, 8});
  std::fill_n(canvas.data(), canvas.size(), 100.f);
  EXPECT_TRUE(one->forward(canvas));
  EXPECT_TRUE(other->forward(canvas));
  for (std::int64_t i = 0; i < one->activation(0).size(); ++i)
    EXPECT_NEAR(one->activation(0)[i], other->activation(0)[i], 1e-4);
}

}  // namespace
}  // namespace reverie
