#include "engine/given_task.h"

#include "core/files.h"
#include "core/hash.h"
#include "core/log.h"

namespace espalier::engine {
namespace {

// The first tensor that only one of them has, or that differs in shape; "" where there is none.
std::string first_difference(const tensor::TensorMap& own, const tensor::TensorMap& saved) {
  for (const auto& [name, tensor] : own)
    if (const auto found = saved.find(name);
        found == saved.end() || found->second.sizes() != tensor.sizes())
      return name;
  for (const auto& [name, tensor] : saved)
    if (!own.contains(name)) return name;
  return "";
}

tensor::TensorMap verified(const std::filesystem::path& file) {
  const std::string manifest = read_file(file.parent_path() / "MANIFEST");
  check(manifest.find(sha256_hex_of_file(file)) != std::string::npos, Kind::kData,
        "{} is damaged: its SHA-256 is not the MANIFEST's", file.string());
  return tensor::read_safetensors(file);
}

}  // namespace

bool give_task(const GivenWeights& given, Network& network, const std::string& task,
               const std::string& data_hash) {
  if (given.task.empty()) return false;
  const auto begins_anew = [&](const std::string& why) {
    log::info("weights", "task {} begins anew: {}", task, why);
    return false;
  };
  if (given.task != task) return begins_anew(fmt::format("that of the run was {}", given.task));
  if (network.task->knows_the_set() && given.data_hash != data_hash)
    return begins_anew("it knows the set, and the run had another one");
  if (given.task_file.empty()) return begins_anew("the run's last checkpoint is not there");
  const tensor::TensorMap saved = verified(given.task_file);
  if (const std::string name = first_difference(state_of(*network.task), saved); !name.empty())
    return begins_anew(fmt::format("it has another {}", name));
  load_state(*network.task, saved, given.task_file.string());
  log::info("weights", "task {} goes on with what {} had on top of the backbone", task,
            given.parent.path);
  return true;
}

}  // namespace espalier::engine
