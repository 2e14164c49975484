// Rotation prediction (Gidaris, Singh & Komodakis, "Unsupervised representation learning by
// predicting image rotations", ICLR 2018, eq. 2-3): an image is rotated, the network says by which
// angle.
//
// Views [n, C, S, S] -> backbone on [K n, C, S, S] -> pooled features -> linear classifier, K
// classes, counter-clockwise from 0. By default all K versions stand in one batch, as in the
// authors' code, and the loss of a sample is the mean cross entropy of its versions, its accuracy
// likewise. With shown=drawn a sample enters once, at an angle drawn by (seed, epoch, sample).
//
//   4 angles  quarter turns, which move pixels and change none
//   2 angles  0 and 180 degrees
//   8 angles  multiples of 45 degrees. Here every version, the upright one too, shows the largest
//             square that an image turned by 45 degrees still fills, side S / sqrt(2), bilinearly
//             enlarged to S x S. So no version has a border, and all are interpolated by the same
//             enlargement; the paper does not say what fills its corners.
#include <torch/torch.h>

#include <cmath>
#include <numbers>

#include "pretext/task.h"
#include "tensor/convert.h"

namespace espalier::pretext {
namespace {

enum class Angles { kTwo, kFour, kEight };
constexpr auto names_of(Angles) {
  using enum Angles;
  return names<Angles>({{kTwo, "2"}, {kFour, "4"}, {kEight, "8"}});
}

enum class Shown { kAll, kDrawn };
constexpr auto names_of(Shown) {
  using enum Shown;
  return names<Shown>({{kAll, "all"}, {kDrawn, "drawn"}});
}

// The square in the middle that is filled at any angle, turned by `degrees`.
torch::Tensor inner_square(const torch::Tensor& x, double degrees) {
  const double angle = degrees / 180 * std::numbers::pi, zoom = std::sqrt(0.5);
  const double c = zoom * std::cos(angle), s = zoom * std::sin(angle);
  const torch::Tensor theta = torch::tensor({c, -s, 0.0, s, c, 0.0}, torch::kDouble);
  const torch::Tensor grid = at::affine_grid_generator(
      theta.view({1, 2, 3}), {1, 1, x.size(2), x.size(3)}, /*align_corners=*/false);
  return at::grid_sampler(x, tensor::to_like(grid, x).expand({x.size(0), -1, -1, -1}),
                          /*bilinear*/ 0, /*border*/ 1, /*align_corners=*/false);
}

class Rotation : public Task {
 public:
  About about() const override {
    return {.family = Family::kTransformation,
            .paper = "Gidaris et al. 2018",
            .loss = "cross entropy of the angle",
            .needs = "square views; 4 passes, 1 with shown: drawn",
            .differs = "of 8 angles the inner square alone is shown, so that no corner is empty"};
  }

  Fields fields() override {
    return {{"angles",
             &angles_,
             {.help = "how many angles there are; 2: 0 and 180 degrees, 4: quarter turns, 8: "
                      "multiples of 45 degrees, of the middle of the image"}},
            {"shown",
             &shown_,
             {.help = "all: each image enters at every angle; drawn: once, at an angle drawn for "
                      "each sample"}}};
  }

  void build(const Site& site) override {
    const image::ViewShape& input = site.input();
    check(input.height == input.width, Kind::kUsage,
          "rotation takes square views, these are {} x {} (try: augment.views: "
          "[\"padded_crop(size=32)\"])",
          input.height, input.width);
    classifier_ = register_module("classifier", torch::nn::Linear(site.width(), count()));
  }

  LaneOutput run(model::Backbone& backbone, const LaneInput& input) override {
    const torch::Tensor& x = input.views[0];
    const int64_t n = x.size(0);
    const std::vector<torch::Tensor> turned = versions(x);
    torch::Tensor answer, images;
    if (shown_ == Shown::kAll) {
      answer = torch::arange(count(), x.options().dtype(torch::kLong)).repeat_interleave(n);
      images = torch::cat(turned);
    } else {
      std::vector<int64_t> drawn;
      for (int64_t i = 0; i < n; ++i) drawn.push_back(input.draw("rotation", i).below(count()));
      answer = tensor::to_tensor(drawn, x.device());
      images = torch::stack(turned).index({answer, torch::arange(n, answer.options())});
    }
    const torch::Tensor logits = classifier_->forward(backbone.represent(input.features(images)));
    const torch::Tensor losses = torch::cross_entropy_loss(logits, answer, {}, at::Reduction::None);
    const torch::Tensor right = logits.detach().argmax(1).eq(answer).to(losses.scalar_type());
    return {.losses = losses.view({-1, n}).mean(0),
            .metrics = {{"accuracy", right.view({-1, n}).mean(0)}}};
  }

  std::optional<double> expected_loss(int64_t) const override { return std::log(count()); }

 private:
  int64_t count() const { return angles_ == Angles::kTwo ? 2 : angles_ == Angles::kFour ? 4 : 8; }

  std::vector<torch::Tensor> versions(const torch::Tensor& x) const {
    if (angles_ == Angles::kTwo) return {x, torch::rot90(x, 2, {2, 3})};
    std::vector<torch::Tensor> turned;
    std::vector<torch::Tensor> starts = {x};
    if (angles_ == Angles::kEight) starts = {inner_square(x, 0), inner_square(x, 45)};
    for (int64_t turn = 0; turn < 4; ++turn)
      for (const torch::Tensor& start : starts) turned.push_back(torch::rot90(start, turn, {2, 3}));
    return turned;
  }

  Angles angles_ = Angles::kFour;
  Shown shown_ = Shown::kAll;
  torch::nn::Linear classifier_{nullptr};
};

ESPALIER_REGISTER(Task, Rotation, "rotation",
                  "transformation prediction: by which angle was the image rotated?");

}  // namespace
}  // namespace espalier::pretext
