// Small configurations and networks, for the tests of this folder.
#pragma once

#include <string>

#include "support/shrink.h"
#include "tensor/safetensors.h"
#include "train/run_config.h"

namespace espalier::train {

inline const engine::DataFacts kToyFacts{
    .input = {3, 8, 8}, .classes = 3, .samples = 100, .ids = 100};

// Small, on a small conv_bn, or of a small vision transformer where the task is refused there.
inline RunConfig toy_config(const std::string& task, const std::string& norm) {
  const auto with_model = [&](const std::string& model) {
    config::Document document = config::Document::parse(
        fmt::format("model: {{{}}}\ntask: {{name: {}}}\n", model, task), "toy.yaml");
    for (const std::string& option : small_options<pretext::Task>(task))
      document.set("task." + option);
    return RunConfig::read(std::move(document));
  };
  RunConfig config = with_model("name: conv_bn, widths: [4, 6], norm: " + norm);
  try {
    config.make_network(kToyFacts);
  } catch (const Error& error) {
    if (error.kind() != Kind::kUsage) throw;
    config = with_model("name: vit_tiny, patch: 2, width: 8, depth: 2");
  }
  return config;
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
