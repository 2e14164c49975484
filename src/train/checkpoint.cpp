#include "train/checkpoint.h"

#include <algorithm>
#include <cinttypes>
#include <nlohmann/json.hpp>

#include "core/files.h"
#include "core/hash.h"
#include "core/log.h"

namespace espalier::train {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

std::string state_text(const RunState& state) {
  return Json{{"format_version", 1},
              {"step", state.step},
              {"position", state.position},
              {"lanes", state.lanes},
              {"lane_threads", state.lane_threads},
              {"instruction_set", state.instruction_set},
              {"memory_format", state.memory_format},
              {"libtorch", state.libtorch},
              {"data_hash", state.data_hash},
              {"config_hash", state.config_hash},
              {"input", {state.input.channels, state.input.height, state.input.width}},
              {"classes", state.classes}}
             .dump(2) +
         "\n";
}

RunState parse_state(const std::string& text) {
  const Json json = Json::parse(text);
  check(json.at("format_version") == 1, Kind::kData,
        "checkpoint format {} is not known, this program reads 1",
        json.at("format_version").dump());
  const auto input = json.value("input", std::vector<int64_t>(3));
  return {json.at("step"),
          json.at("position"),
          json.at("lanes"),
          json.at("lane_threads"),
          json.at("instruction_set"),
          json.at("memory_format"),
          json.at("libtorch"),
          json.at("data_hash"),
          json.at("config_hash"),
          {input.at(0), input.at(1), input.at(2)},
          json.value("classes", std::vector<std::string>())};
}

// Steps of the finished checkpoints, newest first.
std::vector<int64_t> finished(const RunFolder& folder) {
  std::vector<int64_t> steps;
  if (!fs::exists(folder.checkpoints())) return steps;
  for (const auto& entry : fs::directory_iterator(folder.checkpoints())) {
    const std::string name = entry.path().filename();
    int64_t step = 0;
    if (std::sscanf(name.c_str(), "step-%" SCNd64, &step) == 1 &&
        name == RunFolder::checkpoint_name(step))
      steps.push_back(step);
  }
  std::sort(steps.rbegin(), steps.rend());
  return steps;
}

// Throws kData, naming the file, unless every file is there with its sum.
void verify(const fs::path& checkpoint) {
  const std::string manifest = read_file(checkpoint / "MANIFEST");
  check(std::count(manifest.begin(), manifest.end(), '\n') == 5, Kind::kData, "{} is torn",
        (checkpoint / "MANIFEST").string());
  for (size_t at = 0; at < manifest.size(); at = manifest.find('\n', at) + 1) {
    const std::string sum = manifest.substr(at, 64);
    const std::string name = manifest.substr(at + 66, manifest.find('\n', at) - at - 66);
    check(sha256_hex_of_file(checkpoint / name) == sum, Kind::kData,
          "{} is damaged: its SHA-256 is not the MANIFEST's", (checkpoint / name).string());
  }
}

LoadedCheckpoint load(const fs::path& checkpoint) {
  verify(checkpoint);
  return {parse_state(read_file(checkpoint / "state.json")),
          tensor::read_safetensors(checkpoint / "model.safetensors"),
          tensor::read_safetensors(checkpoint / "task.safetensors"),
          tensor::read_safetensors(checkpoint / "optim.safetensors"),
          read_file(checkpoint / "config.yaml"),
          checkpoint.filename()};
}

// Left by a process that was killed while it wrote.
void remove_partial(const RunFolder& folder) {
  for (const auto& entry : fs::directory_iterator(folder.checkpoints()))
    if (entry.path().filename().string().ends_with(".partial")) fs::remove_all(entry.path());
}

}  // namespace

void save_checkpoint(const RunFolder& folder, const RunState& state, const Network& network,
                     const optim::Optimizer& optimizer, const std::string& config, int64_t keep) {
  make_directories(folder.checkpoints());
  remove_partial(folder);
  const std::string name = RunFolder::checkpoint_name(state.step);
  const fs::path partial = folder.checkpoints() / ("." + name + ".partial");
  make_directories(partial);
  const std::vector<std::pair<std::string, std::string>> files = {
      {"model.safetensors", tensor::to_safetensors(state_of(*network.backbone))},
      {"task.safetensors", tensor::to_safetensors(state_of(*network.task))},
      {"optim.safetensors", tensor::to_safetensors(optimizer.state())},
      {"state.json", state_text(state)},
      {"config.yaml", config}};
  std::string manifest;
  for (const auto& [file, bytes] : files) {
    write_file(partial / file, bytes);
    manifest += sha256_hex(bytes) + "  " + file + "\n";
  }
  write_file(partial / "MANIFEST", manifest);
  fs::remove_all(folder.checkpoints() / name);  // a damaged one of the same step
  std::error_code error;
  fs::rename(partial, folder.checkpoints() / name, error);
  check(!error, Kind::kIo, "cannot rename to {}: {}", (folder.checkpoints() / name).string(),
        error.message());
  sync_directory(folder.checkpoints());
  write_file(folder.latest(), name + "\n");
  int64_t kept = 0;
  for (int64_t step : finished(folder))
    if (step > state.step || ++kept > keep)
      fs::remove_all(folder.checkpoints() / RunFolder::checkpoint_name(step));
}

std::optional<LoadedCheckpoint> load_checkpoint(const RunFolder& folder, bool report) {
  const std::vector<int64_t> steps = finished(folder);
  for (int64_t step : steps) {
    const fs::path checkpoint = folder.checkpoints() / RunFolder::checkpoint_name(step);
    try {
      return load(checkpoint);
    } catch (const std::exception& error) {  // whatever damage can lead to
      if (report)
        log::warning("resume", "{}: {}; trying the checkpoint before it", checkpoint.string(),
                     error.what());
    }
  }
  check(steps.empty(), Kind::kData, "none of the {} checkpoints in {} is whole", steps.size(),
        folder.checkpoints().string());
  return std::nullopt;
}

}  // namespace espalier::train
