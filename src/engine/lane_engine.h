// One step's gradient: every lane forward and backward, summed over lanes and ranks by the fixed
// tree.
//
//   LaneEngine engine(network, make_replica, plan, comm, options);
//   const StepSums sums = engine.step(batch);      // this rank's samples, lane after lane
//   optimizer->step(...);                          // started on engine.gradients()
//   engine.adopt_statistics();
//
// Lanes of a rank run side by side on workers; which worker runs which lane never shows. A worker
// has a replica of the network that shares the weights and all buffers but the running statistics
// of batch normalisation; a lane has a flat buffer of its own, [gradients | running statistics],
// which the replica's gradients alias while it runs, in a whole-batch loss too. All lanes start
// from the same running statistics; their mean over the tree is what adopt_statistics() keeps.
// Counters are alike after every lane and are taken from the first.
//
// A task whose loss compares samples is run in two passes (GradCache, Gao et al. 2021,
// section 3.2): all lanes embed without a graph, embeddings are gathered, each lane's anchors give
// dL/dz, and every lane is run again with its graph from its rows of the summed dL/dz. With one
// lane on a rank the first pass keeps its graph and there is no second.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/network.h"
#include "engine/workers.h"
#include "image/batch.h"
#include "sync/lanes.h"
#include "tensor/precision.h"

namespace espalier::engine {

struct EngineOptions {
  int64_t workers = 1;
  int64_t lane_threads = 1;
  bool exact = true;
  tensor::Precision precision = tensor::Precision::kF32;
  c10::Device device = c10::kCPU;
  uint64_t seed = 0;
};

struct StepSums {
  double loss = 0;           // mean over the global batch
  pretext::Scalars metrics;  // likewise
  double comm_seconds = 0;
  bool finite = true;  // loss and gradient
};

class LaneEngine {
 public:
  // `network` in training mode, its weights set. `make_replica` gives a network of equal modules.
  // `data` sums what lies on the device, `control` what lies on the host.
  LaneEngine(Network& network, const std::function<Network()>& make_replica, sync::LanePlan plan,
             comm::Communicator& control, comm::Communicator& data, const EngineOptions& options);

  // Collective. `batch` holds this rank's samples: those of its lanes, in lane order.
  StepSums step(const image::Batch& batch);

  // Local. The running statistics of the last step become the network's.
  void adopt_statistics();

  const std::vector<NamedTensor>& parameters() const { return parameters_; }
  // In the order of parameters(): d(mean loss)/d(parameter) of the last step.
  const std::vector<at::Tensor>& gradients() const { return lanes_[0].gradients; }
  std::string first_nonfinite_gradient() const;  // "" when all are finite

 private:
  struct Lane {
    at::Tensor flat;
    std::vector<at::Tensor> gradients;
    std::vector<at::Tensor> statistics;  // a counter has a tensor of its own, the rest alias flat
    std::vector<double> sums;            // loss, weight, metrics
    at::Tensor embeddings;               // of a global task
  };
  struct Replica {
    Network network;
    std::vector<NamedTensor> parameters, statistics;
  };

  Lane make_lane() const;
  Replica make_replica(const std::function<Network()>& make) const;
  pretext::Views views_of(const image::Batch& batch, int64_t lane) const;
  void alias_gradients(Replica& replica, Lane& lane);
  void begin(Replica& replica, Lane& lane);
  void end(Replica& replica, Lane& lane);
  void run_local(const image::Batch& batch);
  void run_global(const image::Batch& batch);
  void anchor_gradients(const at::Tensor& embeddings, std::vector<at::Tensor>& flat);
  void record(Lane& lane, double loss, double weight, const pretext::Metrics& metrics);
  void sum_flat(std::vector<at::Tensor>& flat);
  StepSums finish();

  Network& network_;
  sync::LanePlan plan_;
  comm::Communicator& control_;
  comm::Communicator& data_;
  EngineOptions options_;
  bool global_;
  std::vector<NamedTensor> parameters_, statistics_;  // of the network
  int64_t gradient_values_ = 0;                       // where statistics begin in a flat buffer
  std::vector<Lane> lanes_;
  std::vector<Replica> replicas_;
  std::vector<std::string> metric_names_;
  double comm_seconds_ = 0;
  Workers workers_;
};

}  // namespace espalier::engine
