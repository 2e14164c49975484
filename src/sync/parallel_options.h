// The section `parallel` of a configuration.
#pragma once

#include <string>

#include "core/options.h"

namespace espalier::sync {

enum class Mode { kAuto, kExact, kFast };
constexpr auto names_of(Mode) {
  using enum Mode;
  return names<Mode>({{kAuto, "auto"}, {kExact, "exact"}, {kFast, "fast"}});
}

// The number type of gradients between ranks.
enum class Wire { kNative, kBf16, kFp16 };
constexpr auto names_of(Wire) {
  using enum Wire;
  return names<Wire>({{kNative, "native"}, {kBf16, "bf16"}, {kFp16, "fp16"}});
}

struct ParallelOptions {
  std::string lanes = "auto";
  int64_t lane_threads = 1;
  Mode mode = Mode::kAuto;
  Wire wire = Wire::kNative;
  std::string communicator = "auto";
  Fields fields();
};

}  // namespace espalier::sync
