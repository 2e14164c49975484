// What a run measured of itself, step by step: metrics.jsonl of pretrain, curve.csv of a fitted
// model or of a cell of a sweep.
//
//   const History history = read_history("runs/rotation");
//   fmt::print("{}", history_text(history));
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "report/run.h"

namespace espalier::report {

struct History {
  std::string name;             // of the folder
  std::vector<Scalar> scalars;  // in the order of their first appearance; none is empty
};

// kUsage, with what to try, where the folder holds no such file, or a sweep; kData where the file
// is damaged.
History read_history(const std::filesystem::path& folder);

// For a terminal: drawings of losses and accuracies, then a table of about `rows` steps.
std::string history_text(const History& history, int64_t rows = 12);

// The same drawings as one self-contained HTML page.
std::string history_page(const History& history);

}  // namespace espalier::report
