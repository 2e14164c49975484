// The predictions that a sweep keeps of its cells: test_labels.bin beside plan.json, and
// cells/<id>/predictions.bin; u8, or little-endian u16 above 256 classes.
//
//   const Predictions predictions("runs/transfer", classes);
//   add_scores(rows, cells, predictions);
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "statistics/bootstrap.h"
#include "statistics/cells.h"
#include "statistics/scores.h"

namespace espalier::statistics {

class Predictions {
 public:
  Predictions(std::filesystem::path run, int64_t classes);

  const std::vector<int64_t>& labels() const { return labels_; }  // empty where not known
  // Nothing where the file is missing, or is not of as many images as there are labels.
  std::optional<std::vector<int64_t>> of(const std::string& id) const;
  std::optional<Hits> hits(const std::string& id) const;
  std::optional<ClassScores> scores(const std::string& id) const;

 private:
  std::vector<int64_t> read(const std::filesystem::path& file) const;

  std::filesystem::path run_;
  int64_t classes_;
  std::vector<int64_t> labels_;
};

// Mean over the done cells of an arm, of each score and class; empty by_class where none is known.
ClassScores mean_scores(const std::vector<Cell>& cells, const Row& row,
                        const Predictions& predictions);

// Fills balanced_accuracy and macro_f1.
void add_scores(std::vector<Row>& rows, const std::vector<Cell>& cells,
                const Predictions& predictions);

// The arm and scratch on the same images, seed by seed.
std::vector<Pair> pairs_with_scratch(const std::vector<Cell>& cells, const Row& row,
                                     const Predictions& predictions);

}  // namespace espalier::statistics
