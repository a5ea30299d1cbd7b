// onnx_model_fixture.h: writes small ONNX files, message by message, as their schema says.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <vector>

namespace reverie::onnx {

// A protocol buffer message under construction.
class Message {
 public:
  Message& integer(int field, std::int64_t value) {
    varint(static_cast<std::uint64_t>(field) << 3);
    varint(static_cast<std::uint64_t>(value));
    return *this;
  }
  Message& text(int field, const std::string& value) {
    varint(static_cast<std::uint64_t>(field) << 3 | 2);
    varint(value.size());
    bytes_ += value;
    return *this;
  }
  Message& message(int field, const Message& value) { return text(field, value.bytes_); }
  Message& number(int field, float value) {
    varint(static_cast<std::uint64_t>(field) << 3 | 5);
    bytes_ += little_endian(std::bit_cast<std::uint32_t>(value), 4);
    return *this;
  }
  const std::string& bytes() const { return bytes_; }

  static std::string little_endian(std::uint64_t value, int size) {
    std::string text;
    for (int i = 0; i < size; ++i) text.push_back(static_cast<char>((value >> (8 * i)) & 255));
    return text;
  }

 private:
  void varint(std::uint64_t value) {
    for (; value >= 128; value >>= 7) bytes_.push_back(static_cast<char>((value & 127) | 128));
    bytes_.push_back(static_cast<char>(value));
  }
  std::string bytes_;
};

using Integers = std::vector<std::int64_t>;
using Floats = std::vector<float>;

// A TensorProto of float32, its numbers as raw bytes.
inline Message tensor(const std::string& name, const Integers& extents, const Floats& numbers) {
  Message message;
  for (const std::int64_t extent : extents) message.integer(1, extent);
  message.integer(2, 1).text(8, name);
  std::string raw;
  for (const float number : numbers)
    raw += Message::little_endian(std::bit_cast<std::uint32_t>(number), 4);
  return message.text(9, raw);
}

inline Message tensor(const std::string& name, const Integers& numbers) {
  Message message;
  message.integer(1, static_cast<std::int64_t>(numbers.size())).integer(2, 7).text(8, name);
  std::string raw;
  for (const std::int64_t number : numbers)
    raw += Message::little_endian(static_cast<std::uint64_t>(number), 8);
  return message.text(9, raw);
}

// A NodeProto.
class TestNode {
 public:
  TestNode(const std::string& type, const std::vector<std::string>& inputs,
           const std::string& output, const std::string& name = "") {
    for (const std::string& input : inputs) message_.text(1, input);
    message_.text(2, output).text(4, type);
    if (!name.empty()) message_.text(3, name);
  }
  TestNode& set(const std::string& name, std::int64_t value) {
    message_.message(5, Message().text(1, name).integer(3, value).integer(20, 2));
    return *this;
  }
  TestNode& set(const std::string& name, int value) { return set(name, std::int64_t{value}); }
  TestNode& set(const std::string& name, float value) {
    message_.message(5, Message().text(1, name).number(2, value).integer(20, 1));
    return *this;
  }
  TestNode& set(const std::string& name, const char* value) {
    message_.message(5, Message().text(1, name).text(4, value).integer(20, 3));
    return *this;
  }
  TestNode& set(const std::string& name, const Integers& values) {
    Message attribute;
    attribute.text(1, name);
    for (const std::int64_t value : values) attribute.integer(8, value);
    message_.message(5, attribute.integer(20, 7));
    return *this;
  }
  TestNode& set(const std::string& name, const Floats& values) {
    Message attribute;
    attribute.text(1, name);
    for (const float value : values) attribute.number(7, value);
    message_.message(5, attribute.integer(20, 6));
    return *this;
  }
  // An attribute as it is, for forms that the others do not have.
  TestNode& attribute(const Message& message) {
    message_.message(5, message);
    return *this;
  }
  TestNode& set(const std::string& name, const Message& value) {
    message_.message(5, Message().text(1, name).message(5, value).integer(20, 4));
    return *this;
  }
  TestNode& domain(const std::string& name) {
    message_.text(7, name);
    return *this;
  }
  TestNode& also_gives(const std::string& output) {
    message_.text(2, output);
    return *this;
  }
  const Message& message() const { return message_; }

 private:
  Message message_;
};

// A ModelProto with an input `x` of [N, 3, H, W].
class TestModel {
 public:
  // type: of the input, TensorProto.DataType.
  explicit TestModel(std::int64_t opset = 17, const Integers& extents = {-1, 3, -1, -1},
                     int type = 1)
      : opset_(opset) {
    graph_.text(2, "test").message(11, value_info("x", extents, type));
  }
  TestModel& add(const TestNode& node) {
    graph_.message(1, node.message());
    return *this;
  }
  TestModel& add(const Message& initializer) {
    graph_.message(5, initializer);
    return *this;
  }
  // Numbers start, start + step, ...
  TestModel& add(const std::string& name, const Integers& extents, float start = 1,
                 float step = 1) {
    std::int64_t count = 1;
    for (const std::int64_t extent : extents) count *= extent;
    Floats numbers;
    for (std::int64_t i = 0; i < count; ++i)
      numbers.push_back(start + step * static_cast<float>(i));
    return add(tensor(name, extents, numbers));
  }
  TestModel& input(const std::string& name, const Integers& extents) {
    graph_.message(11, value_info(name, extents));
    return *this;
  }
  TestModel& output(const std::string& name) {
    graph_.message(12, Message().text(1, name));
    return *this;
  }
  TestModel& function(const Message& function) {
    functions_.push_back(function);
    return *this;
  }
  std::string bytes() const {
    Message model;
    model.integer(1, 8).text(2, "test").message(7, graph_);
    for (const Message& function : functions_) model.message(25, function);
    return model.message(8, Message().text(1, "").integer(2, opset_)).bytes();
  }

 private:
  static Message value_info(const std::string& name, const Integers& extents, int type = 1) {
    Message shape;
    for (const std::int64_t extent : extents)
      shape.message(1, extent < 0 ? Message().text(2, "n") : Message().integer(1, extent));
    const Message tensor_type = Message().integer(1, type).message(2, shape);
    return Message().text(1, name).message(2, Message().message(1, tensor_type));
  }

  std::int64_t opset_;
  Message graph_;
  std::vector<Message> functions_;
};

}  // namespace reverie::onnx
