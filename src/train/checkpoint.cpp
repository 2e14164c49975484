#include "train/checkpoint.h"

#include <algorithm>
#include <array>
#include <cinttypes>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "core/files.h"
#include "core/hash.h"
#include "core/log.h"

namespace espalier::train {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr int kFormatVersion = 1;
constexpr const char* kStateName = "state.json";
constexpr std::array kParts = {"model.safetensors", "task.safetensors", "optim.safetensors",
                               kStateName, "config.yaml"};

std::vector<int64_t> numbers(const image::ViewShape& shape) {
  return {shape.channels, shape.height, shape.width};
}

image::ViewShape shape_of(const std::vector<int64_t>& numbers) {
  return {numbers.at(0), numbers.at(1), numbers.at(2)};
}

std::string state_text(const RunState& state) {
  std::vector<std::vector<int64_t>> views;
  for (const image::ViewShape& view : state.views) views.push_back(numbers(view));
  Json json = {{"format_version", kFormatVersion},
               {"step", state.step},
               {"position", state.position},
               {"lanes", state.lanes},
               {"lane_threads", state.lane_threads},
               {"nonfinite_in_a_row", state.nonfinite_in_a_row},
               {"instruction_set", state.instruction_set},
               {"memory_format", state.memory_format},
               {"libtorch", state.libtorch},
               {"data_hash", state.data_hash},
               {"config_hash", state.config_hash},
               {"input", numbers(state.input)},
               {"views", views},
               {"samples", state.samples},
               {"ids", state.ids},
               {"classes", state.classes}};
  if (state.loss_scale)
    json["loss_scale"] = {{"value", state.loss_scale->value},
                          {"finite_steps", state.loss_scale->finite_steps},
                          {"skipped_steps", state.loss_scale->skipped_steps}};
  return json.dump(2) + "\n";
}

std::optional<optim::LossScale> parse_loss_scale(const Json& json) {
  if (!json.contains("loss_scale")) return {};
  const Json& scale = json["loss_scale"];
  return optim::LossScale{scale.at("value"), scale.at("finite_steps"), scale.at("skipped_steps")};
}

// The text is as it was written: its sum was verified.
RunState parse_state(const std::string& text, const fs::path& path) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  const bool known = json.is_object() && json.value("format_version", 0) == kFormatVersion;
  check(known, Kind::kUsage,
        "{} is not of format {}, the one that this program reads (try: the program that wrote it)",
        path.string(), kFormatVersion);
  std::vector<image::ViewShape> views;
  for (const auto& view : json.value("views", std::vector<std::vector<int64_t>>()))
    views.push_back(shape_of(view));
  return {json.at("step"),
          json.at("position"),
          json.at("lanes"),
          json.at("lane_threads"),
          json.value("nonfinite_in_a_row", int64_t{0}),
          parse_loss_scale(json),
          json.at("instruction_set"),
          json.at("memory_format"),
          json.at("libtorch"),
          json.at("data_hash"),
          json.at("config_hash"),
          shape_of(json.value("input", std::vector<int64_t>(3))),
          std::move(views),
          json.value("samples", int64_t{0}),
          json.value("ids", json.value("samples", int64_t{0})),
          json.value("classes", std::vector<std::string>())};
}

// Damage that is proven: a file is missing, or its bytes are not those of the MANIFEST.
struct Damage {
  std::string what;
};

// What a file holds; Damage where there is none. A file that cannot be read just now is kIo.
std::string read_part(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error) && !error) throw Damage{path.string() + " is missing"};
  return read_file(path);
}

// Verifies every file against its sum in the MANIFEST.
void verify(const fs::path& checkpoint) {
  const fs::path path = checkpoint / "MANIFEST";
  std::istringstream manifest(read_part(path));
  std::set<std::string> left(kParts.begin(), kParts.end());
  for (std::string line; std::getline(manifest, line);) {
    if (manifest.eof() || line.size() < 67) throw Damage{path.string() + " is torn"};
    const std::string name = line.substr(66);
    if (sha256_hex(read_part(checkpoint / name)) != line.substr(0, 64))
      throw Damage{(checkpoint / name).string() + " is damaged: its SHA-256 is not the MANIFEST's"};
    if (name == kStateName) parse_state(read_part(checkpoint / name), checkpoint / name);
    left.erase(name);
  }
  if (!left.empty()) throw Damage{path.string() + " is torn, it lacks " + *left.begin()};
}

