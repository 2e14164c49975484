#include "tensor/instruction_set.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "core/error.h"

namespace espalier::tensor {
namespace {

struct Level {
  const char *name, *aten, *onednn, *mkl;
};

constexpr std::array<Level, 4> kLevels = {
    {{"baseline", "default", "SSE41", "SSE4_2"},
     {"avx2", "avx2", "AVX2", "AVX2"},
     {"avx512", "avx512", "AVX512_CORE", "AVX512"},
     {"avx512_bf16", "avx512", "AVX512_CORE_BF16", "AVX512"}}};

size_t level_of(const std::string& name) {
  const auto found = std::find_if(kLevels.begin(), kLevels.end(),
                                  [&](const Level& level) { return name == level.name; });
  return static_cast<size_t>(std::min(found, kLevels.end() - 1) - kLevels.begin());
}

std::string& chosen() {
  static std::string name = "baseline";
  return name;
}

std::string instruction_set_of_machine() {
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return "baseline";
  if (!__builtin_cpu_supports("avx512bw") || !__builtin_cpu_supports("avx512vl")) return "avx2";
  return __builtin_cpu_supports("avx512bf16") ? "avx512_bf16" : "avx512";
}

// What the user allows; asked once, since the cap is set in the same variable.
std::string read_allowed_instruction_set() {
  const char* capability = std::getenv("ATEN_CPU_CAPABILITY");
  if (capability == nullptr) return kLevels.back().name;
  const auto found = std::find_if(kLevels.rbegin(), kLevels.rend(), [&](const Level& level) {
    return std::string(capability) == level.aten;
  });
  check(found != kLevels.rend(), Kind::kUsage,
        "ATEN_CPU_CAPABILITY is '{}' (try: default, avx2 or avx512)", capability);
  return found->name;
}

}  // namespace

std::string local_instruction_set() {
  static const std::string allowed = read_allowed_instruction_set();
  return lowest_instruction_set({instruction_set_of_machine(), allowed});
}

std::string lowest_instruction_set(const std::vector<std::string>& names) {
  size_t lowest = kLevels.size() - 1;
  for (const std::string& name : names) lowest = std::min(lowest, level_of(name));
  return kLevels[lowest].name;
}

void cap_instruction_set(const std::string& name) {
  const Level& level = kLevels[level_of(name)];
  setenv("ATEN_CPU_CAPABILITY", level.aten, 1);
  setenv("ONEDNN_MAX_CPU_ISA", level.onednn, 1);
  setenv("MKL_ENABLE_INSTRUCTIONS", level.mkl, 1);
  chosen() = level.name;
}

bool equal_bits(const std::string& one, const std::string& other, bool bf16) {
  const Level &a = kLevels[level_of(one)], &b = kLevels[level_of(other)];
  return bf16 ? one == other : std::string(a.aten) == b.aten;
}

const std::string& instruction_set() { return chosen(); }

}  // namespace espalier::tensor
