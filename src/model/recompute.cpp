#include "model/recompute.h"

#include <ATen/autocast_mode.h>
#include <torch/torch.h>

namespace espalier::model {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct State : torch::CustomClassHolder {
  explicit State(Recomputed of) : stage(std::move(of)) {}
  Recomputed stage;
  c10::DeviceType device = c10::kCPU;
  bool autocast = false;
  at::ScalarType autocast_type = at::kFloat;
};

// While one lives, autocast is as it was in the first run.
class SameAutocast {
 public:
  explicit SameAutocast(const State& state)
      : device_(state.device),
        enabled_(at::autocast::is_autocast_enabled(device_)),
        type_(at::autocast::get_autocast_dtype(device_)) {
    set(state.autocast, state.autocast_type);
  }
  ~SameAutocast() {
    at::autocast::clear_cache();
    set(enabled_, type_);
  }
  SameAutocast(const SameAutocast&) = delete;

 private:
  void set(bool enabled, at::ScalarType type) {
    at::autocast::set_autocast_enabled(device_, enabled);
    at::autocast::set_autocast_dtype(device_, type);
  }

  c10::DeviceType device_;
  bool enabled_;
  at::ScalarType type_;
};

struct Twice : torch::autograd::Function<Twice> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x,
                            at::TensorList parameters, const c10::intrusive_ptr<State>& state) {
    variable_list saved = {x};
    saved.insert(saved.end(), parameters.begin(), parameters.end());
    context->save_for_backward(saved);
    context->saved_data["state"] = c10::IValue::make_capsule(state);
    return state->stage.run(x);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto capsule = context->saved_data["state"].toCapsule();
    auto& state = static_cast<State&>(*capsule);
    variable_list inputs = context->get_saved_variables();
    const bool wanted = inputs[0].requires_grad();
    inputs[0] = inputs[0].detach().requires_grad_(inputs[0].is_floating_point());
    std::vector<at::Tensor> before;
    for (const at::Tensor& buffer : state.stage.buffers) before.push_back(buffer.clone());
    at::Tensor y;
    {
      const torch::AutoGradMode graph(true);
      const SameAutocast autocast(state);
      y = state.stage.run(inputs[0]);
    }
    variable_list found = torch::autograd::grad({y}, inputs, {gradients[0]},
                                                /*retain_graph=*/false, /*create_graph=*/false,
                                                /*allow_unused=*/true);
    // Only now: backward looks at the versions of what the second run used.
    for (size_t i = 0; i < before.size(); ++i) state.stage.buffers[i].copy_(before[i]);
    if (!wanted) found[0] = at::Tensor();
    found.emplace_back();
    return found;
  }
};

}  // namespace

at::Tensor recompute(const at::Tensor& x, Recomputed stage) {
  const std::vector<at::Tensor> parameters = stage.parameters;
  auto state = c10::make_intrusive<State>(std::move(stage));
  state->device = x.device().type();
  state->autocast = at::autocast::is_autocast_enabled(state->device);
  state->autocast_type = at::autocast::get_autocast_dtype(state->device);
  return Twice::apply(x, at::TensorList(parameters), state);
}

}  // namespace espalier::model
