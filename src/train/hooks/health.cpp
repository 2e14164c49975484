// Are the features collapsed? Numbers of the pooled features of some images of the training set,
// without labels; formulas, papers and bounds are in tensor/feature_statistics.h.
//
//   health_feature_std      0 = all images alike; beside it health_feature_std_isotropic, 1/sqrt(D)
//   health_rank_me          RankMe; beside it health_rank_bound, min(N, D), which it cannot pass
//   health_effective_rank   of the covariance, at most min(N - 1, D)
//   health_lidar            LiDAR over `views` views of each image, at most min(N - 1, D)
//   health_alignment        of two views of an image: 0 = they agree
//   health_uniformity       0 = all images alike, near -4 = spread evenly
//
// Images and views are drawn once for a run, by its seed: all measurements look at the same pixels.
// Views are draws of the pipeline of the task's first view; all other numbers are of the evaluation
// pipeline. Features of the backbone, not of a projector: what a transfer takes.
//
// Cost each time: every image 1 + views times through the network, spread over the ranks; then, on
// rank 0, singular values of N x D three times and eigenvectors of D x D once.
#include <torch/torch.h>

#include <array>
#include <cmath>

#include "comm/agree.h"
#include "core/log.h"
#include "core/random.h"
#include "engine/features.h"
#include "tensor/feature_statistics.h"
#include "train/training_view.h"

namespace espalier::train {
namespace {

class Health : public Hook {
 public:
  Fields fields() override {
    return {
        {"images",
         &image_count_,
         {.min = 2,
          .max = 1e6,
          .unit = "images",
          .help = "images of the training set to look at, at most; each goes 1 + health.views "
                  "times through the network, and fewer than the features' width bound the ranks"}},
        {"views", &view_count_, {.min = 2, .max = 100, .help = "augmented views of each image"}},
        {"least_std",
         &least_std_,
         {.min = 0,
          .max = 1,
          .unit = "of isotropic",
          .help = "warn of a collapse where the standard deviation of the features is below this "
                  "share of what it is where they point everywhere alike, and below that of the "
                  "start; 0 = never"}},
        {"least_rank",
         &least_rank_,
         {.min = 0,
          .max = 1,
          .unit = "of the start",
          .help = "warn of a dimensional collapse where RankMe is below this share of what it was "
                  "before the first step; 0 = never"}}};
  }

  void check(const TrainingView& view) override {
    pipeline_ = view.config.augment.pipelines(view.config.view_count()).front();
    samples_ =
        data::draw_some(view.training.empty() ? data::all(view.dataset.size()) : view.training,
                        image_count_, "health.images", static_cast<uint64_t>(view.config.seed));
    espalier::check(samples_.size() >= 2, Kind::kUsage,
                    "hook health compares images, and there is {} to train on", samples_.size());
    log::info("health", "looks at {} images of data.shards ({}) and {} views of each",
              samples_.size(), view.config.data.shards, view_count_);
  }

  Scalars measure(TrainingView& view) override {
    const engine::EvaluationMode mode(view.network);
    const torch::NoGradGuard no_graph;
    model::Backbone& backbone = *view.network.backbone;
    engine::Pass pass{view.dataset, view.config.augment, view.input,
                      backbone.parameters()[0].scalar_type(), view.device};
    const at::Tensor features = engine::gather_features(backbone, pass, samples_, view.control);
    pass.pipeline = pipeline_;
    std::vector<at::Tensor> views;
    for (int64_t v = 0; v < view_count_; ++v) {
      pass.seed =
          Draw(static_cast<uint64_t>(view.config.seed), "health.views", {static_cast<uint64_t>(v)})
              .u64();
      views.push_back(engine::gather_features(backbone, pass, samples_, view.control));
    }
    std::vector<double> values(kNames.size());
    comm::on_rank_zero(view.control, [&] { values = statistics(features, torch::stack(views)); });
    view.control
        .broadcast(values.data(), static_cast<int64_t>(values.size()), comm::DataType::f64, 0)
        .wait();
    Scalars scalars;
    for (size_t i = 0; i < kNames.size(); ++i) scalars.emplace_back(kNames[i], values[i]);
    warn(view, values[0], values[1], values[2]);
    return scalars;
  }

 private:
  static constexpr std::array kNames = {"health_feature_std",    "health_feature_std_isotropic",
                                        "health_rank_me",        "health_rank_bound",
                                        "health_effective_rank", "health_lidar",
                                        "health_alignment",      "health_uniformity"};

  // In the order of kNames.
  static std::vector<double> statistics(const at::Tensor& features, const at::Tensor& views) {
    const int64_t images = features.size(0), width = features.size(1);
    return {tensor::feature_deviation(features),
            tensor::isotropic_deviation(width),
            tensor::rank_me(features),
            static_cast<double>(tensor::rank_bound(images, width)),
            tensor::effective_rank(features),
            tensor::lidar(views),
            tensor::alignment(views.slice(0, 0, 2)),
            tensor::uniformity(features)};
  }

  // Not of the network that the run begins with: features of random weights lie close together
  // (measured: 0.14 of isotropic after three layers, less after more).
  void warn(TrainingView& view, double deviation, double isotropic, double rank) const {
    if (view.step == 0) return;
    if (std::isnan(rank))
      view.history.warn("features_not_finite",
                        fmt::format("after step {} features are not finite (try: a lower "
                                    "optim.lr, or optim.clip_norm)",
                                    view.step));
    const double before = view.history.at_start("health_feature_std").value_or(isotropic);
    if (deviation < least_std_ * isotropic && deviation < before)
      view.history.warn(
          "collapse",
          fmt::format("after step {} the features of all images point one way: their standard "
                      "deviation is {:.2g}, 0 is a collapse, and {:.2g} is isotropic (try: a lower "
                      "optim.lr, a longer warm-up, batch normalisation in the projector, and for "
                      "tasks with a teacher its momentum, centre and temperature)",
                      view.step, deviation, isotropic));
    const auto start = view.history.at_start("health_rank_me");
    if (start && rank < least_rank_ * *start)
      view.history.warn(
          "dimensional_collapse",
          fmt::format("after step {} RankMe is {:.1f}, and was {:.1f} before the first step: the "
                      "features use few dimensions (try: a lower optim.lr, weaker "
                      "optim.weight_decay, a larger batch, or stronger augmentation)",
                      view.step, rank, *start));
  }

  int64_t image_count_ = 1024, view_count_ = 4;
  double least_std_ = 0.05, least_rank_ = 0.25;
  augment::Pipeline pipeline_;
  data::Selection samples_;
};

ESPALIER_REGISTER(Hook, Health, "health",
                  "collapse, rank, alignment and uniformity of the features, without labels, "
                  "before the first step and after every epoch");

}  // namespace
}  // namespace espalier::train
