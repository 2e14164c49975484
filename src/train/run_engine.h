// The network of a run, its engine and its optimizer: what a step needs besides a batch.
#pragma once

#include <memory>

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

// Local; its steps are collective. The weights are drawn, the optimizer is at its start.
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

 private:
  engine::Network network_;
  std::unique_ptr<engine::LaneEngine> engine_;
  std::shared_ptr<optim::Optimizer> optimizer_;
};

}  // namespace espalier::train
