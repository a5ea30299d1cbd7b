// Source: Lib/pickletools.py of Python, which describes every opcode; torch/serialization.py and
// torch/_utils.py of PyTorch.
#include "reverie/model/formats/pytorch/pickle.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "reverie/base/error.h"
#include "reverie/base/text.h"
#include "reverie/model/formats/pytorch/pytorch.h"

namespace reverie::pytorch {
namespace {

using Kind = Value::Kind;

constexpr std::size_t max_values = 1000000;
constexpr std::size_t max_dimensions = 8;

}  // namespace

// The machine that a pickle is a program for, with a stack of values and a memory.
class Unpickler {
 public:
  Unpickler(Pickle& pickle, std::span<const std::byte> bytes, const std::string& file)
      : pickle_(pickle), bytes_(bytes), file_(file) {}

  void run() {
    while (step()) {
    }
    pickle_.root_ = pop();
    pickle_.at_ = at_;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw BadModel(fmt::format("'{}' is not a whole PyTorch file: {} at byte {} of its pickle",
                               file_, what, at_));
  }

  // Bytes ---------------------------------------------------------------------------------------

  std::span<const std::byte> take(std::uint64_t count) {
    if (count > bytes_.size() - at_) fail("it ends");
    const auto taken = bytes_.subspan(at_, count);
    at_ += count;
    return taken;
  }
  std::uint64_t number(int count) {
    const auto taken = take(static_cast<std::uint64_t>(count));
    std::uint64_t value = 0;
    for (std::size_t i = taken.size(); i-- > 0;)
      value = value << 8 | std::to_integer<std::uint64_t>(taken[i]);
    return value;
  }
  std::string text(std::uint64_t count) {
    const auto taken = take(count);
    return {reinterpret_cast<const char*>(taken.data()), taken.size()};
  }
  std::string line() {
    const auto* const begin = reinterpret_cast<const char*>(bytes_.data()) + at_;
    const auto* const end = begin + (bytes_.size() - at_);
    const auto* const stop = std::find(begin, end, '\n');
    if (stop == end) fail("it ends");
    at_ += static_cast<std::size_t>(stop - begin) + 1;
    return {begin, stop};
  }

  // Values --------------------------------------------------------------------------------------

  Value& value(int place) { return pickle_.values_[static_cast<std::size_t>(place)]; }
  int make(Value made) {
    if (pickle_.values_.size() >= max_values) fail("more than a million values");
    pickle_.values_.push_back(std::move(made));
    return static_cast<int>(pickle_.values_.size()) - 1;
  }
  void push(Value made) { stack_.push_back(make(std::move(made))); }
  void push_integer(std::int64_t integer) { push({.kind = Kind::integer, .integer = integer}); }
  void push_text(std::string words) { push({.kind = Kind::text, .text = std::move(words)}); }

  // Values below a mark belong to an outer list
  std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }
  int top() const {
    if (stack_.size() <= floor()) fail("its stack is empty");
    return stack_.back();
  }
  int pop() {
    const int place = top();
    stack_.pop_back();
    return place;
  }
  // All above the last mark, which goes too.
  std::vector<int> pop_to_mark() {
    if (marks_.empty()) fail("a mark is missing");
    const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<int> items(begin, stack_.end());
    stack_.erase(begin, stack_.end());
    marks_.pop_back();
    return items;
  }
  void push_list(std::size_t count) {
    std::vector<int> items(count);
    for (std::size_t i = count; i-- > 0;) items[i] = pop();
    push({.kind = Kind::list, .items = std::move(items)});
  }
  void append(Kind kind, const std::vector<int>& items) {
    Value& list = value(top());
    if (list.kind != kind) fail("items for something that is no list or dictionary");
    if (kind == Kind::dict && items.size() % 2 != 0) fail("a key without its value");
    list.items.insert(list.items.end(), items.begin(), items.end());
  }
  void remember(std::uint64_t key) { memory_[key] = top(); }
  void recall(std::uint64_t key) {
    const auto found = memory_.find(key);
    if (found == memory_.end()) fail("a value that was not stored");
    stack_.push_back(found->second);
  }

  // Objects -------------------------------------------------------------------------------------

  [[noreturn]] void refuse(const std::string& name) const {
    throw Unsupported(fmt::format(
        "'{}' holds a Python object, {}, that needs the program that wrote it; save the "
        "weights alone, torch.save(net.state_dict(), FILE), or {}",
        file_, one_line(name), export_advice));
  }

