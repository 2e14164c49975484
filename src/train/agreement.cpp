#include "train/agreement.h"

#include <torch/torch.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "comm/agree.h"
#include "core/files.h"
#include "core/hash.h"
#include "core/log.h"
#include "engine/provenance.h"
#include "sync/step_status.h"
#include "tensor/instruction_set.h"

namespace espalier::train {

namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// "optim.lr: 0.1 and 0.2": the first option in which two resolved configurations differ.
std::string first_difference(const std::string& a, const std::string& b) {
  const std::vector<std::string> left = lines_of(a), right = lines_of(b);
  std::string section;
  size_t i = 0;
  for (; i < std::min(left.size(), right.size()) && left[i] == right[i]; ++i)
    if (!left[i].starts_with(' ')) section = left[i].substr(0, left[i].find(':'));
  const auto at = [i](const std::vector<std::string>& lines) {
    return i < lines.size() ? lines[i] : std::string();
  };
  const auto name = [](const std::string& line) {
    const size_t first = line.find_first_not_of(' ');
    return first == std::string::npos ? "" : line.substr(first, line.find(':') - first);
  };
  const auto value = [](const std::string& line) {
    return line.find(": ") == std::string::npos ? "(unset)" : line.substr(line.find(": ") + 2);
  };
  const std::string path = (at(left).starts_with(' ') ? section + "." : "") + name(at(left));
  if (name(at(left)) != name(at(right))) return path + " is an option of one of them only";
  return fmt::format("{} is {} and {}", path, value(at(left)), value(at(right)));
}

}  // namespace

void require_equal_options(comm::Communicator& control, const RunConfig& config) {
  const std::vector<std::string> all = comm::gather_texts(control, config.document.resolved());
  for (size_t rank = 1; rank < all.size(); ++rank)
    if (all[rank] != all[0])
      throw Error(Kind::kUsage,
                  "ranks 0 and {} were given different options: {} (try: the same configuration "
                  "and overrides for all ranks)",
                  rank, first_difference(all[0], all[rank]))
          .set_agreed();
}

void require_equal_ranks(comm::Communicator& control, const std::string& data_hash,
                         const std::vector<engine::NamedTensor>& weights) {
  sync::require_equal(control, "build", engine::build_text());
  sync::require_equal(control, "data", data_hash);
  sync::require_equal(control, "instruction set", tensor::instruction_set());
  Sha256 hash;
  for (const engine::NamedTensor& weight : weights) {
    const at::Tensor host = weight.tensor.detach().cpu().contiguous();
    hash.update(weight.name).update(host.const_data_ptr(), host.nbytes());
  }
  sync::require_equal(control, "initial weights", hash.hex());
}

std::string saved_instruction_set(const engine::RunFolder& folder) {
  namespace fs = std::filesystem;
  std::vector<fs::path> checkpoints;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder.checkpoints(), none))
    if (entry.path().filename().string().starts_with("step-")) checkpoints.push_back(entry.path());
  std::ranges::sort(checkpoints, std::greater());
  for (const fs::path& checkpoint : checkpoints) {
    try {
      return nlohmann::json::parse(read_file(checkpoint / "state.json")).at("instruction_set");
    } catch (const std::exception&) {  // damaged: load_checkpoint() says so and takes the next too
    }
  }
  return "";
}

void require_same_run(const LoadedCheckpoint& checkpoint, const RunConfig& config,
                      const RunState& now) {
  const RunConfig before =
      RunConfig::read(config::Document::parse(checkpoint.config, checkpoint.name + "/config.yaml"));
  const auto changes = config::Document::identity_changes(before.document, config.document);
  check(changes.empty(), Kind::kUsage,
        "a run cannot go on with another {}: it is part of what the run is (try: a new --out)",
        changes.empty() ? "" : changes[0]);
  const RunState& was = checkpoint.state;
  check(was.data_hash == now.data_hash, Kind::kUsage,
        "data.shards holds other data than the run began with");
  const bool is_reduced = config.train.precision == tensor::Precision::kBf16 ||
                          config.train.precision == tensor::Precision::kFp16;
  const bool same_bits = tensor::equal_bits(was.instruction_set, now.instruction_set, is_reduced) &&
                         was.libtorch == now.libtorch && was.memory_format == now.memory_format;
  const std::string difference =
      fmt::format("{} with LibTorch {}, now {} with LibTorch {}", was.instruction_set, was.libtorch,
                  now.instruction_set, now.libtorch);
  check(same_bits || config.parallel.mode == sync::Mode::kFast, Kind::kUsage,
        "an exact run cannot go on under other instructions: {} (try: parallel.mode=fast in a new "
        "run)",
        difference);
  if (!same_bits) log::warning("resume", "the bits will differ: {}", difference);
}

}  // namespace espalier::train
