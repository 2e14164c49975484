// What a sweep says about the four statements of transfer-learning practice. Pure functions.
//
// Every number is a difference to a control that starts from random weights, so that what random
// weights give by themselves is no evidence; every interval is for another backbone of its kind
// (statistics/estimate.h). Of several heads the first is taken.
//
// The gate: no statement gets a verdict unless the backbone can be told from an untrained one. Asked
// is, at each label budget, the mean over cuts of frozen - random_frozen and of tuned - random_tuned
// (at the same factor; scratch is random_tuned at 1); clear is one whose p, corrected by Holm over
// all that are asked, is at most 5 %. So at most 5 of 100 sweeps of an untrained backbone get any
// verdict, however many statements there are.
#pragma once

#include <string>
#include <vector>

#include "statistics/cells.h"

namespace espalier::statistics {

enum class Verdict { kSupported, kContradicted, kUndecided, kNotMeasured };

struct Evidence {
  std::string what;  // "frozen", "tuned" or ""
  int64_t labels_per_class = 0;
  int64_t cut = 0;           // 0 where it is about all cuts
  Estimate difference;       // for another backbone
  double holm_p = kUnknown;  // over the evidence of the same statement
};

struct Statement {
  Verdict verdict = Verdict::kNotMeasured;
  std::vector<Evidence> evidence;
};

struct Verdicts {
  std::vector<Evidence> gate;   // empty: no control was run
  bool told_apart = false;      // from an untrained backbone
  int64_t first = 0, last = 0;  // the cuts at both ends, of frozen and its control; 0 = none

  // First layers are general, last ones specific: c_first - c_last > 0, where c_n = frozen -
  // random_frozen after n stages. Random weights lose more with every stage, so c_n can grow while
  // the frozen stages themselves lose accuracy: then, where `fall` is clearly above 0, the statement
  // is not contradicted.
  Statement general;
  std::vector<Evidence> fall;  // frozen at the first cut - frozen at the last one
  // A cut in the middle is fragile: c_n is below both c_first and c_last at some n between them.
  // Evidence is the difference to the end that decides. Contradicted: every n is shown not to be more
  // than kMargin below the lower end.
  Statement fragile;
  // Pretrained weights beat random ones: mean over cuts of tuned - random_tuned, each at the factor
  // that validation chose (the first one listed where none was run). random_tuned at factor 1 is
  // scratch.
  Statement better;
  // A lower rate for kept weights helps: mean over cuts of tuned at the factor below 1 that
  // validation chose - tuned at factor 1.
  Statement lower_rate;
};

[[nodiscard]] Verdicts judge(const std::vector<Cell>& cells, const std::vector<Row>& rows);

// Ours - each other source, mean over the arms that both have, by label budget; `what` is the
// source, and intervals are of these backbones. Corrected by Holm over all.
[[nodiscard]] std::vector<Evidence> against_sources(const std::vector<Cell>& cells,
                                                    const std::vector<Row>& rows);

}  // namespace espalier::statistics
