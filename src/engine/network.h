// A backbone and the task on top of it, with names for every tensor: "backbone.conv1.weight",
// "task.classifier.bias".
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/given_weights.h"
#include "model/backbone.h"
#include "pretext/task.h"
#include "tensor/init.h"
#include "tensor/safetensors.h"

namespace espalier::engine {

struct NamedTensor {
  std::string name;
  at::Tensor tensor;
};

struct Network {
  std::shared_ptr<model::Backbone> backbone;
  std::shared_ptr<pretext::Task> task;
  // Whose weights the task has read, by the source that it named; filled by initialise().
  std::shared_ptr<std::map<std::string, Parent>> teachers = {};

  // What a step changes: parameters that require a gradient, and the running statistics (means,
  // variances and counters) of batch normalisation in training mode. Other buffers belong to
  // whoever registered them: the engine neither copies nor averages them.
  std::vector<NamedTensor> trained_parameters() const;
  std::vector<NamedTensor> running_statistics() const;

  void train(bool on);
  void to(at::ScalarType type, c10::Device device);
  // Draws all weights by (seed, name), and lets the task begin from them.
  void initialise(tensor::InitScheme scheme, uint64_t seed);
};

// What a network is built for.
struct DataFacts {
  image::ViewShape input;                    // what the backbone takes; that of the first view
  std::vector<image::ViewShape> views = {};  // of the task; empty = all are like `input`
  int64_t classes = 0;                       // 0 = unlabelled
  int64_t samples = 0;                       // that train
  int64_t ids = 0;  // ids of samples are below this; more than `samples` where some are held out
  std::vector<double> mean = {0.5}, std = {0.25};  // what views are normalised by
  std::string hash = {};                           // of the set
};

// A backbone that `make_backbone` makes and `task`, built on it, both with undefined weights.
// `make_backbone` gives equal modules on every call.
Network build_network(std::function<std::shared_ptr<model::Backbone>()> make_backbone,
                      std::shared_ptr<pretext::Task> task, const DataFacts& facts);

// Whether lanes average it: a mean or a variance. A counter is the same in every lane.
bool is_averaged(const NamedTensor& statistic);

// Every parameter and buffer of a module by its own name, e.g. "conv1.weight".
tensor::TensorMap state_of(const torch::nn::Module& module);
// Copies `saved` into the module; kData, naming `where`, when names or shapes differ.
void load_state(torch::nn::Module& module, const tensor::TensorMap& saved,
                const std::string& where);

}  // namespace espalier::engine
