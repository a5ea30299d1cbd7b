#include "reverie/plan/onednn/weight_store.h"

namespace reverie::onednn {

dnnl::memory WeightStore::get(const std::string& key, const dnnl::memory::desc& desc,
                              const std::function<std::vector<float>()>& make_plain) {
  const std::lock_guard lock(mutex_);
  std::vector<dnnl::memory>& versions = kept_[key];
  for (const dnnl::memory& version : versions)
    if (version.get_desc() == desc) return version;

  // Reorder from the plain form
  using Tag = dnnl::memory::format_tag;
  const dnnl::memory::dims dims = api::dims(desc);
  const Tag tag = dims.size() == 1 ? Tag::a : dims.size() == 4 ? Tag::abcd : Tag::abcde;
  std::vector<float> plain = make_plain();
  dnnl::memory from({dims, dnnl::memory::data_type::f32, tag}, device_.engine, plain.data());
  dnnl::memory to(desc, device_.engine);
  dnnl::stream stream(device_.engine);
  dnnl::reorder(from, to).execute(stream, from, to);
  stream.wait();
  versions.push_back(to);
  return to;
}

std::size_t WeightStore::bytes() const {
  const std::lock_guard lock(mutex_);
  std::size_t sum = 0;
  for (const auto& [key, versions] : kept_)
    for (const dnnl::memory& version : versions) sum += api::bytes(version.get_desc());
  return sum;
}

std::size_t WeightStore::count() const {
  const std::lock_guard lock(mutex_);
  std::size_t sum = 0;
  for (const auto& [key, versions] : kept_) sum += versions.size();
  return sum;
}

}  // namespace reverie::onednn
