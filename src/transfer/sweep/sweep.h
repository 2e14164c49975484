// All cells of a sweep, and what they say together.
//
//   Sweep sweep(config, backbones, "runs/transfer", {.quiet = true});
//   sweep.prepare();
//   sweep.run(/*writes=*/true);
//   sweep.write_results(command, seconds, computed);
#pragma once

#include "transfer/sweep/arm_filter.h"
#include "transfer/sweep/summary.h"
#include "transfer/sweep/sweep_plan.h"

namespace espalier::transfer {

// What one start computes of a sweep.
struct SweepPart {
  ArmFilter only = ArmFilter();
  int64_t shard = 0, shards = 1;  // the companies c with c % shards == shard
  bool retry_failed = false;      // cells that diverged are computed again
  bool quiet = false;
};

struct DryRun {
  int64_t arms = 0;
  int64_t cells = 0, there = 0;  // equal runs count once
  int64_t tuning = 0, tuning_there = 0;
  double seconds = 0;  // that the missing ones take on one worker, at most
  int64_t workers = 1;
};

class Sweep {
 public:
  // kUsage where the parts do not fit together. Touches no file.
  Sweep(TransferConfig config, std::vector<engine::BackboneFile> backbones,
        std::filesystem::path folder, SweepPart part = {});

  // Makes the folder and removes what killed processes left there. One rank.
  void prepare();

  // Computes the cells of its part that the folder does not hold, several at once, those that tune
  // first, and waits for those that other processes compute. What is there is never computed again.
  // Then seeds are added where transfer.until_half_width asks for them.
  // Where it `writes`, config.yaml, plan.json, training_images.csv and test_labels.bin are written
  // first, and plan.json again when settings are chosen. Returns how many were computed here.
  int64_t run(bool writes);

  // After run(), by one rank: cells.csv, summary.csv, summary.json, provenance.json of all cells
  // that are there.
  void write_results(const std::string& command, double seconds, int64_t computed) const;

  // What write_results() wrote, as the page reads it, with the scores of all predictions.
  report::TransferRun results() const;

  // What run() would do. Without finished cells to go by it times a few steps of scratch, which no
  // cell exceeds by much.
  DryRun dry_run() const;

  // What is known of every cell that has ended, by arm and seed.
  std::vector<statistics::Cell> finished() const;
  const Setting& setting() const { return setting_; }
  const SweepPlan& plan() const { return plan_; }

 private:
  using Cells = std::vector<const PlannedCell*>;

  // A cell that tunes is wanted by every arm of its company.
  bool takes(const PlannedCell& planned) const;
  // Those of this part, each id once, in the order in which they are computed.
  Cells mine(const std::vector<PlannedCell>& cells) const;
  Cells missing(const Cells& cells) const;
  int64_t compute_all(const Cells& cells, const std::string& what);
  bool compute(const PlannedCell& cell);  // false when another thread or process has it
  int64_t worker_count() const;
  // By the cells of the seeds so far, so that all processes that share the folder agree.
  bool wants_more_seeds() const;
  void write_plan() const;

  Setting setting_;
  std::filesystem::path folder_;
  SweepPart part_;
  CellStore store_;
  SweepPlan plan_;
  int64_t seeds_;  // of each backbone, so far; before run() all that are planned
};

}  // namespace espalier::transfer
