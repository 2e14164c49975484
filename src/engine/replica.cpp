#include "engine/replica.h"

#include <torch/csrc/autograd/functions/accumulate_grad.h>
#include <torch/torch.h>

#include <unordered_set>

namespace espalier::engine {

// Called by LibTorch when a parameter has the whole of its gradient from a backward pass, on the
// thread that called backward() (on a device's own thread for tensors there).
class Replica::Hook : public torch::autograd::PostAccumulateGradHook {
 public:
  Hook(Replica& replica, size_t parameter) : replica_(replica), parameter_(parameter) {}
  void operator()(const torch::autograd::Variable&) override { replica_.has_gradient(parameter_); }

 private:
  Replica& replica_;
  size_t parameter_;
};

void Replica::Roots::add(const at::Tensor& tensor, const at::Tensor& gradient) {
  if (!tensor.defined() || !tensor.requires_grad()) return;
  tensors.push_back(tensor);
  gradients.push_back(gradient);
}

Replica::Replica(Network made, const Network& original) : network_(std::move(made)) {
  const auto share = [](torch::nn::Module& own, const torch::nn::Module& source) {
    const tensor::TensorMap state = state_of(source);
    for (auto& item : own.named_parameters()) item.value().set_data(state.at(item.key()));
    for (auto& item : own.named_buffers()) item.value().set_data(state.at(item.key()));
  };
  share(*network_.backbone, *original.backbone);
  share(*network_.task, *original.task);
  network_.train(original.task->is_training());
  statistics_ = network_.running_statistics();
  for (NamedTensor& statistic : statistics_) statistic.tensor.set_data(statistic.tensor.clone());
  parameters_ = network_.trained_parameters();
  for (size_t i = 0; i < parameters_.size(); ++i) {
    index_[parameters_[i].tensor.unsafeGetTensorImpl()] = i;
    torch::autograd::impl::set_post_acc_grad_hooks(parameters_[i].tensor,
                                                   std::make_unique<Hook>(*this, i));
  }
}

void Replica::set_statistics(const std::vector<NamedTensor>& from) {
  const torch::NoGradGuard no_grad;
  for (size_t i = 0; i < statistics_.size(); ++i) statistics_[i].tensor.copy_(from[i].tensor);
}

void Replica::has_gradient(size_t parameter) {
  at::Tensor& slot = parameters_[parameter].tensor.mutable_grad();
  const at::Tensor gradient = std::exchange(slot, at::Tensor());
  if (buffer_ == nullptr) {
    apart_.emplace_back(parameter, gradient);
    return;
  }
  sum_->put(*buffer_, parameter, gradient);
  passed(parameter);
}

void Replica::passed(size_t parameter) {
  if (std::exchange(is_done_[parameter], 1) != 0) return;
  const size_t bucket = sum_->plan().bucket_of(parameter);
  if (--left_[bucket] == 0) sum_->pass(lane_, bucket);
}

// As DistributedDataParallel finds unused parameters: what is not reached will never have a
// gradient, and must not hold up its bucket.
std::vector<uint8_t> Replica::reached_from(const std::vector<at::Tensor>& roots) const {
  std::vector<uint8_t> reached(parameters_.size());
  std::vector<torch::autograd::Node*> open;
  std::unordered_set<torch::autograd::Node*> seen;
  const auto see = [&](torch::autograd::Node* node) {
    if (node != nullptr && seen.insert(node).second) open.push_back(node);
  };
  for (const at::Tensor& root : roots)
    see(torch::autograd::impl::gradient_edge(root).function.get());
  while (!open.empty()) {
    torch::autograd::Node* node = open.back();
    open.pop_back();
    if (const auto* leaf = dynamic_cast<torch::autograd::AccumulateGrad*>(node)) {
      const auto found = index_.find(leaf->variable.unsafeGetTensorImpl());
      if (found != index_.end()) reached[found->second] = 1;
    }
    for (const torch::autograd::Edge& edge : node->next_edges()) see(edge.function.get());
  }
  return reached;
}

void Replica::backward(sync::GradientSum& sum, int64_t lane, sync::GradientSum::Buffer& buffer,
                       const Roots& roots, const Gradients& before) {
  const auto& buckets = sum.plan().buckets();
  sum_ = &sum;
  buffer_ = &buffer;
  lane_ = lane;
  left_.clear();
  for (const auto& bucket : buckets) left_.push_back(bucket.tensors.size());
  is_done_.assign(parameters_.size(), 0);
  for (const auto& [parameter, gradient] : before) sum.put(buffer, parameter, gradient);
  const std::vector<uint8_t> reached = reached_from(roots.tensors);
  for (size_t i = 0; i < parameters_.size(); ++i)
    if (reached[i] == 0) passed(i);
  if (!roots.tensors.empty()) torch::autograd::backward(roots.tensors, roots.gradients);
  for (size_t i = 0; i < parameters_.size(); ++i) passed(i);  // a gradient may be undefined
  size_t place = parameters_.size();
  for (const NamedTensor& statistic : statistics_)
    if (is_averaged(statistic)) sum.put(buffer, place++, statistic.tensor);
  for (size_t i = 0; i < buckets.size(); ++i)
    if (!buckets[i].gradients) sum.pass(lane, i);
  buffer_ = nullptr;
}

Replica::Gradients Replica::gradients_of(const at::Tensor& root) {
  apart_.clear();
  if (root.requires_grad()) root.backward();
  return std::exchange(apart_, {});
}

}  // namespace espalier::engine
