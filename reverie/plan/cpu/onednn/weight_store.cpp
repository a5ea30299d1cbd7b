#include "reverie/plan/cpu/onednn/weight_store.h"

namespace reverie::cpu {

dnnl::memory WeightStore::get(const std::string& key, const dnnl::memory::desc& desc,
                              const std::function<Tensor()>& make_plain) {
  const std::lock_guard lock(mutex_);
  std::vector<Version>& versions = kept_[key];
  for (const Version& version : versions)
    if (version.memory.get_desc() == desc) return version.memory;

  // Reorder from the plain form, where the kernel wants another
  using Tag = dnnl::memory::format_tag;
  const dnnl::memory::dims dims = api::dims(desc);
  const Tag tag = dims.size() == 1 ? Tag::a : dims.size() == 4 ? Tag::abcd : Tag::abcde;
  const dnnl::memory::desc plain_desc(dims, dnnl::memory::data_type::f32, tag);
  Tensor data = make_plain();
  if (plain_desc != desc) {
    const auto floats = (api::bytes(desc) + sizeof(float) - 1) / sizeof(float);
    Tensor ordered = Tensor::uninitialized({static_cast<std::int64_t>(floats)});
    dnnl::memory from(plain_desc, onednn_.engine, data.data());
    dnnl::memory to(desc, onednn_.engine, ordered.data());
    dnnl::stream stream(onednn_.engine);
    dnnl::reorder(from, to).execute(stream, from, to);
    stream.wait();
    data = std::move(ordered);
  }
  const dnnl::memory memory(desc, onednn_.engine, data.data());
  versions.push_back({memory, std::move(data)});
  return memory;
}

std::size_t WeightStore::bytes() const {
  const std::lock_guard lock(mutex_);
  std::size_t sum = 0;
  for (const auto& [key, versions] : kept_)
    for (const Version& version : versions) sum += api::bytes(version.memory.get_desc());
  return sum;
}

std::size_t WeightStore::count() const {
  const std::lock_guard lock(mutex_);
  std::size_t sum = 0;
  for (const auto& [key, versions] : kept_) sum += versions.size();
  return sum;
}

}  // namespace reverie::cpu
