// Which checkpoint of a run would measures without labels choose, and are they right?
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/binomial.h"
#include "core/jsonl.h"
#include "statistics/rank_correlation.h"

namespace espalier::layers {

struct CheckpointOptions {
  std::string run, data;
  int64_t images = 2000;
  uint64_t seed = 0;
};

struct CheckpointStudy {
  struct Row {
    int64_t step = 0;
    Share probe;                      // accuracy of a ridge probe; NaN without labels
    std::vector<double> values = {};  // of each measure
  };
  // A number of the last stage's features, or the loss, and what it says of the order.
  struct Measure {
    std::string name;
    statistics::RankCorrelation with_probe;  // of what is better where it is larger
    size_t choice = 0;                       // row that it takes for the best
    std::string verdict;
  };

  CheckpointOptions options;
  std::vector<Row> rows;  // by step
  std::vector<Measure> measures;
  bool labels = false;

  // Every checkpoint that the folder of a run holds. RankMe and LiDAR are taken
  // for better where they are larger, alpha-ReQ where it is nearer to 1, the loss, the mean of the
  // rows of metrics.jsonl since the checkpoint before, where it is smaller. kUsage for fewer than
  // two checkpoints.
  static CheckpointStudy of(const CheckpointOptions& options);

  Json json() const;
  std::string text() const;  // a table and the verdicts, for people

  // Sets `measures` from `rows`.
  void judge();
};

}  // namespace espalier::layers
