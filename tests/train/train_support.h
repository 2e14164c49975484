// Small configurations and networks, for the tests of this folder.
#pragma once

#include <string>

#include "tensor/safetensors.h"
#include "train/run_config.h"

namespace espalier::train {

inline const engine::DataFacts kToyFacts{.input = {3, 8, 8}, .classes = 3, .samples = 100};

inline RunConfig toy_config(const std::string& task, const std::string& norm) {
  return RunConfig::read(config::Document::parse(
      fmt::format("model: {{name: conv_bn, widths: [4, 6], norm: {}}}\ntask: {{name: {}}}\n", norm,
                  task),
      "toy.yaml"));
}

inline engine::Network toy_network(const RunConfig& config) {
  engine::Network network = config.make_network(kToyFacts);
  network.initialise(tensor::InitScheme::kHeNormal, /*seed=*/1);
  network.to(at::kFloat, c10::kCPU);
  network.train(true);
  return network;
}

inline bool equal_bits(const tensor::TensorMap& a, const tensor::TensorMap& b) {
  return tensor::to_safetensors(a) == tensor::to_safetensors(b);
}

}  // namespace espalier::train
