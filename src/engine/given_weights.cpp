#include "engine/given_weights.h"

#include <fmt/ranges.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>

#include "core/log.h"
#include "engine/network.h"

namespace espalier::engine {
namespace {

constexpr double kSameNormalisation = 0.02;  // of pixels in 0..1; less than 1 % of a deviation away
constexpr size_t kNamed = 3;

// What stands on top of published backbones: a classifier.
bool is_of_a_head(const std::string& name) {
  for (const char* head : {"fc.", "head.", "heads.", "head_dist.", "classifier."})
    if (name.starts_with(head)) return true;
  return false;
}

std::string shape_text(const at::Tensor& tensor) {
  return tensor.dim() == 0 ? "one number" : fmt::format("{}", fmt::join(tensor.sizes(), " x "));
}

// "bn1.wieght (near: bn1.weight), ..."
std::string with_nearest(const std::vector<std::string>& names,
                         const std::vector<std::string>& others) {
  std::string text;
  for (size_t i = 0; i < std::min(names.size(), kNamed); ++i) {
    const std::string near = nearest(names[i], others);
    text += (i > 0 ? ", " : "") + names[i] + (near.empty() ? "" : " (near: " + near + ")");
  }
  return names.size() > kNamed ? fmt::format("{} and {} more", text, names.size() - kNamed) : text;
}

at::Tensor adapted(const at::Tensor& weight, int64_t channels) {
  const int64_t before = weight.size(1);
  if (channels == 1) return weight.sum(1, /*keepdim=*/true);
  const at::Tensor repeated = weight.repeat({1, (channels + before - 1) / before, 1, 1});
  return repeated.narrow(1, 0, channels) *
         (static_cast<double>(before) / static_cast<double>(channels));
}

// [1, prefix + side^2, D] -> [1, prefix + patches, D], or as it is where it cannot be one of a
// square.
at::Tensor positions_for(const at::Tensor& given, const model::Patches& patches, int64_t tokens) {
  const int64_t prefix = tokens - patches.count();
  const auto side =
      static_cast<int64_t>(std::lround(std::sqrt(static_cast<double>(given.size(1) - prefix))));
  if (prefix < 0 || side < 1 || side * side != given.size(1) - prefix) return given;
  const at::Tensor grid =
      given.slice(1, prefix).to(at::kFloat).view({1, side, side, -1}).permute({0, 3, 1, 2});
  const at::Tensor resampled =
      at::_upsample_bicubic2d_aa(grid, {patches.rows, patches.columns}, /*align_corners=*/false);
  log::info("weights", "positions of {} x {} patches are resampled to {} x {}", side, side,
            patches.rows, patches.columns);
  return at::cat(
      {given.slice(1, 0, prefix).to(at::kFloat), resampled.permute({0, 2, 3, 1}).flatten(1, 2)}, 1);
}

// Names that only one side has. A counter of batches, which old files lack, is missed by nobody.
void require_equal_names(const tensor::TensorMap& own, const tensor::TensorMap& given,
                         const std::set<std::string>& wanted, const std::string& path) {
  std::vector<std::string> missing, foreign, spare;
  for (const auto& [name, tensor] : given)
    if (!own.contains(name)) (is_of_a_head(name) ? spare : foreign).push_back(name);
  for (const std::string& name : wanted)
    if (!given.contains(name) && !name.ends_with("num_batches_tracked")) missing.push_back(name);
  check(missing.empty() && foreign.empty(), Kind::kUsage,
        "the weights of {} do not fit this backbone: {}{}{} (try: the model.name and options of "
        "section model that they were trained with)",
        path, missing.empty() ? "" : "they lack " + with_nearest(missing, foreign),
        missing.empty() || foreign.empty() ? "" : "; ",
        foreign.empty() ? "" : "they have " + with_nearest(foreign, missing));
  if (!spare.empty())
    log::info("weights", "left out, since they belong to a head: {}", fmt::join(spare, ", "));
}

}  // namespace

Fields WeightsOptions::fields() {
  return {{"weights",
           &weights,
           {.help = "weights that the backbone begins with: RUN, RUN@STEP, a .safetensors or .pth "
                    "file, or a folder of timm or Hugging Face; empty = they are drawn"}},
          {"weights_stages",
           &weights_stages,
           {.min = 0,
            .max = 1e6,
            .unit = "stages",
            .help = "how many of the first stages take model.weights, the others are drawn; 0 = "
                    "all"}},
          {"weights_lr_factor",
           &weights_lr_factor,
           {.min = 0,
            .max = 1000,
            .help = "learning rate of parameters from model.weights, relative to optim.lr"}},
          {"warmup_steps",
           &warmup_steps,
           {.min = 0,
            .max = 1e12,
            .unit = "steps",
            .help = "steps at the start in which parameters from model.weights rest, while what "
                    "was drawn learns; running statistics follow the data all the same"}}};
}

std::set<std::string> GivenWeights::give(model::Backbone& backbone, const image::ViewShape& input,
                                         int64_t stages) const {
  check(stages <= backbone.stage_count(), Kind::kUsage,
        "model.weights_stages is {}, the backbone has {} stages", stages, backbone.stage_count());
  if (stages == 0) stages = backbone.stage_count();
  const torch::NoGradGuard no_grad;
  const tensor::TensorMap own = state_of(backbone);
  std::set<std::string> wanted, parameters;
  for (const auto& [name, tensor] : own)
    if (model::stage_of(backbone, name) < stages) wanted.insert(name);
  require_equal_names(own, weights, wanted, parent.path);
  for (const std::string& name : wanted) {
    if (!weights.contains(name)) continue;
    at::Tensor from = weights.at(name);
    const at::Tensor to = own.at(name);
    const bool first = model::stage_of(backbone, name) == 0 && to.dim() == 4 && from.dim() == 4 &&
                       from.size(1) != to.size(1);
    if (first) {
      log::info("weights", "{} is adapted from {} input channels to {}", name, from.size(1),
                to.size(1));
      from = adapted(from.to(to.scalar_type()), to.size(1));
    }
    const auto patches = backbone.patches(input);
    if (patches && name == "pos_embed" && from.dim() == 3 && from.sizes() != to.sizes())
      from = positions_for(from, *patches, to.size(1));
    check(from.sizes() == to.sizes(), Kind::kUsage,
          "{} is {} in {}, and {} in this backbone (try: the options of section model that they "
          "were trained with{})",
          name, shape_text(from), parent.path, shape_text(to),
          name == "conv1.weight" ? ", as model.stem" : "");
    to.copy_(from);
  }
  for (const auto& item : backbone.named_parameters())
    if (wanted.contains(item.key())) parameters.insert(item.key());
  return parameters;
}

void compare_normalisation(const Parent& parent, const std::vector<double>& mean,
                           const std::vector<double>& std) {
  if (parent.mean.empty() || parent.mean.size() != mean.size() || parent.std.size() != std.size()) {
    log::info("weights", "what images {} was trained on were normalised by is not known here",
              parent.path);
    return;
  }
  const auto differ = [](double a, double b) { return std::abs(a - b) > kSameNormalisation; };
  if (std::ranges::equal(parent.mean, mean, std::not_fn(differ)) &&
      std::ranges::equal(parent.std, std, std::not_fn(differ)))
    return;
  log::warning("weights",
               "{} was trained on images normalised by mean [{}] and std [{}]; this run's are [{}] "
               "and [{}] (try: augment.mean=[{}] augment.std=[{}])",
               parent.path, fmt::join(parent.mean, ", "), fmt::join(parent.std, ", "),
               fmt::join(mean, ", "), fmt::join(std, ", "), fmt::join(parent.mean, ","),
               fmt::join(parent.std, ","));
}

}  // namespace espalier::engine
