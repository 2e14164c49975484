// What a run knows of its past: what hooks measured before the first step, and what it was warned
// of. Both are in metrics.jsonl, from where a run that goes on has them again.
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>

#include "train/hook.h"

namespace espalier::train {

// Local. Ranks other than 0 know nothing of the past of a run that goes on, and never warn, so
// nothing collective may depend on either.
class RunHistory {
 public:
  explicit RunHistory(bool leader) : leader_(leader) {}

  // Of the network that the run began with.
  void begin(const Scalars& measured) { start_ = measured; }
  // From the rows of a run that goes on.
  void recall(const std::filesystem::path& metrics);

  // Nothing where it was not measured, or is not finite.
  std::optional<double> at_start(const std::string& scalar) const;

  // Says `text`, with what to try, in the log, once a run for each `name`; the scalar
  // "warning_NAME" of the step's row is then 1. What was said after the checkpoint that a run goes
  // on from was cut off with its row, and is said again where it happens again.
  void warn(const std::string& name, const std::string& text);
  // The scalars of what was said since the last call.
  Scalars take_warnings();

 private:
  bool leader_;
  Scalars start_, fresh_;
  std::set<std::string> said_;
};

}  // namespace espalier::train
