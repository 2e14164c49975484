// Relative patch location (Doersch, Gupta & Efros, "Unsupervised visual representation learning by
// context prediction", ICCV 2015, section 3): two patches of an image, where does the second lie of
// the first? Eight answers, row by row: 0 is the upper left neighbour, 7 the lower right.
//
// The first patch is drawn where all eight neighbours fit, whatever the answer, so its content
// tells nothing of it. Between patches is a gap, and each is moved by up to `jitter` either way, so
// that lines do not go on from one to the other. Patches are resized to `size` and go through the
// backbone as images of one batch, [2n, C, size, size]; the pooled features of both, side by side,
// go through a linear layer, ReLU and a linear layer to eight scores. All is drawn by (seed, epoch,
// sample).
//
// Chromatic aberration tells where in the image a patch lies (section 3.1). `colour`:
//   drop     one channel of each patch is kept, the others become 0, the mean of normalised data.
//            In the paper they become noise of a hundredth of the kept channel's deviation.
//   project  the part of each colour along green - magenta is removed: x - a (a.x) / (a.a), a =
//            (-1, 2, -1). The paper projects pixels, here they are normalised.
//   keep     nothing is done
//   auto     drop where there are several channels
// Differences besides: lengths are shares of the view, the paper's 96, 48 and 7 pixels in shares of
// each other; no patch is made coarser.
#include <torch/torch.h>

#include <cmath>

#include "pretext/blocks/tiles.h"
#include "pretext/task.h"
#include "tensor/convert.h"

namespace espalier::pretext {
namespace {

enum class Colour { kAuto, kDrop, kProject, kKeep };
constexpr auto names_of(Colour) {
  using enum Colour;
  return names<Colour>({{kAuto, "auto"}, {kDrop, "drop"}, {kProject, "project"}, {kKeep, "keep"}});
}

constexpr int64_t kNeighbours = 8;

class RelativePatch : public Task {
 public:
  About about() const override {
    return {.family = Family::kTransformation,
            .paper = "Doersch et al. 2015",
            .loss = "cross entropy of the 8 places of a neighbour",
            .needs = "square views; 2 passes of patches",
            .differs =
                "dropped channels become 0 instead of noise; lengths are shares of the view; no "
                "patch is made coarser"};
  }

  Fields fields() override {
    return {{"patch",
             &patch_,
             {.min = 0.01, .max = 0.33, .unit = "of the view", .help = "side of a patch"}},
            {"gap",
             &gap_,
             {.min = 0, .max = 10, .unit = "of a patch", .help = "space between two patches"}},
            {"jitter",
             &jitter_,
             {.min = 0,
              .max = 1,
              .unit = "of a patch",
              .help = "largest distance, along each axis, by which a patch is moved"}},
            {"colour",
             &colour_,
             {.help = "what is done against chromatic aberration; drop: one channel is kept; "
                      "project: green - magenta is removed; auto: drop where there are channels"}},
            input_.field(),
            {"hidden",
             &hidden_,
             {.min = 1,
              .max = 65536,
              .unit = "units",
              .help = "width of the layer that sees the features of both patches"}}};
  }

  void build(const Site& site) override {
    const int64_t channels = site.input().channels;
    if (colour_ == Colour::kAuto) colour_ = channels > 1 ? Colour::kDrop : Colour::kKeep;
    check(colour_ != Colour::kDrop || channels > 1, Kind::kUsage,
          "task.colour is drop, and images of one channel have no colour (try: task.colour=keep)");
    check(colour_ != Colour::kProject || channels == 3, Kind::kUsage,
          "task.colour is project, which takes images of 3 channels, these have {} (try: "
          "task.colour=auto)",
          channels);
    input_.build(site, "relative_patch");
    view_ = site.input().height;
    const auto share = [](double of, int64_t length) {
      return std::lround(of * static_cast<double>(length));
    };
    side_ = std::max<int64_t>(2, share(patch_, view_));
    space_ = share(gap_, side_);
    shift_ = share(jitter_, side_);
    check(needed() <= view_, Kind::kUsage,
          "relative_patch: three patches of {} pixels, two gaps of {} and jitter of {} do not fit "
          "into views of {} (try: larger views, or a smaller task.patch or task.gap)",
          side_, space_, shift_, view_);
    head_ = register_module(
        "head", torch::nn::Sequential(torch::nn::Linear(2 * input_.width(), hidden_),
                                      torch::nn::ReLU(), torch::nn::Linear(hidden_, kNeighbours)));
  }

