#include "core/environment.h"

#include <fmt/ranges.h>

#include "core/log.h"

namespace espalier {
namespace {

constexpr const char* kPrefixes[] = {"OMP_",    "GOMP_",     "KMP_",          "MKL_",
                                     "DNNL_",   "ONEDNN_",   "TORCH_MKLDNN_", "TORCH_LINEAR_",
                                     "FBGEMM_", "OPENBLAS_", "JSIMD_",        "TJ_"};
constexpr const char* kKept[] = {"ONEDNN_VERBOSE", "MKL_VERBOSE"};

constexpr int kMost = 256;
const char* removed[kMost];
int removed_count = 0;

bool starts_with(const char* text, const char* prefix) {
  while (*prefix != '\0' && *text == *prefix) ++text, ++prefix;
  return *prefix == '\0';
}

bool is_ignored(const char* variable) {
  for (const char* kept : kKept)
    if (starts_with(variable, kept)) return false;
  for (const char* prefix : kPrefixes)
    if (starts_with(variable, prefix)) return true;
  return false;
}

// Runs before libc has started, and OpenMP reads its variables in a constructor: only the arguments
// may be touched. The array is the one that getenv() will read.
void remove_ignored(int, char**, char** environment) {
  char** kept = environment;
  for (char** variable = environment; *variable != nullptr; ++variable) {
    if (removed_count < kMost && is_ignored(*variable))
      removed[removed_count++] = *variable;
    else
      *kept++ = *variable;
  }
  *kept = nullptr;
}

[[gnu::section(".preinit_array"), gnu::used]] void (*before_libraries)(int, char**,
                                                                       char**) = &remove_ignored;

}  // namespace

std::vector<std::string> ignored_environment() { return {removed, removed + removed_count}; }

void log_ignored_environment() {
  if (removed_count > 0)
    log::info("environment",
              "ignored, because the program itself chooses threads and instructions: {}",
              fmt::join(ignored_environment(), ", "));
}

}  // namespace espalier
