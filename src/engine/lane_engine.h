// One step's gradient: every lane forward and backward, summed over lanes and ranks.
//
//   LaneEngine engine(network, make_replica, plan, control, data, options);
//   const StepSums sums = engine.step(batch, step);   // this rank's samples, lane after lane
//   engine.adopt_statistics();
//   optimizer->step(...);                             // started on engine.gradients()
//   engine.after_step(step);
//
// Lanes of a rank run side by side on workers, each with a replica of the network
// (engine/replica.h); which worker runs which lane never shows in exact mode. Gradients leave a
// lane while its backward goes on (sync/gradient_sum.h). All lanes begin with the same running
// statistics of batch normalisation, whose mean over lanes adopt_statistics() keeps; counters are
// alike after every lane.
//
// A task that compares samples is run in two passes (GradCache, Gao et al. 2021, section 3.2): all
// lanes embed without a graph, embeddings are gathered, each part of the comparison gives dL/dz,
// and every lane is run again with its graph from its rows of the summed dL/dz. With one lane on a
// rank the first pass keeps its graph and there is no second.
//
// Collective; an error on one rank ends the step on all.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/device_batch.h"
#include "engine/network.h"
#include "engine/replica.h"
#include "engine/workers.h"
#include "image/batch.h"
#include "model/batch_norm.h"
#include "sync/gradient_sum.h"
#include "sync/lane_meeting.h"
#include "sync/lanes.h"
#include "tensor/precision.h"

namespace espalier::engine {

struct EngineOptions {
  int64_t workers = 1;
  int64_t lane_threads = 1;
  bool exact = true;
  tensor::Precision precision = tensor::Precision::kF32;
  c10::Device device = c10::kCPU;
  std::optional<at::ScalarType> wire = {};  // of gradients between ranks, in fast mode
  bool shared_statistics =
      false;  // batch normalisation over the whole batch; a worker for each lane
  int64_t bucket_values = sync::BucketPlan::kBucketValues;  // least size of an exchange
  comm::Gpu gpu = {};  // that is `device`; batches are copied there while it computes
};

struct StepSums {
  double loss = 0;           // mean over the global batch
  pretext::Scalars metrics;  // likewise
  double comm_seconds = 0;   // this rank waited so long for the exchange
  bool finite = true;        // loss and gradient
  bool own_finite = true;    // what this rank's lanes gave to them
  double gradient_norm = 0;  // of the mean gradient, where it was asked for
};

// What else a step does.
struct StepExtras {
  bool gradient_norm = false;
  // What each sample's loss is multiplied with before backward; the sum of gradients is divided by
  // it again.
  double loss_factor = 1;
  // Called once, when the batch is not read any more: while the device computes, on the host after
  // the step. Does not throw.
  std::function<void()> meanwhile = {};
};

class LaneEngine {
 public:
  // `network` in training mode, its weights set. `make_replica` gives a network of equal modules.
  // `data` carries what lies on the device, `control` what lies on the host.
  LaneEngine(Network& network, const std::function<Network()>& make_replica, sync::LanePlan plan,
             comm::Communicator& control, comm::Communicator& data, const EngineOptions& options);

  // Collective. `batch` holds this rank's samples: those of its lanes, in lane order.
  StepSums step(const image::Batch& batch, const pretext::Step& step,
                const StepExtras& extras = {});
  // Local. Sends the batch of the next step to the device ahead of it; nothing on the host. May be
  // called in `meanwhile`.
  void stage(const image::Batch& next);

  // Local. The running statistics of the last step become the network's.
  void adopt_statistics();
  // Local, on all ranks alike. What the task does after a step that was not skipped.
  pretext::Scalars after_step(const pretext::Step& step);

  const pretext::Task& task() const { return *network_.task; }
  const std::vector<NamedTensor>& parameters() const { return parameters_; }
  // In the order of parameters(): d(mean loss)/d(parameter) of the last step.
  const std::vector<at::Tensor>& gradients() const { return gradients_; }
  std::string first_nonfinite_gradient() const;  // "" when all are finite
  // Bytes that this rank holds for the gradients of its lanes.
  int64_t gradient_bytes() const;

 private:
  // What a lane leaves besides gradients.
  struct Lane {
    pretext::LaneOutput output;  // its tensors with a graph only while they are needed
    pretext::Compared compared;
    Replica::Gradients compared_gradients;
    at::Tensor labels, samples;  // i64 [n]
    at::Tensor sums;             // f64: loss, metrics
  };

  pretext::LaneInput input_of(const image::Batch& batch, const pretext::Step& step,
                              int64_t lane) const;
  void run(const image::Batch& batch, const pretext::Step& step);
  pretext::LaneOutput forward(Replica& replica, const pretext::LaneInput& input, bool with_graph);
  void embed(const image::Batch& batch, const pretext::Step& step);
  at::Tensor compare();
  void run_lane(int64_t worker, int64_t index, const pretext::LaneInput& input,
                const at::Tensor& dz);
  void gather();
  void keep_ids(Lane& lane, const pretext::LaneInput& input, int64_t index) const;
  void record(Lane& lane);
  StepSums finish(const StepExtras& extras);
  // Lanes that normalise together run forward equally often on all ranks.
  bool keeps_graph() const {
    return compares_ && plan_.count() == 1 && (!meeting_ || plan_.lanes() == plan_.ranks());
  }
  double samples() const { return static_cast<double>(lane_samples_ * plan_.lanes()); }

  // Where a lane that normalises meets the others.
  struct LaneStatistics : model::StatisticsSum {
    LaneStatistics(sync::LaneMeeting& at, int64_t of) : meeting(at), lane(of) {}
    at::Tensor sum(const at::Tensor& values) override { return meeting.sum(lane, values); }
    sync::LaneMeeting& meeting;
    int64_t lane;
  };
  void run_lanes(const std::function<void(int64_t worker, int64_t index)>& work);

  Network& network_;
  sync::LanePlan plan_;
  comm::Communicator& control_;
  comm::Communicator& data_;
  EngineOptions options_;
  bool compares_;
  std::vector<NamedTensor> parameters_, statistics_;  // of the network
  sync::GradientSum sum_;
  std::vector<at::Tensor> gradients_;
  std::vector<at::Tensor> counters_;  // of the first lane, in the order of statistics_
  std::vector<Lane> lanes_;
  std::vector<std::unique_ptr<Replica>> replicas_;
  std::vector<std::string> metric_names_;
  pretext::Gathered gathered_;
  std::unique_ptr<comm::Communicator> meeting_comm_;
  std::optional<sync::LaneMeeting> meeting_;
  std::vector<LaneStatistics> lane_statistics_;
  std::optional<DeviceBatch> input_;  // on a device
  int64_t lane_samples_ = 0;
  double loss_factor_ = 1;
  double comm_seconds_ = 0;
  Workers workers_;
};

}  // namespace espalier::engine
