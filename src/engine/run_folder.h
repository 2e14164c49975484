// Every name inside a run's folder.
#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <string>

namespace espalier::engine {

struct RunFolder {
  std::filesystem::path path;

  std::filesystem::path lock() const { return path / ".lock"; }
  std::filesystem::path config() const { return path / "config.yaml"; }
  std::filesystem::path metrics() const { return path / "metrics.jsonl"; }
  std::filesystem::path log() const { return path / "log.txt"; }
  std::filesystem::path provenance() const { return path / "provenance.json"; }
  std::filesystem::path sheet(int64_t step) const {
    return path / "sheets" / fmt::format("step-{:08}.png", step);
  }
  std::filesystem::path backbone() const { return path / "backbone.safetensors"; }
  std::filesystem::path backbone_facts() const { return path / "backbone.json"; }
  std::filesystem::path checkpoints() const { return path / "checkpoints"; }
  std::filesystem::path latest() const { return checkpoints() / "LATEST"; }
  static std::string checkpoint_name(int64_t step) { return fmt::format("step-{:08}", step); }
};

// A checkpoint of a run, as people name it.
struct RunAtStep {
  RunFolder run;
  int64_t step = 0;

  std::filesystem::path checkpoint() const {
    return run.checkpoints() / RunFolder::checkpoint_name(step);
  }
};

// RUN@STEP; nothing where `text` is not of this form, or names a file or folder.
std::optional<RunAtStep> run_at_step(const std::string& text);

// Removes what a killed run left half written: files and checkpoints that end in .partial.
void remove_leftovers(const RunFolder& folder);

}  // namespace espalier::engine