  void push_global(const std::string& module, const std::string& name) {
    static constexpr std::string_view known[] = {
        "collections.OrderedDict", "torch.Size", "torch._utils._rebuild_tensor",
        "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_parameter"};
    std::string full = module + "." + name;
    const bool is_storage =
        (module == "torch" || module == "torch.cuda") && name.ends_with("Storage");
    if (!is_storage && std::find(std::begin(known), std::end(known), full) == std::end(known))
      refuse(full);
    push({.kind = Kind::global, .text = std::move(full)});
  }

  // ("storage", class, key, place, count, view), what PyTorch stores outside the pickle.
  void push_persistent() {
    const Value& id = value(pop());
    if (id.kind != Kind::list || id.items.size() < 5 || value(id.items[0]).text != "storage" ||
        value(id.items[1]).kind != Kind::global || value(id.items[2]).kind != Kind::text ||
        value(id.items[4]).kind != Kind::integer)
      fail("a reference that is none to a tensor's storage");
    Value storage{.kind = Kind::storage,
                  .integer = value(id.items[4]).integer,
                  .text = value(id.items[2]).text,
                  .type = value(id.items[1]).text};
    // A part of another storage, in files of before 0.4
    if (id.items.size() > 5 && value(id.items[5]).kind != Kind::none)
      refuse("a storage that is a part of another");
    push(std::move(storage));
  }

  std::vector<std::int64_t> integers(int place) {
    const Value& list = value(place);
    if (list.kind != Kind::list || list.items.size() > max_dimensions) fail("a shape that is none");
    std::vector<std::int64_t> numbers;
    for (const int item : list.items) {
      if (value(item).kind != Kind::integer || value(item).integer < 0)
        fail("a shape that is none");
      numbers.push_back(value(item).integer);
    }
    return numbers;
  }

  // Calls one of the functions that are known.
  void reduce() {
    const Value& arguments = value(pop());
    const Value& function = value(pop());
    if (function.kind != Kind::global) fail("a call of something that is no function");
    if (arguments.kind != Kind::list) fail("a call without arguments");
    const std::vector<int> given = arguments.items;
    if (function.text == "collections.OrderedDict") return push(ordered(given));
    if (function.text == "torch.Size" || function.text == "torch._utils._rebuild_parameter") {
      if (given.empty()) fail("a call without arguments");
      stack_.push_back(given[0]);
      return;
    }
    if (!function.text.starts_with("torch._utils._rebuild_tensor")) refuse(function.text);
    if (given.size() < 4 || value(given[0]).kind != Kind::storage ||
        value(given[1]).kind != Kind::integer)
      fail("a tensor without a storage");
    Value tensor{.kind = Kind::tensor,
                 .integer = value(given[1]).integer,
                 .items = {given[0]},
                 .extents = integers(given[2]),
                 .strides = integers(given[3])};
    if (tensor.extents.size() != tensor.strides.size())
      fail("a tensor with strides of another shape");
    push(std::move(tensor));
  }

  // Of a list of pairs, or of nothing.
  Value ordered(const std::vector<int>& given) {
    Value dict{.kind = Kind::dict};
    if (given.empty()) return dict;
    for (const int item : value(given[0]).items) {
      const Value& pair = value(item);
      if (pair.kind != Kind::list || pair.items.size() != 2) fail("a dictionary without pairs");
      dict.items.insert(dict.items.end(), pair.items.begin(), pair.items.end());
    }
    return dict;
  }

  // Opcodes -------------------------------------------------------------------------------------

  // False at the end.
  bool step() {
    const auto opcode = static_cast<unsigned char>(number(1));
    return opcode != '.' &&
           (do_scalar(opcode) || do_collection(opcode) || do_object(opcode) || fail_at(opcode));
  }
  [[noreturn]] bool fail_at(unsigned char opcode) {
    --at_;
    fail(fmt::format("unknown code {:#04x}", opcode));
  }

