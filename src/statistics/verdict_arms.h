// The arms of a sweep that verdicts are about, as differences to their controls. An arm and a control
// that learnt at other rates or for other steps are not compared: which of them each took is luck
// that all seeds share, and no spread over seeds holds it. For verdicts.cpp alone.
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

class VerdictArms {
 public:
  VerdictArms(const std::vector<Cell>& cells, const std::vector<Row>& rows);

  const std::vector<int64_t>& budgets() const { return budgets_; }
  const std::set<int64_t>& cuts() const { return cuts_; }

  // frozen alone, and frozen - random_frozen.
  BySeed frozen(int64_t budget, int64_t cut) const;
  BySeed contribution(int64_t budget, int64_t cut) const;
  // tuned - random_tuned, of the factors that both have: each at the one that validation chose.
  BySeed tuned_gain(int64_t budget, int64_t cut) const;
  // The same, both at the factor whose validation is highest for the two together.
  BySeed tuned_gain_at_one_factor(int64_t budget, int64_t cut) const;
  // Tuned at the factor below 1 that validation chose - tuned at 1.
  BySeed lower_rate(int64_t budget, int64_t cut) const;

 private:
  std::vector<Candidate> arms(const std::string& mode, const std::string& source, int64_t budget,
                              int64_t cut) const;
  // Of the factors that both have, in the same order, at one rate and number of steps.
  std::pair<std::vector<Candidate>, std::vector<Candidate>> tuned_pair(int64_t budget,
                                                                       int64_t cut) const;
  std::optional<Candidate> scratch(int64_t budget) const;

  const std::vector<Cell>& cells_;
  const std::vector<Row>& rows_;
  std::string head_;
  std::set<int64_t> cuts_;
  std::vector<int64_t> budgets_;
};

}  // namespace espalier::statistics