  LaneOutput run(model::Backbone& backbone, const LaneInput& input) override {
    const torch::Tensor& x = input.views[0];
    const int64_t n = x.size(0);
    std::vector<int64_t> drawn, kept;
    std::vector<Corner> corners;
    for (int64_t i = 0; i < n; ++i) {
      Draw draw = input.draw("relative_patch", i);
      drawn.push_back(draw.below(kNeighbours));
      add_places(drawn.back(), draw, corners);
      for (int patch = 0; patch < 2; ++patch) kept.push_back(draw.below(x.size(1)));
    }
    const torch::Tensor patches = coloured(cut_tiles(x, corners, side_), kept);
    const torch::Tensor features =
        backbone.represent(input.features(resized_tiles(patches, input_.side())));
    const torch::Tensor logits = head_->forward(features.reshape({n, -1}));
    const torch::Tensor answer = tensor::to_tensor(drawn, x.device());
    const torch::Tensor losses = torch::cross_entropy_loss(logits, answer, {}, at::Reduction::None);
    const torch::Tensor right = logits.detach().argmax(1).eq(answer).to(losses.scalar_type());
    return {.losses = losses, .metrics = {{"accuracy", right}}};
  }

 private:
  // Pixels along a side that nine patches take.
  int64_t needed() const { return 3 * side_ + 2 * space_ + 2 * shift_; }

  void add_places(int64_t answer, Draw& draw, std::vector<Corner>& corners) const {
    const int64_t step = side_ + space_, first = shift_ + step;
    const Corner centre = {first + draw.below(view_ - needed() + 1),
                           first + draw.below(view_ - needed() + 1)};
    const int64_t cell = answer < 4 ? answer : answer + 1;  // of nine
    const auto moved = [&](int64_t down, int64_t right) {
      const int64_t top = draw.below(2 * shift_ + 1) - shift_;
      const int64_t left = draw.below(2 * shift_ + 1) - shift_;
      return Corner{centre.top + down * step + top, centre.left + right * step + left};
    };
    corners.push_back(moved(0, 0));
    corners.push_back(moved(cell / 3 - 1, cell % 3 - 1));
  }

  torch::Tensor coloured(const torch::Tensor& patches, const std::vector<int64_t>& kept) const {
    if (colour_ == Colour::kKeep) return patches;
    const auto channels = torch::arange(patches.size(1), at::TensorOptions(patches.device()));
    if (colour_ == Colour::kDrop) {
      const torch::Tensor own = tensor::to_tensor(kept, patches.device()).view({-1, 1});
      return patches * channels.eq(own).view({-1, patches.size(1), 1, 1}).to(patches.dtype());
    }
    const torch::Tensor axis =
        torch::tensor({-1.0, 2.0, -1.0}, patches.options()).view({1, 3, 1, 1});
    return patches - axis * ((patches * axis).sum(1, true) / 6);
  }

  double patch_ = 0.2, gap_ = 0.5, jitter_ = 0.073;
  Colour colour_ = Colour::kAuto;
  TileInput input_;
  int64_t hidden_ = 512;
  int64_t view_ = 0, side_ = 0, space_ = 0, shift_ = 0;  // in pixels
  torch::nn::Sequential head_{nullptr};
};

ESPALIER_REGISTER(Task, RelativePatch, "relative_patch",
                  "transformation prediction: where does one patch lie of another?");

}  // namespace
}  // namespace espalier::pretext