  bool do_scalar(unsigned char opcode) {
    switch (opcode) {
      case 'N':
        return push({}), true;
      case 0x88:
      case 0x89:
        return push({.kind = Kind::boolean, .integer = opcode == 0x88}), true;
      case 'J':
        return push_integer(static_cast<std::int32_t>(number(4))), true;
      case 'K':
        return push_integer(static_cast<std::int64_t>(number(1))), true;
      case 'M':
        return push_integer(static_cast<std::int64_t>(number(2))), true;
      case 0x8a:
        return push_long(number(1)), true;
      case 0x8b:
        return push_long(number(4)), true;
      case 'G': {
        std::uint64_t bits = 0;  // the only number with its highest byte first
        for (const std::byte b : take(8)) bits = bits << 8 | std::to_integer<std::uint64_t>(b);
        return push({.kind = Kind::real, .real = std::bit_cast<double>(bits)}), true;
      }
      case 'X':
      case 'T':
      case 'B':
        return push_text(text(number(4))), true;
      case 0x8c:
      case 'U':
      case 'C':
        return push_text(text(number(1))), true;
      case 0x8d:
      case 0x8e:
        return push_text(text(number(8))), true;
      default:
        return false;
    }
  }

  // Of any size; more than 64 bits are not needed and become 0.
  void push_long(std::uint64_t count) {
    const auto taken = take(count);
    std::uint64_t bits = 0;
    if (!taken.empty() && taken.size() <= 8) {
      const bool negative = (taken.back() & std::byte{0x80}) != std::byte{};
      bits = negative ? ~std::uint64_t{0} : 0;
      for (std::size_t i = taken.size(); i-- > 0;)
        bits = bits << 8 | std::to_integer<std::uint64_t>(taken[i]);
    }
    push_integer(static_cast<std::int64_t>(bits));
  }

  bool do_collection(unsigned char opcode) {
    switch (opcode) {
      case '}':
        return push({.kind = Kind::dict}), true;
      case ']':
      case ')':
        return push({.kind = Kind::list}), true;
      case '(':
        return marks_.push_back(stack_.size()), true;
      case 't':
      case 'l':
        return push({.kind = Kind::list, .items = pop_to_mark()}), true;
      case 'd': {
        std::vector<int> items = pop_to_mark();
        if (items.size() % 2 != 0) fail("a key without its value");
        return push({.kind = Kind::dict, .items = std::move(items)}), true;
      }
      case 0x85:
      case 0x86:
      case 0x87:
        return push_list(opcode - 0x84u), true;
      case 'a':
        return append(Kind::list, {pop()}), true;
      case 'e':
        return append(Kind::list, pop_to_mark()), true;
      case 's': {
        const int item = pop(), key = pop();
        return append(Kind::dict, {key, item}), true;
      }
      case 'u':
        return append(Kind::dict, pop_to_mark()), true;
      default:
        return false;
    }
  }

  bool do_object(unsigned char opcode) {
    switch (opcode) {
      case 0x80:  // the protocol
        return number(1), true;
      case 0x95:  // a frame: how many bytes follow
        return number(8), true;
      case 'q':
        return remember(number(1)), true;
      case 'r':
        return remember(number(4)), true;
      case 0x94:
        return remember(memory_.size()), true;
      case 'h':
        return recall(number(1)), true;
      case 'j':
        return recall(number(4)), true;
      case '0':
        return pop(), true;
      case '1':
        return pop_to_mark(), true;
      case '2':
        return stack_.push_back(top()), true;
      case 'c': {
        const std::string module = line(), name = line();
        return push_global(module, name), true;
      }
      case 0x93: {
        const std::string name = value(pop()).text, module = value(pop()).text;
        return push_global(module, name), true;
      }
      case 'R':
        return reduce(), true;
      case 'b':  // attributes of a dictionary: the versions of its modules, which nobody needs
        pop();
        if (value(top()).kind != Kind::dict) fail("attributes of something that has none");
        return true;
      case 'Q':
        return push_persistent(), true;
      case 0x81:  // a new object of a class
        pop();
        refuse(value(pop()).text);
      default:
        return false;
    }
  }

  Pickle& pickle_;
  const std::span<const std::byte> bytes_;
  const std::string& file_;
  std::size_t at_ = 0;
  std::vector<int> stack_;
  std::vector<std::size_t> marks_;  // how high the stack was
  std::map<std::uint64_t, int> memory_;
};

Pickle::Pickle(std::span<const std::byte> bytes, const std::string& file) {
  Unpickler(*this, bytes, file).run();
}

}  // namespace reverie::pytorch
