// How the files of a run folder become a Run. See run.h.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/jsonl.h"
#include "report/run_files.h"

namespace espalier::report {
namespace {

namespace fs = std::filesystem;

Scalar& scalar_named(PretrainRun& run, const std::string& name) {
  for (Scalar& scalar : run.scalars)
    if (scalar.name == name) return scalar;
  run.scalars.push_back({name, {}, {}});
  return run.scalars.back();
}

PretrainRun read_pretrain(const fs::path& path) {
  PretrainRun run;
  read_common(run, path);
  if (!there(path / "backbone.json"))
    run.notes.push_back("backbone.json is missing: the run has not ended");
  try {
    for (const Json& row : read_jsonl(path / "metrics.jsonl")) {
      const double step = row.is_object() ? number(row, "step") : kUnknown;
      if (std::isnan(step)) continue;
      for (const auto& [name, value] : row.items()) {
        if (name == "step" || !value.is_number()) continue;
        Scalar& scalar = scalar_named(run, name);
        scalar.steps.push_back(step);
        scalar.values.push_back(value.get<double>());
      }
    }
    if (run.scalars.empty()) run.notes.push_back("metrics.jsonl holds no rows");
  } catch (const Error& error) {
    run.notes.push_back(error.what());
  }
  return run;
}

bool is_transfer(const fs::path& path) {
  return there(path / "plan.json") || there(path / "cells.csv") || there(path / "cells");
}

// A fitted model has a backbone too, and is no run of pretrain.
bool is_pretrain(const fs::path& path) {
  return (there(path / "metrics.jsonl") || there(path / "backbone.json")) &&
         !there(path / "fit.json");
}

bool read_run(const fs::path& path, Runs& runs) {
  if (is_transfer(path))
    runs.transfer.push_back(read_transfer(path));
  else if (is_pretrain(path))
    runs.pretrain.push_back(read_pretrain(path));
  else
    return false;
  return true;
}

}  // namespace

Runs read_runs(const std::vector<fs::path>& paths) {
  Runs runs;
  for (const fs::path& path : paths) {
    std::error_code unreadable;
    check(fs::is_directory(path, unreadable), Kind::kUsage,
          "{} is not a folder (try: the --out of a run)", path.string());
    if (read_run(path, runs)) continue;
    std::vector<fs::path> inside;
    for (const auto& entry : fs::directory_iterator(path, unreadable))
      if (entry.is_directory(unreadable)) inside.push_back(entry.path());
    check(!unreadable, Kind::kIo, "cannot list {}: {}", path.string(), unreadable.message());
    std::sort(inside.begin(), inside.end());
    bool found = false;
    for (const fs::path& folder : inside) found = read_run(folder, runs) || found;
    check(found, Kind::kUsage,
          "{} holds no run: neither metrics.jsonl nor cells.csv is there or one folder below",
          path.string());
  }
  return runs;
}

}  // namespace espalier::report
