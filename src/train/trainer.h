// The training loop of a run: the one there is for pretext tasks.
//
//   Trainer trainer(config, folder, control, command);
//   const int exit_code = trainer.run(resume);
//
// Collective. Every step: next batch -> gradient over lanes and ranks -> status record -> optimizer
// -> metrics. Only in the record do ranks decide to stop, skip or fail. A stop request
// (core/stop_request.h) ends the run with a checkpoint and exit code 75. Nobody else trains into
// the folder meanwhile.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "core/activity.h"
#include "core/clock.h"
#include "core/folder_lock.h"
#include "data/loader.h"
#include "engine/run_folder.h"
#include "engine/training_loop.h"
#include "sync/step_status.h"
#include "train/checkpoint.h"
#include "train/metrics.h"
#include "train/run_config.h"
#include "train/run_engine.h"
#include "train/run_history.h"
#include "train/training_view.h"

namespace espalier::train {

// What a run would take.
struct DryRun {
  int64_t parameters = 0, samples = 0, steps = 0;
  // Of the slowest rank: the gradient of a step, and the wait for its data.
  double step_seconds = 0, wait_seconds = 0;
  int64_t memory = 0;  // bytes that the largest rank had at most
};

class Trainer : private engine::StepWatcher {
 public:
  // Reads and checks everything that can be wrong before step 0; errors are agreed by all ranks.
  // `quiet` = no progress.
  Trainer(RunConfig config, engine::RunFolder folder, comm::Communicator& control, bool quiet);
  ~Trainer() override;

  // From the last checkpoint, if `resume`, to the end or to a signal. Returns 0 or kExitRequeue.
  int run(bool resume, const std::string& command);

  // Two steps whose gradients are thrown away; writes no file. In place of run().
  DryRun dry_run();

 private:
  void cut();  // the batch into lanes
  data::BatchShare share() const;
  void open();   // shapes, device, length of the run
  void build();  // network, engine, optimizer
  void restore(const LoadedCheckpoint& checkpoint);
  void enter(bool resume);
  void start_loader();
  void loop();
  bool checkpoint_is_due() const;
  void loaded(int64_t step, image::Batch& batch) override;
  void before(int64_t step) override;
  double loss_factor() const override;
  sync::StepDecision decide(int64_t step, const engine::StepSums& sums,
                            const std::exception_ptr& next_error) override;
  bool completed(int64_t step, const engine::StepSums& sums,
                 const sync::StepDecision& decision) override;
  void say_skipped(int64_t step, double loss, int nonfinite_rank) const;
  Scalars run_hooks();
  void look_at_first_loss(double loss);
  TrainingView view();
  void save(bool required);
  void export_backbone();
  RunState state() const;
  bool epoch_ends_with(int64_t step) const;

  RunConfig config_;
  engine::RunFolder folder_;
  std::optional<FolderLock> lock_;  // of rank 0
  comm::Communicator& control_;
  bool quiet_, leader_;
  std::optional<data::Dataset> dataset_, validation_;
  data::Holdout parts_;             // of the training set
  data::Selection validating_;      // samples of validation_
  std::vector<std::string> names_;  // of the training set's classes
  engine::DataFacts facts_;
  int64_t lanes_ = 0, steps_ = 0;
  c10::Device device_ = c10::kCPU;
  std::unique_ptr<comm::Communicator> data_comm_;
  std::optional<sync::LanePlan> plan_;
  std::unique_ptr<RunEngine> run_;
  optim::Course course_;
  std::vector<std::pair<std::string, std::shared_ptr<Hook>>> hooks_;
  int64_t step_ = 0;  // completed steps
  int64_t saved_step_ = -1;
  Stopwatch since_save_;
  int64_t nonfinite_in_a_row_ = 0;
  std::optional<optim::LossScale> loss_scale_;  // in fp16
  bool stopped_ = false;
  std::unique_ptr<Activity> activity_;
  std::unique_ptr<data::Loader> loader_;
  RunHistory history_;
  std::unique_ptr<MetricsLog> metrics_;
  std::unique_ptr<Progress> progress_;
};

}  // namespace espalier::train
