// The arms of a sweep that verdicts are about, as differences to their controls. For verdicts.cpp
// and gate.cpp alone.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "statistics/verdicts.h"

namespace espalier::statistics {

// An arm that could be chosen among those of other factors.
struct Candidate {
  double factor = 0, validation = kUnknown, lr = kUnknown;
  int64_t steps = 0;
  BySeed values;
};

// An arm less its control at one cut.
struct Contrast {
  BySeed values;
  bool other_setting = false;  // the two chose different rates or steps, each by its validation
  bool scratch = false;        // the control is scratch: one arm for all cuts
};

class VerdictArms {
 public:
  VerdictArms(const std::vector<Cell>& cells, const std::vector<Row>& rows);

  const std::vector<int64_t>& budgets() const { return budgets_; }
  const std::set<int64_t>& cuts() const { return cuts_; }

  // frozen - random_frozen.
  Contrast contribution(int64_t budget, int64_t cut) const;
  // tuned - random_tuned, of the factors that both have: each at the one that validation chose.
  BySeed tuned_gain(int64_t budget, int64_t cut) const;
  // The same, both at the factor whose validation is highest for the two together.
  Contrast tuned_gain_at_one_factor(int64_t budget, int64_t cut) const;
  // Tuned at the factor below 1 that validation chose - tuned at 1.
  BySeed lower_rate(int64_t budget, int64_t cut) const;

 private:
  std::vector<Candidate> arms(const std::string& mode, const std::string& source, int64_t budget,
                              int64_t cut) const;
  // Of the factors that both have, in the same order.
  std::pair<std::vector<Candidate>, std::vector<Candidate>> tuned_pair(int64_t budget,
                                                                       int64_t cut) const;
  std::optional<Candidate> scratch(int64_t budget) const;

  const std::vector<Cell>& cells_;
  const std::vector<Row>& rows_;
  std::string head_;
  std::set<int64_t> cuts_;
  std::vector<int64_t> budgets_;
};

// What the gate asks, without Holm's correction.
std::vector<Evidence> ask_gate(const VerdictArms& arms);

}  // namespace espalier::statistics
