#include "train/network_check.h"

#include <c10/core/CPUAllocator.h>
#include <torch/torch.h>

#include <mutex>
#include <sstream>

#include "core/clock.h"
#include "core/error_of.h"
#include "core/memory.h"
#include "engine/evaluate.h"

namespace espalier::train {
namespace {

constexpr size_t kLarge = 16 << 20;  // bytes; smaller tensors are not looked at

thread_local int guards = 0;
thread_local double allocated = 0;  // bytes of tensors since a guard began

std::string megabytes(int64_t bytes) { return with_commas(bytes / 1'000'000) + " MB"; }

// LibTorch's own allocator, behind a question. It stays for the life of the process, since tensors
// that came through it may.
class AskingAllocator : public c10::Allocator {
 public:
  explicit AskingAllocator(c10::Allocator* inner) : inner_(inner) {}

  c10::DataPtr allocate(size_t bytes) override {
    if (guards > 0) allocated += static_cast<double>(bytes);
    if (guards > 0 && bytes >= kLarge) {
      const int64_t free = available_memory();
      check(bytes <= static_cast<size_t>(free), Kind::kIo,
            "a tensor of {} is wanted, {} of memory are free",
            megabytes(static_cast<int64_t>(bytes)), megabytes(free));
    }
    return inner_->allocate(bytes);
  }
  c10::DeleterFnPtr raw_deleter() const override { return inner_->raw_deleter(); }
  void copy_data(void* to, const void* from, size_t bytes) const override {
    inner_->copy_data(to, from, bytes);
  }

 private:
  c10::Allocator* inner_;
};

// "model.name: conv_bn, model.widths: [16, 32]".
std::string options_of(const RunConfig& config, const std::string& section) {
  std::istringstream lines(config.document.resolved_section(section));
  std::string text;
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("  ")) text += ", " + section + "." + line.substr(2);
  return text.empty() ? text : text.substr(2);
}

pretext::LaneInput blank_input(const std::vector<image::ViewShape>& views) {
  pretext::LaneInput input;
  for (const image::ViewShape& view : views)
    input.views.push_back(torch::zeros({2, view.channels, view.height, view.width}));
  input.labels = torch::zeros({2}, torch::kLong);
  input.samples = {0, 1};
  input.epochs = {0, 0};
  return input;
}

// From the views to the loss.
void run_once(engine::Network& network, const std::vector<image::ViewShape>& views) {
  const pretext::LaneInput input = blank_input(views);
  const pretext::LaneOutput output = network.task->run(*network.backbone, input);
  if (!network.task->compares()) return;
  network.task->compare({.embeddings = output.embeddings,
                         .detached = output.detached,
                         .labels = input.labels,
                         .samples = torch::zeros({2}, torch::kLong),
                         .sums = output.sums},
                        {});
}

// `per_sample` are the bytes of all tensors that a forward pass makes of a sample.
void require_training_memory(const engine::Network& network, double per_sample,
                             const Share& share) {
  double weights = 0;
  for (const engine::NamedTensor& parameter : network.trained_parameters())
    weights += static_cast<double>(parameter.tensor.nbytes());
  // One copy more for the optimizer: the least that any with a state has. Weights are there
  // already.
  const double gradients = weights * static_cast<double>(share.gradient_buffers + 1);
  const double activations = per_sample * static_cast<double>(share.lane_batch);
  const int64_t free = available_memory();
  check(
      (gradients + activations) * static_cast<double>(share.ranks) <= static_cast<double>(free),
      Kind::kIo,
      "training takes {:.0f} MB on a rank: {:.0f} for the gradients of its lanes ({} at once) and "
      "the "
      "optimizer's state, {:.0f} for the samples of one lane ({}); {} ranks of this node share {} "
      "(try: other parallel.lanes, a smaller data.batch, or more nodes)",
      (gradients + activations) / 1e6, gradients / 1e6, share.gradient_buffers, activations / 1e6,
      share.lane_batch, share.ranks, megabytes(free));
}

}  // namespace

MemoryGuard::MemoryGuard() {
  static std::once_flag installed;
  std::call_once(installed, [] {
    c10::SetCPUAllocator(new AskingAllocator(c10::GetCPUAllocator()), /*priority=*/100);
  });
  if (guards++ == 0) allocated = 0;
}

MemoryGuard::~MemoryGuard() { --guards; }

void with_options_named(const RunConfig& config, const image::ViewShape& input,
                        const std::function<void()>& work) {
  const MemoryGuard guard;
  const auto options = [&] {
    return options_of(config, "model") + ", " + options_of(config, "task");
  };
  try {
    work();
  } catch (...) {
    const Error error = error_of(std::current_exception());
    if (error.kind() == Kind::kIo)
      throw Error(Kind::kIo, "{} (try: less in {})", error.what(), options());
    if (error.kind() != Kind::kBug) throw;
    throw Error(Kind::kUsage,
                "views of {} x {} x {} do not pass through the network: {} (try: other "
                "augment.views, or other {})",
                input.channels, input.height, input.width, error.what(), options());
  }
}

void try_out(const RunConfig& config, engine::Network& network, const engine::DataFacts& facts,
             const Share& share) {
  with_options_named(config, facts.input, [&] {
    const torch::NoGradGuard no_grad;
    const engine::EvaluationMode mode(network);
    run_once(network,
             facts.views.empty()
                 ? std::vector(static_cast<size_t>(network.task->view_count()), facts.input)
                 : facts.views);
    require_training_memory(network, allocated / 2, share);
  });
}

}  // namespace espalier::train
