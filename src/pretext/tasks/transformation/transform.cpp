// Which of several changes was made to the image? The idea of rotation prediction, with changes of
// choice: each op of `ops` is made to the view in one of K ways, drawn by (seed, epoch, sample),
// and a linear classifier of its own on the pooled features says in which.
//
//   flip           left and right as they are, or swapped                                  K = 2
//   quarter_turn   0, 90, 180 or 270 degrees counter-clockwise; square views               K = 4
//   grey           colour, or the mean of the channels; several channels                   K = 2
//   blur           sharp, or a Gaussian of `sigma`                                         K = 2
//   solarize       as it is, or values above the mean mirrored at it: -|x|                 K = 2
//   channel_order  every order of 2, 3 or 4 channels, the given one first         K = 2, 6 or 24
//   zoom           the middle 0.9, 0.7 or 0.5 of each side, bilinearly enlarged            K = 3
//
// Ops are made in the order listed, on normalised values. The loss of a sample is the mean cross
// entropy of its classifiers. What augment.views does at random hides the same change: flip is
// unknowable after flip(p=0.5). The upright image is one of the versions but for zoom, where it
// alone would not be interpolated.
#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "pretext/task.h"
#include "tensor/convert.h"

namespace espalier::pretext {
namespace {

enum class Change { kFlip, kQuarterTurn, kGrey, kBlur, kSolarize, kChannelOrder, kZoom };
constexpr auto names_of(Change) {
  using enum Change;
  return names<Change>({{kFlip, "flip"},
                        {kQuarterTurn, "quarter_turn"},
                        {kGrey, "grey"},
                        {kBlur, "blur"},
                        {kSolarize, "solarize"},
                        {kChannelOrder, "channel_order"},
                        {kZoom, "zoom"}});
}

constexpr double kZooms[] = {0.9, 0.7, 0.5};

int64_t ways(Change op, int64_t channels) {
  if (op == Change::kQuarterTurn) return 4;
  if (op == Change::kZoom) return std::size(kZooms);
  if (op == Change::kChannelOrder) return channels == 2 ? 2 : channels == 3 ? 6 : 24;
  return 2;
}

torch::Tensor zoomed(const torch::Tensor& x, double share) {
  const torch::Tensor theta = torch::tensor({share, 0.0, 0.0, 0.0, share, 0.0}, torch::kDouble);
  const torch::Tensor grid = at::affine_grid_generator(
      theta.view({1, 2, 3}), {1, 1, x.size(2), x.size(3)}, /*align_corners=*/false);
  return at::grid_sampler(x, tensor::to_like(grid, x).expand({x.size(0), -1, -1, -1}),
                          /*bilinear*/ 0, /*border*/ 1, /*align_corners=*/false);
}

torch::Tensor blurred(const torch::Tensor& x, double sigma) {
  const auto radius = static_cast<int64_t>(std::ceil(3 * sigma));
  std::vector<double> weights;
  for (int64_t i = -radius; i <= radius; ++i)
    weights.push_back(std::exp(-0.5 * static_cast<double>(i * i) / (sigma * sigma)));
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  torch::Tensor blurred = x;
  for (const int64_t dim : {2, 3}) {
    const torch::Tensor edge =
        at::replication_pad2d(blurred, dim == 3 ? std::vector<int64_t>{radius, radius, 0, 0}
                                                : std::vector<int64_t>{0, 0, radius, radius});
    blurred = torch::zeros_like(x);
    for (int64_t i = 0; i < 2 * radius + 1; ++i)
      blurred =
          blurred + edge.narrow(dim, i, x.size(dim)) * (weights[static_cast<size_t>(i)] / sum);
  }
  return blurred;
}

std::vector<torch::Tensor> channel_orders(const torch::Tensor& x) {
  std::vector<int64_t> order(static_cast<size_t>(x.size(1)));
  std::iota(order.begin(), order.end(), 0);
  std::vector<torch::Tensor> all;
  do all.push_back(x.index_select(1, tensor::to_tensor(order, x.device())));
  while (std::ranges::next_permutation(order).found);
  return all;
}

class Transform : public Task {
 public:
  About about() const override {
    return {.family = Family::kTransformation,
            .loss = "mean cross entropy of the changes that were made, one classifier for each",
            .differs = "rotation prediction with changes of choice"};
  }

