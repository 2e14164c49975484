#include "engine/provenance.h"

#include <torch/torch.h>
#include <torch/version.h>

#include <chrono>
#include <fstream>

#include "core/cores.h"
#include "core/version.h"
#include "tensor/instruction_set.h"

namespace espalier::engine {
namespace {

std::string processor() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("model name")) return line.substr(line.find(": ") + 2);
  return "unknown processor";
}

// When this process began, taken before main.
const std::time_t kStarted = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());

std::string utc(std::time_t time) {
  char text[32];
  std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", std::gmtime(&time));
  return text;
}

}  // namespace

std::string build_text() {
  return fmt::format("{} {}, {}, LibTorch {}", kVersion, kCommit, kCompiler, TORCH_VERSION);
}

nlohmann::ordered_json host_facts() {
  return {{"version", kVersion},
          {"commit", kCommit},
          {"compiler", kCompiler},
          {"libtorch", TORCH_VERSION},
          {"machine", fmt::format("{}, {} cores a rank, {}", processor(), core_share().cores,
                                  tensor::instruction_set())},
          {"started", utc(kStarted)}};
}

int64_t parameter_count(const Network& network) {
  int64_t count = 0;
  for (const auto& parameter : network.backbone->parameters()) count += parameter.numel();
  for (const auto& parameter : network.task->parameters()) count += parameter.numel();
  return count;
}

std::string scalars_text(const pretext::Scalars& scalars) {
  std::string text;
  for (const auto& [name, value] : scalars)
    text += fmt::format("{}{} {:.4f}", text.empty() ? "" : ", ", name, value);
  return text;
}

}  // namespace espalier::engine