LoadedCheckpoint load(const fs::path& checkpoint) {
  verify(checkpoint);
  return {parse_state(read_file(checkpoint / kStateName), checkpoint / kStateName),
          tensor::read_safetensors(checkpoint / "model.safetensors"),
          tensor::read_safetensors(checkpoint / "task.safetensors"),
          tensor::read_safetensors(checkpoint / "optim.safetensors"),
          read_file(checkpoint / "config.yaml"),
          checkpoint.filename()};
}

// `partial` becomes `whole`. One that stands there already, damaged, goes when the new one is
// there.
void replace(const fs::path& partial, const fs::path& whole) {
  std::error_code error;
  const fs::path before = whole.parent_path() / ("." + whole.filename().string() + ".old.partial");
  if (fs::exists(whole)) fs::rename(whole, before, error);
  if (!error) fs::rename(partial, whole, error);
  check(!error, Kind::kIo, "cannot rename to {}: {}", whole.string(), error.message());
  sync_directory(whole.parent_path());
  fs::remove_all(before, error);
}

std::string write_parts(const fs::path& folder, const RunState& state,
                        const engine::Network& network, const optim::Optimizer& optimizer,
                        const std::string& config) {
  const std::array<std::function<std::string()>, kParts.size()> parts = {
      [&] { return tensor::to_safetensors(engine::state_of(*network.backbone)); },
      [&] { return tensor::to_safetensors(engine::state_of(*network.task)); },
      [&] { return tensor::to_safetensors(optimizer.state()); }, [&] { return state_text(state); },
      [&] { return config; }};
  std::string manifest;
  for (size_t i = 0; i < kParts.size(); ++i) {
    const std::string bytes = parts[i]();
    write_file(folder / kParts[i], bytes);
    manifest += sha256_hex(bytes) + "  " + kParts[i] + "\n";
  }
  return manifest;
}

}  // namespace

std::vector<int64_t> checkpoint_steps(const engine::RunFolder& folder) {
  std::vector<int64_t> steps;
  if (!fs::exists(folder.checkpoints())) return steps;
  for (const auto& entry : fs::directory_iterator(folder.checkpoints())) {
    const std::string name = entry.path().filename();
    int64_t step = 0;
    if (std::sscanf(name.c_str(), "step-%" SCNd64, &step) == 1 &&
        name == engine::RunFolder::checkpoint_name(step))
      steps.push_back(step);
  }
  std::sort(steps.rbegin(), steps.rend());
  return steps;
}

void save_checkpoint(const engine::RunFolder& folder, const RunState& state,
                     const engine::Network& network, const optim::Optimizer& optimizer,
                     const std::string& config, int64_t keep) {
  make_directories(folder.checkpoints());
  const std::string name = engine::RunFolder::checkpoint_name(state.step);
  const fs::path partial = folder.checkpoints() / ("." + name + ".partial");
  try {
    make_directories(partial);
    write_file(partial / "MANIFEST", write_parts(partial, state, network, optimizer, config));
    replace(partial, folder.checkpoints() / name);
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(partial, ignored);  // the disk may be full: what follows needs the space
    throw;
  }
  write_file(folder.latest(), name + "\n");
  int64_t kept = 0;
  std::error_code ignored;
  for (int64_t step : checkpoint_steps(folder))
    if (step <= state.step && ++kept > keep)
      fs::remove_all(folder.checkpoints() / engine::RunFolder::checkpoint_name(step), ignored);
}

std::optional<LoadedCheckpoint> load_checkpoint(const engine::RunFolder& folder, bool report) {
  const std::vector<int64_t> steps = checkpoint_steps(folder);
  for (int64_t step : steps) {
    const fs::path checkpoint = folder.checkpoints() / engine::RunFolder::checkpoint_name(step);
    try {
      return load(checkpoint);
    } catch (const Damage& damage) {
      if (report) log::warning("resume", "{}; trying the checkpoint before it", damage.what);
    }
  }
  check(steps.empty(), Kind::kData, "none of the {} checkpoints in {} is whole", steps.size(),
        folder.checkpoints().string());
  return std::nullopt;
}

std::optional<LoadedCheckpoint> load_checkpoint_of(const engine::RunFolder& folder, int64_t step) {
  const fs::path checkpoint = folder.checkpoints() / engine::RunFolder::checkpoint_name(step);
  if (!fs::exists(checkpoint)) return std::nullopt;
  try {
    return load(checkpoint);
  } catch (const Damage& damage) {
    throw Error(Kind::kData, "{}", damage.what);
  }
}

}  // namespace espalier::train
