#include "reverie/plan/cpu/processor.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <dnnl.hpp>
#include <fstream>
#include <string>
#include <utility>
#ifdef REVERIE_X86_KERNELS
#include <cpuid.h>
#endif

#include "reverie/base/error.h"
#include "reverie/base/threads.h"

namespace reverie::cpu {
namespace {

struct Named {
  const char* name;
  const char* shown;
  dnnl::cpu_isa onednn;  // what oneDNN may use with it
};
// No limit: named `all` up to oneDNN 2 and `isa_default` since
constexpr dnnl::cpu_isa unlimited{};
// By InstructionSet
constexpr std::array<Named, 4> named = {{{"portable", "portable code", dnnl::cpu_isa::sse41},
                                         {"avx2", "AVX2", dnnl::cpu_isa::avx2},
                                         {"avx512", "AVX-512", dnnl::cpu_isa::avx512_core_vnni},
                                         {"avx512_bf16", "AVX-512 with bfloat16", unlimited}}};

bool onednn_has(dnnl::cpu_isa isa) {
  const auto all = static_cast<unsigned>(dnnl::get_effective_cpu_isa());
  return (all & static_cast<unsigned>(isa)) == static_cast<unsigned>(isa);
}

InstructionSet widest_here() {
#ifdef REVERIE_X86_KERNELS
  if (onednn_has(dnnl::cpu_isa::avx512_core_bf16)) return InstructionSet::avx512_bf16;
  if (onednn_has(dnnl::cpu_isa::avx512_core)) return InstructionSet::avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return InstructionSet::avx2;
#endif
  return InstructionSet::portable;
}

InstructionSet allowed() {
  const char* const asked = std::getenv("REVERIE_CPU_ISA");
  if (!asked || !*asked) return widest_here();
  for (std::size_t i = 0; i < named.size(); ++i) {
    if (std::strcmp(named[i].name, asked) != 0) continue;
    // oneDNN takes a limit only before it has looked at the processor
    dnnl::set_max_cpu_isa(named[i].onednn);
    const auto set = static_cast<InstructionSet>(i);
    if (set > widest_here())
      throw DeviceFailure(fmt::format("REVERIE_CPU_ISA is '{}', but this processor has only {}",
                                      asked, named[static_cast<std::size_t>(widest_here())].name));
    return set;
  }
  throw BadRecipe(fmt::format(
      "REVERIE_CPU_ISA is '{}', expected portable, avx2, avx512 or avx512_bf16", asked));
}

// The maker's name for the processor, without the blanks that pad it.
std::string brand() {
#ifdef REVERIE_X86_KERNELS
  unsigned words[12] = {};
  for (unsigned part = 0; part < 3; ++part) {
    unsigned* const to = words + 4 * part;
    if (!__get_cpuid(0x80000002 + part, to, to + 1, to + 2, to + 3)) return "processor";
  }
  char text[sizeof words + 1] = {};
  std::memcpy(text, words, sizeof words);
  std::string name;
  for (const char* c = text; *c; ++c)
    if (*c != ' ' || (!name.empty() && name.back() != ' ')) name += *c;
  while (!name.empty() && name.back() == ' ') name.pop_back();
  if (!name.empty()) return name;
#endif
  return "processor";
}

// Memory that could be taken without swapping; 0 where the system does not say.
std::size_t available_bytes() {
  std::ifstream file("/proc/meminfo");
  std::string word;
  std::size_t kilobytes = 0;
  while (file >> word)
    if (word == "MemAvailable:" && file >> kilobytes) return kilobytes << 10;
  return 0;
}

}  // namespace

InstructionSet instruction_set() {
  static const InstructionSet set = allowed();
  return set;
}

int widest_lanes() { return instruction_set() >= InstructionSet::avx512 ? 16 : 8; }

bool has_bf16() { return instruction_set() >= InstructionSet::avx512_bf16; }

DeviceInfo describe_processor() {
  DeviceInfo info;
  info.device = Device::cpu;
  const auto set = static_cast<std::size_t>(instruction_set());
  const int threads = thread_count();
  info.description = fmt::format("{}, {}, {} thread{}", brand(), named[set].shown, threads,
                                 threads == 1 ? "" : "s");
  const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
  if (pages > 0 && page > 0)
    info.memory_bytes = static_cast<std::size_t>(pages) * static_cast<std::size_t>(page);
  info.free_bytes = available_bytes();
  return info;
}

}  // namespace reverie::cpu
