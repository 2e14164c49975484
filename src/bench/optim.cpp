// bench optim: one update of every optimizer over the parameters of a backbone, beside a copy of as
// many bytes as plain SGD must move: weights and gradients in, weights out.
#include <torch/torch.h>

#include <cstring>
#include <memory>

#include "bench/benchmark.h"
#include "config/document.h"
#include "engine/network.h"
#include "optim/optimizer.h"

namespace espalier::bench {
namespace {

class OptimBenchmark : public Benchmark {
 public:
  Fields fields() override {
    return {{"backbone",
             &backbone_,
             {.choices = Registry<model::Backbone>::names(), .help = "whose parameters move"}},
            {"threads", &threads_, {.min = 1, .max = 1024, .help = "threads of an update"}}};
  }
  std::string unit() const override { return "values"; }
  std::string example() const override { return "optim backbone=resnet18"; }
  std::vector<Candidate> candidates(const std::vector<std::string>& arguments) override;

 private:
  std::string backbone_ = "resnet18";
  int64_t threads_ = 1;
  std::shared_ptr<model::Backbone> model_;
  std::vector<std::shared_ptr<optim::Optimizer>> optimizers_;
  std::vector<std::byte> from_, to_;
};

std::vector<Candidate> OptimBenchmark::candidates(const std::vector<std::string>& arguments) {
  check(arguments.empty(), Kind::kUsage, "bench optim takes key=value options only (try: {})",
        example());
  torch::set_num_threads(static_cast<int>(threads_));
  model_ = Registry<model::Backbone>::create(backbone_);
  const int64_t side = std::max<int64_t>(32, model_->smallest_input());
  model_->build({3, side, side}, model_->own_norm());
  std::vector<std::string> names;
  std::vector<at::Tensor> weights, gradients;
  int64_t values = 0;
  for (const auto& item : model_->named_parameters()) {
    names.push_back(item.key());
    weights.push_back(item.value().detach().zero_());
    gradients.push_back(torch::full_like(weights.back(), 1e-3));
    values += item.value().numel();
  }
  const int64_t bytes = 3 * values * static_cast<int64_t>(sizeof(float));
  from_.resize(static_cast<size_t>(bytes / 2));
  to_.resize(from_.size());
  std::vector<Candidate> candidates = {
      {"copy", "", values, bytes, [this] { std::memcpy(to_.data(), from_.data(), from_.size()); }}};
  for (const std::string& name : Registry<optim::Optimizer>::names()) {
    const auto optimizer = Registry<optim::Optimizer>::create(name);
    optimizer->start(optim::decay_groups(names, weights, gradients, 1, false));
    candidates.push_back({name, "copy", values, 0, [optimizer] { optimizer->step(1e-6); }});
    optimizers_.push_back(optimizer);
  }
  return candidates;
}

ESPALIER_REGISTER(Benchmark, OptimBenchmark, "optim",
                  "updates of every optimizer, beside a copy in memory");

}  // namespace
}  // namespace espalier::bench