  Fields fields() override {
    return {{"ops", &ops_, {.help = "the changes that are made and asked for"}},
            {"sigma",
             &sigma_,
             {.min = 0.1, .max = 100, .unit = "px", .help = "deviation of the blur's Gaussian"}}};
  }

  void build(const Site& site) override {
    check(!ops_.empty(), Kind::kUsage, "task.ops is empty (try: [quarter_turn, zoom])");
    const image::ViewShape& input = site.input();
    for (const Change op : ops_) {
      check(std::ranges::count(ops_, op) == 1, Kind::kUsage, "task.ops names {} twice", op);
      require_possible(op, input);
      heads_.push_back(
          register_module(name_of(op), torch::nn::Linear(site.width(), ways(op, input.channels))));
    }
  }

  LaneOutput run(model::Backbone& backbone, const LaneInput& input) override {
    torch::Tensor x = input.views[0];
    const int64_t n = x.size(0);
    std::vector<torch::Tensor> answers;
    for (const Change op : ops_) {
      std::vector<int64_t> drawn;
      for (int64_t i = 0; i < n; ++i)
        drawn.push_back(input.draw("transform." + name_of(op), i).below(ways(op, x.size(1))));
      answers.push_back(tensor::to_tensor(drawn, x.device()));
      x = torch::stack(versions(op, x))
              .index({answers.back(), torch::arange(n, answers.back().options())});
    }
    const torch::Tensor features = backbone.represent(input.features(x));
    LaneOutput output;
    for (size_t i = 0; i < ops_.size(); ++i) {
      const torch::Tensor logits = heads_[i]->forward(features);
      const torch::Tensor losses =
          torch::cross_entropy_loss(logits, answers[i], {}, at::Reduction::None) /
          static_cast<double>(ops_.size());
      output.losses = output.losses.defined() ? output.losses + losses : losses;
      output.metrics.emplace_back(
          name_of(ops_[i]) + "_accuracy",
          logits.detach().argmax(1).eq(answers[i]).to(losses.scalar_type()));
    }
    return output;
  }

 private:
  void require_possible(Change op, const image::ViewShape& input) const {
    const int64_t channels = input.channels;
    check(op != Change::kQuarterTurn || input.height == input.width, Kind::kUsage,
          "task.ops has quarter_turn, which takes square views, these are {} x {} (try: "
          "augment.views: [\"padded_crop(size=32)\"])",
          input.height, input.width);
    const bool colours = op == Change::kGrey || op == Change::kChannelOrder;
    check(!colours || channels > 1, Kind::kUsage,
          "task.ops has {}, and images of one channel have no colour (try: task.ops without it)",
          op);
    check(op != Change::kChannelOrder || channels <= 4, Kind::kUsage,
          "task.ops has channel_order, which takes images of 2 to 4 channels, these have {}",
          channels);
    check(
        op != Change::kGrey || std::ranges::count(ops_, Change::kChannelOrder) == 0, Kind::kUsage,
        "task.ops has grey and channel_order, and a grey image shows no order (try: one of them)");
  }

  std::vector<torch::Tensor> versions(Change op, const torch::Tensor& x) const {
    std::vector<torch::Tensor> all;
    switch (op) {
      case Change::kFlip:
        return {x, x.flip(3)};
      case Change::kQuarterTurn:
        for (int64_t turn = 0; turn < 4; ++turn) all.push_back(torch::rot90(x, turn, {2, 3}));
        return all;
      case Change::kGrey:
        return {x, x.mean(1, /*keepdim=*/true).expand_as(x)};
      case Change::kBlur:
        return {x, blurred(x, sigma_)};
      case Change::kSolarize:
        return {x, -x.abs()};
      case Change::kChannelOrder:
        return channel_orders(x);
      case Change::kZoom:
        for (const double share : kZooms) all.push_back(zoomed(x, share));
        return all;
    }
    throw Error(Kind::kBug, "an op without versions");
  }

  std::vector<Change> ops_ = {Change::kQuarterTurn, Change::kZoom, Change::kBlur,
                              Change::kSolarize};
  double sigma_ = 1;
  std::vector<torch::nn::Linear> heads_;
};

ESPALIER_REGISTER(Task, Transform, "transform",
                  "transformation prediction: which of several changes were made to the image?");

}  // namespace
}  // namespace espalier::pretext
