// tensor.h: arrays of numbers. A Tensor owns its elements, a View borrows them.
//
// Both are dense and in C order (the last axis runs fastest). A View is as cheap as a pointer and
// must not outlive what it borrows from.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

#include "reverie/base/api.h"
#include "reverie/tensor/shape.h"

namespace REVERIE_API reverie {

// Enough for the widest vector registers and for a cache line.
inline constexpr std::size_t tensor_alignment = 64;

template <class T>
class BasicView {
 public:
  BasicView() = default;
  BasicView(T* data, Shape shape) : data_(data), shape_(shape) {}

  // A view of mutable elements converts to a view of constant ones.
  template <class U, class = std::enable_if_t<std::is_same_v<T, const U>>>
  BasicView(BasicView<U> other) : data_(other.data()), shape_(other.shape()) {}

  T* data() const { return data_; }
  const Shape& shape() const { return shape_; }
  std::int64_t size() const { return empty() ? 0 : shape_.elements(); }
  bool empty() const { return data_ == nullptr; }
  T& operator[](std::int64_t i) const {
    assert(i >= 0 && i < size());
    return data_[i];
  }
  std::span<T> elements() const { return {data_, static_cast<std::size_t>(size())}; }

  // One [height, width] plane of a [channels, height, width] array.
  BasicView plane(std::int64_t channel) const {
    assert(shape_.rank() == 3 && channel >= 0 && channel < shape_.channels());
    const std::int64_t plane_size = shape_.height() * shape_.width();
    return BasicView(data_ + channel * plane_size, {shape_.height(), shape_.width()});
  }

  T& at(std::int64_t channel, std::int64_t y, std::int64_t x) const {
    return (*this)[(channel * shape_.height() + y) * shape_.width() + x];
  }

 private:
  T* data_ = nullptr;
  Shape shape_;
};

using View = BasicView<float>;
using ConstView = BasicView<const float>;

// Owns its elements, aligned to tensor_alignment. Movable; copies are explicit, by clone().
template <class T>
class BasicTensor {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  BasicTensor() = default;

  // Zeroed. Errors: std::bad_alloc.
  explicit BasicTensor(Shape shape) : BasicTensor(uninitialized(shape)) {
    std::fill_n(data_.get(), shape_.elements(), T{});
  }

  // Not zeroed: for arrays that are overwritten at once.
  static BasicTensor uninitialized(Shape shape) {
    BasicTensor tensor;
    tensor.shape_ = shape;
    const std::size_t bytes =
        std::max<std::size_t>(static_cast<std::size_t>(shape.elements()) * sizeof(T), 1);
    tensor.data_.reset(static_cast<T*>(::operator new (bytes, std::align_val_t{tensor_alignment})));
    return tensor;
  }

  static BasicTensor copy_of(BasicView<const T> view) {
    BasicTensor tensor = uninitialized(view.shape());
    std::copy_n(view.data(), view.size(), tensor.data());
    return tensor;
  }
  BasicTensor clone() const { return copy_of(*this); }

  bool empty() const { return data_ == nullptr; }
  const Shape& shape() const { return shape_; }
  std::int64_t size() const { return empty() ? 0 : shape_.elements(); }
  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  T& operator[](std::int64_t i) { return view()[i]; }
  const T& operator[](std::int64_t i) const { return view()[i]; }
  std::span<T> elements() { return view().elements(); }
  std::span<const T> elements() const { return view().elements(); }

  BasicView<T> view() { return {data_.get(), shape_}; }
  BasicView<const T> view() const { return {data_.get(), shape_}; }
  operator BasicView<T>() { return view(); }
  operator BasicView<const T>() const { return view(); }

 private:
  struct Free {
    void operator()(T* p) const { ::operator delete (p, std::align_val_t{tensor_alignment}); }
  };
  std::unique_ptr<T[], Free> data_;
  Shape shape_;
};

using Tensor = BasicTensor<float>;

}  // namespace reverie
