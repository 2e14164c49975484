// The network of a run, its engine and its optimizer: what a step needs besides a batch.
#pragma once

#include <memory>

#include "engine/given_weights.h"
#include "engine/lane_engine.h"
#include "train/run_config.h"

namespace espalier::train {

struct RunPlace {
  sync::LanePlan plan;
  comm::Communicator& control;
  comm::Communicator& data;
  c10::Device device;
  tensor::Precision precision;
};

// Local; its steps are collective. The weights are drawn, or given by model.weights; the optimizer
// is at its start.
class RunEngine {
 public:
  // kUsage or kIo for a network that cannot be made, does not fit the views, or does not fit into
  // memory (train/network_check.h).
  RunEngine(const RunConfig& config, const engine::DataFacts& facts, const RunPlace& place);
  RunEngine(const RunEngine&) = delete;

  engine::Network& network() { return network_; }
  const engine::Network& network() const { return network_; }
  engine::LaneEngine& engine() { return *engine_; }
  optim::Optimizer& optimizer() { return *optimizer_; }
  const optim::Optimizer& optimizer() const { return *optimizer_; }

  // Whose weights the backbone began with; empty where they were drawn.
  const engine::Parent& parent() const { return parent_; }
  // Whose weights the task looks at: a frozen teacher's.
  std::vector<engine::Parent> teachers() const;
  // Parameters that rest during the first model.warmup_steps: those that were given.
  const std::set<std::string>& given() const { return given_; }
  int64_t warmup_steps() const { return weights_.warmup_steps; }

 private:
  void give_weights(const RunConfig& config, const engine::DataFacts& facts);
  void start_optimizer(const RunConfig& config);

  engine::WeightsOptions weights_;
  engine::Parent parent_;
  std::set<std::string> given_;
  engine::Network network_;
  std::unique_ptr<engine::LaneEngine> engine_;
  std::shared_ptr<optim::Optimizer> optimizer_;
};

}  // namespace espalier::train
