#include "reverie/model/formats/pytorch/pickle.h"

#include "reverie/base/error.h"
#include "reverie/model/formats/expect_error_fixture.h"
#include "reverie/model/formats/pytorch/checkpoint_fixture.h"

namespace reverie::pytorch {
namespace {

using Kind = Value::Kind;

const std::string file = "net.pth";

// `object` pickled, as a message or a value.
Pickle load(const std::string& object) {
  static std::string bytes;
  bytes = "\x80\x02" + object + ".";
  return {bytes_of(bytes), file};
}

TEST(Pickles, NumbersAndTexts) {
  EXPECT_EQ(load("K\x07").root().integer, 7);
  EXPECT_EQ(load("M\x01\x02").root().integer, 0x201);
  EXPECT_EQ(load("J\xff\xff\xff\xff").root().integer, -1);
  EXPECT_EQ(load(integer(-5000000000)).root().integer, -5000000000);
  EXPECT_EQ(load("\x8a\x02\xff\xfe").root().integer, -257);
  EXPECT_EQ(load(std::string("G\x3f\xf8\0\0\0\0\0\0", 9)).root().real, 1.5);
  EXPECT_EQ(load(text("words")).root().text, "words");
  EXPECT_EQ(load("\x8c\x02no").root().text, "no");
  EXPECT_EQ(load("\x88").root().kind, Kind::boolean);
  EXPECT_EQ(load("N").root().kind, Kind::none);
}

TEST(Pickles, ListsAndDictionaries) {
  const Pickle list = load(
      "](K\x01K\x02"
      "eK\x03"
      "a");
  ASSERT_EQ(list.root().items.size(), 3u);
  EXPECT_EQ(list[list.root().items[2]].integer, 3);
  const Pickle dict = load("}(" + text("a") + "K\x01u" + text("b") + "K\x02s");
  ASSERT_EQ(dict.root().items.size(), 4u);
  EXPECT_EQ(dict[dict.root().items[3]].integer, 2);
  EXPECT_EQ(load("K\x01K\x02\x86").root().items.size(), 2u);
  // A value that is stored and used again, as in a list of itself twice
  const Pickle twice = load(text("x") +
                            "q\x05"
                            "0]h\x05"
                            "ah\x05"
                            "a");
  ASSERT_EQ(twice.root().items.size(), 2u);
  EXPECT_EQ(twice.root().items[0], twice.root().items[1]);
  // Pairs to a dictionary
  const Pickle pairs = load(global("collections", "OrderedDict") + "](" + text("k") +
                            "K\x09\x86"
                            "e\x85R");
  EXPECT_EQ(pairs[pairs.root().items[1]].integer, 9);
}

// Nothing but tensors and what holds them comes of a pickle.
TEST(Pickles, ObjectsAreRefusedByName) {
  expect_error<Unsupported>([] { load(global("os", "system") + text("rm") + "\x85R"); },
                            {"'net.pth'", "a Python object, os.system", "torch.onnx.export"});
  expect_error<Unsupported>([] { load(global("torchvision.models.resnet", "ResNet") + ")\x81"); },
                            {"torchvision.models.resnet.ResNet"});
  expect_error<Unsupported>([] { load(text("posix") + text("system") + "\x93"); },
                            {"posix.system"});
  expect_error<Unsupported>([] { load(global("torch", "load")); }, {"torch.load"});
  expect_error<Unsupported>([] { load(global("a\tb", "c")); }, {"a b.c"});
}

TEST(Pickles, ThatMakeNoSense) {
  for (const std::string& bad : {std::string(""),
                                 std::string("0"),
                                 std::string("K"),
                                 std::string("X\xff\xff\xff\xff"),
                                 std::string("h\x01"),
                                 std::string("e"),
                                 std::string("K\x01K\x02"
                                             "a"),
                                 std::string("](K\x01K\x02s"),
                                 std::string("}(K\x01u"),
                                 std::string("K\x01)R"),
                                 std::string("(K\x01t"
                                             "b"),
                                 ordered_dict + "K\x01R",
                                 std::string("K\x01Q"),
                                 std::string("\x8d\xff\xff\xff\xff\xff\xff\xff\xff"),
                                 std::string("i"),
                                 std::string("\xfe"),
                                 std::string("(0"),
                                 std::string("(2"),
                                 global("torch", "Size") + ")R",
                                 global("torch._utils", "_rebuild_tensor_v2") + ")R"})
    expect_error<BadModel>([&] { load(bad); }, {"'net.pth' is not a whole PyTorch file"});
}

// Lists in lists: nothing here calls itself.
TEST(Pickles, DeepOnes) {
  EXPECT_EQ(load(")" + std::string(500000, '\x85')).root().items.size(), 1u);
  expect_error<BadModel>([] { load(std::string(1500000, ']')); }, {"more than a million values"});
}

}  // namespace
}  // namespace reverie::pytorch
