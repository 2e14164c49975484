#include "engine/network.h"

#include <fmt/ranges.h>
#include <torch/torch.h>

#include "engine/open_backbone.h"
#include "tensor/init.h"

namespace espalier::engine {
namespace {

void collect_parameters(const torch::nn::Module& module, const std::string& prefix,
                        std::vector<NamedTensor>& into) {
  for (const auto& item : module.named_parameters())
    if (item.value().requires_grad()) into.push_back({prefix + item.key(), item.value()});
}

bool normalises_batches(const torch::nn::Module& module) {
  return module.as<torch::nn::BatchNorm1d>() != nullptr ||
         module.as<torch::nn::BatchNorm2d>() != nullptr ||
         module.as<torch::nn::BatchNorm3d>() != nullptr;
}

void collect_statistics(const torch::nn::Module& root, const std::string& prefix,
                        std::vector<NamedTensor>& into) {
  for (const auto& item : root.named_modules(std::string(), /*include_self=*/true)) {
    if (!item.value()->is_training() || !normalises_batches(*item.value())) continue;
    const std::string path = item.key().empty() ? prefix : prefix + item.key() + ".";
    for (const auto& buffer : item.value()->named_buffers(/*recurse=*/false))
      into.push_back({path + buffer.key(), buffer.value()});
  }
}

}  // namespace

std::vector<NamedTensor> Network::trained_parameters() const {
  std::vector<NamedTensor> parameters;
  collect_parameters(*backbone, "backbone.", parameters);
  collect_parameters(*task, "task.", parameters);
  return parameters;
}

std::vector<NamedTensor> Network::running_statistics() const {
  std::vector<NamedTensor> statistics;
  collect_statistics(*backbone, "backbone.", statistics);
  collect_statistics(*task, "task.", statistics);
  return statistics;
}

void Network::train(bool on) {
  backbone->train(on);
  task->train(on);
}

void Network::to(at::ScalarType type, c10::Device device) {
  const torch::NoGradGuard no_grad;
  for (auto* module : {static_cast<torch::nn::Module*>(backbone.get()),
                       static_cast<torch::nn::Module*>(task.get())}) {
    module->to(device);
    for (at::Tensor& buffer : module->buffers())
      if (buffer.is_floating_point()) buffer.set_data(buffer.to(type));
    for (at::Tensor& parameter : module->parameters()) {
      parameter.set_data(parameter.to(type));
      if (parameter.dim() == 4)
        parameter.set_data(parameter.contiguous(at::MemoryFormat::ChannelsLast));
    }
  }
}

void Network::initialise(tensor::InitScheme scheme, uint64_t seed) {
  if (scheme == tensor::InitScheme::kAuto) scheme = backbone->own_init();
  tensor::initialise(*backbone, "backbone.", scheme, seed);
  tensor::initialise(*task, "task.", scheme, seed);
  const torch::NoGradGuard no_grad;
  backbone->weights_drawn();
  task->weights_drawn(*backbone);
}

Network build_network(std::function<std::shared_ptr<model::Backbone>()> make_backbone,
                      std::shared_ptr<pretext::Task> task, const DataFacts& facts) {
  Network network{make_backbone(), std::move(task),
                  std::make_shared<std::map<std::string, Parent>>()};
  std::vector<image::ViewShape> views = facts.views;
  if (views.empty()) views.assign(static_cast<size_t>(network.task->view_count()), facts.input);
  network.task->build({*network.backbone, std::move(make_backbone), std::move(views), facts.classes,
                       facts.ids, facts.mean, facts.std,
                       opener_of_backbones(facts.input, network.teachers)});
  return network;
}

bool is_averaged(const NamedTensor& statistic) { return statistic.tensor.is_floating_point(); }

tensor::TensorMap state_of(const torch::nn::Module& module) {
  tensor::TensorMap state;
  for (const auto& item : module.named_parameters()) state[item.key()] = item.value().detach();
  for (const auto& item : module.named_buffers()) state[item.key()] = item.value().detach();
  return state;
}

void load_state(torch::nn::Module& module, const tensor::TensorMap& saved,
                const std::string& where) {
  const torch::NoGradGuard no_grad;
  const tensor::TensorMap state = state_of(module);
  for (const auto& [name, tensor] : saved)
    check(state.contains(name), Kind::kData, "{} holds {}, which this network has not", where,
          name);
  for (const auto& [name, tensor] : state) {
    const auto found = saved.find(name);
    check(found != saved.end(), Kind::kData, "{} lacks {}", where, name);
    check(found->second.sizes() == tensor.sizes(), Kind::kData,
          "{}: {} has shape {}, this network's {}", where, name,
          fmt::join(found->second.sizes().vec(), " x "), fmt::join(tensor.sizes().vec(), " x "));
    at::Tensor(tensor).copy_(found->second);
  }
}

}  // namespace espalier::engine
