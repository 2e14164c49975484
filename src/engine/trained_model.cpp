#include "engine/trained_model.h"

#include <torch/torch.h>

#include "core/cores.h"
#include "image/encoded.h"
#include "tensor/convert.h"

namespace espalier::engine {

TrainedModel TrainedModel::of(const BackboneFile& file, const std::string& path) {
  TrainedModel model{.path = path,
                     .backbone = file.make(),
                     .last_cut = static_cast<int64_t>(file.stages.size()),
                     .head = {},
                     .scores = {},
                     .input = file.input,
                     .step = file.steps,
                     .data_hash = file.data_hash,
                     .init = file.model.init};
  load_state(*model.backbone, file.weights, path);
  model.backbone->eval();
  model.augment.evaluate = file.evaluate;
  model.augment.mean = file.mean;
  model.augment.std = file.std;
  return model;
}

void TrainedModel::require_classes() const {
  check(scores != nullptr, Kind::kUsage,
        "{} does not predict classes: it was trained without labels (try: espalier fit CONFIG.yaml "
        "--backbone {} --out DIR, which trains a classifier on it, and then DIR)",
        path, path);
}

augment::Pipeline TrainedModel::evaluation() const {
  return augment::Pipeline::parse(augment.evaluate, "--evaluate");
}

at::Tensor TrainedModel::input_of(const image::Image& image, const std::string& name) const {
  const augment::Pipeline pipeline = evaluation();
  const image::SlabFormat format{.shape = input};
  const image::Encoded encoded{.shape = {image.channels, image.height, image.width},
                               .bytes = image.pixels};
  augment::require_fit(pipeline, encoded.shape, input, name);
  image::Slab slab{.format = format};
  slab.bytes.resize(static_cast<size_t>(format.bytes()));
  std::byte* const into[] = {slab.bytes.data()};
  augment.transform({pipeline}, {format})(encoded, {}, into);
  return tensor::to_tensor(slab, 0, 1, at::kFloat, c10::kCPU);
}

Pass TrainedModel::pass(const data::Dataset& set) const {
  return {.dataset = set,
          .augment = augment,
          .shape = input,
          .type = at::kFloat,
          .device = c10::kCPU,
          .threads = core_share().cores,
          .pipeline = evaluation()};
}

at::Tensor TrainedModel::probabilities(const std::vector<at::Tensor>& inputs) const {
  const torch::NoGradGuard no_grad;
  return scores(torch::cat(inputs)).to(torch::kDouble).softmax(1).cpu().contiguous();
}

at::Tensor TrainedModel::features(const at::Tensor& x, int64_t cut) const {
  const torch::NoGradGuard no_grad;
  return backbone->pooled(backbone->forward({x}, 0, cut).values)
      .to(torch::kFloat)
      .cpu()
      .contiguous();
}

at::Tensor TrainedModel::features(const data::Dataset& set, const data::Selection& selection,
                                  int64_t cut, const std::function<void(int64_t)>& progress) const {
  std::vector<at::Tensor> parts;
  pass(set).over(selection, [&](const at::Tensor& x, int64_t first) {
    parts.push_back(features(x, cut));
    progress(first + x.size(0));
  });
  return torch::cat(parts);
}

}  // namespace espalier::engine
