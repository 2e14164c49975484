// Vision transformers (Dosovitskiy et al., "An image is worth 16x16 words", ICLR 2021, section 3.1)
// of the sizes of DeiT (Touvron et al. 2021, table 1), with timm's parameter names.
//
// Image [N, C, H, W] -> patches [N, P, D], row by row; pixels at the right and bottom that make no
// whole patch are not seen. A patch in `masked` becomes the mask token; positions are added; of
// `kept`, only those patches go on. Before them come the class token and the registers (Darcet et
// al., "Vision transformers need registers", ICLR 2024): [N, prefix + K, D]. With registers only
// patches have a position, as in timm's models that have any; else the class token has one too.
//
// The embedding is a stage, and so is each quarter of the blocks; the last ends in the final norm.
// An image is described by the class token, or by the mean over patches where there is none.
//
// Positions are learnt for the size that the backbone is built for. For another one they are
// resampled (bicubic, with antialiasing: timm's `resample_abs_pos_embed`).
//
// Drop path grows linearly over the blocks, from 0 to `drop_path`. Differences to timm: the
// convolution of the patches and the class token are drawn like every other weight.
#include <torch/torch.h>

#include "model/backbone.h"
#include "model/transformer_block.h"

namespace espalier::model {
namespace {

constexpr int64_t kHeadWidth = 64, kQuarters = 4;

// [to, from]: resamples a row of positions. As a matrix, since the gradient of a matrix product is
// summed in one order on any device, and that of LibTorch's resampling is not.
torch::Tensor resampling(int64_t from, int64_t to, const torch::TensorOptions& options) {
  const torch::NoGradGuard no_grad;
  return at::_upsample_bicubic2d_aa(torch::eye(from, options).view({1, 1, from, from}), {to, from},
                                    /*align_corners=*/false)
      .view({to, from});
}

class Vit : public Backbone {
 public:
  explicit Vit(int64_t width) : width_(width) {}

  Fields fields() override {
    return {
        {"patch", &patch_, {.min = 1, .max = 4096, .unit = "px", .help = "side of a patch"}},
        {"width",
         &width_,
         {.min = 4,
          .max = 65536,
          .unit = "channels",
          .help = "width of a token; there is an attention head for every 64 channels"}},
        {"depth", &depth_, {.min = 1, .max = 1000, .unit = "blocks", .help = "number of blocks"}},
        {"class_token",
         &class_token_,
         {.help = "describe an image by a token of its own; without it, by the mean over its "
                  "patches"}},
        {"registers",
         &registers_,
         {.min = 0,
          .max = 4096,
          .unit = "tokens",
          .help = "additional tokens in which the network may keep what belongs to no patch"}},
        {"drop_path",
         &drop_path_,
         {.min = 0,
          .max = 0.99,
          .help = "probability that a sample skips a branch of the last block in training; it "
                  "grows linearly from 0 at the first block (stochastic depth)"}},
        {"layer_scale",
         &layer_scale_,
         {.min = 0,
          .max = 1,
          .help = "first value of the learnt factors of each branch; 0 = no such factors"}}};
  }

  Norm own_norm() const override { return Norm::kNone; }
  tensor::InitScheme own_init() const override { return tensor::InitScheme::kTruncatedNormal; }

  void build(const image::ViewShape& input, Norm norm) override {
    check(norm == Norm::kNone, Kind::kUsage,
          "model.norm is {}, and vision transformers have layer normalisation alone (try: "
          "model.norm=auto)",
          norm);
    check(std::min(input.height, input.width) >= patch_, Kind::kUsage,
          "images of {} x {} pixels hold no patch of {} x {} (try: a smaller model.patch)",
          input.height, input.width, patch_, patch_);
    check(width_ < kHeadWidth || width_ % kHeadWidth == 0, Kind::kUsage,
          "model.width is {}, which heads of {} channels do not divide (try: model.width={})",
          width_, kHeadWidth, width_ / kHeadWidth * kHeadWidth);
    rows_ = input.height / patch_;
    columns_ = input.width / patch_;
    const auto token = [&](const char* name, int64_t count) {
      return register_parameter(name, torch::empty({1, count, width_}));
    };
    if (class_token_) class_token_value_ = token("cls_token", 1);
    if (registers_ > 0) register_values_ = token("reg_token", registers_);
    class_has_position_ = class_token_ && registers_ == 0;
    positions_ = token("pos_embed", rows_ * columns_ + class_has_position_);
    const auto patches = register_module("patch_embed", std::make_shared<torch::nn::Module>());
    projection_ = patches->register_module(
        "proj",
        torch::nn::Conv2d(torch::nn::Conv2dOptions(input.channels, width_, patch_).stride(patch_)));
    const auto list = register_module("blocks", torch::nn::ModuleList());
    for (int64_t i = 0; i < depth_; ++i) {
      blocks_.push_back(std::make_shared<TransformerBlock>(
          BlockOptions{width_, std::max<int64_t>(1, width_ / kHeadWidth), layer_scale_}));
      list->push_back(blocks_.back());
    }
    norm_ = register_module("norm", layer_norm(width_));
  }

  void weights_drawn() override {
    for (const auto& block : blocks_) block->start_layer_scale();
  }

  std::optional<Patches> patches(const image::ViewShape& input) const override {
    return Patches{patch_, input.height / patch_, input.width / patch_, width_};
  }
  int64_t prefix_tokens() const override { return class_token_ + registers_; }

  at::Tensor pooled(const at::Tensor& values) const override {
    return class_token_ && values.dim() == 3 ? values.select(1, 0) : Backbone::pooled(values);
  }

  std::vector<std::string> stages() const override {
    std::vector<std::string> names = {"embed"};
    for (int64_t stage = 1; stage <= quarters(); ++stage)
      names.push_back("block" + std::to_string(first_block(stage + 1)));
    return names;
  }

  std::vector<std::string> stage_modules(int64_t stage) const override {
    std::vector<std::string> names;
    if (stage == 0) {
      if (class_token_) names.push_back("cls_token");
      if (registers_ > 0) names.push_back("reg_token");
      names.insert(names.end(), {"pos_embed", "patch_embed"});
      return names;
    }
    for (int64_t i = first_block(stage); i < first_block(stage + 1); ++i)
      names.push_back("blocks." + std::to_string(i));
    if (stage == quarters()) names.push_back("norm");
    return names;
  }

 protected:
  torch::Tensor forward_stage(int64_t stage, const Features& x) override {
    if (stage == 0) return embed(x);
    torch::Tensor tokens = x.values;
    for (int64_t i = first_block(stage); i < first_block(stage + 1); ++i)
      tokens = blocks_[i]->forward(tokens, drop_path(i, x.drop_key));
    return stage == quarters() ? norm_->forward(tokens) : tokens;
  }

 private:
  int64_t quarters() const { return std::min(depth_, kQuarters); }
  // Of `stage`, which is at least 1.
  int64_t first_block(int64_t stage) const { return (stage - 1) * depth_ / quarters(); }

  std::optional<DropPath> drop_path(int64_t block, std::optional<uint64_t> key) const {
    if (!key || depth_ == 1) return std::nullopt;
    const double share = static_cast<double>(block) / static_cast<double>(depth_ - 1);
    return DropPath{*key, static_cast<uint64_t>(block), share * drop_path_};
  }

  torch::Tensor embed(const Features& x) {
    const torch::Tensor map = projection_->forward(x.values);
    torch::Tensor tokens = map.flatten(2).transpose(1, 2);
    if (x.masked.defined())
      tokens = torch::where(x.masked.unsqueeze(2), x.mask_token.to(tokens.scalar_type()), tokens);
    tokens = tokens + positions_of_patches(map.size(2), map.size(3));
    if (x.kept.defined())
      tokens = tokens.gather(1, x.kept.unsqueeze(2).expand({-1, -1, tokens.size(2)}));
    std::vector<torch::Tensor> all;
    if (class_token_) {
      const bool placed = class_has_position_;
      all.push_back(placed ? class_token_value_ + positions_.slice(1, 0, 1) : class_token_value_);
    }
    if (registers_ > 0) all.push_back(register_values_);
    for (torch::Tensor& prefix : all) prefix = prefix.expand({tokens.size(0), -1, -1});
    all.push_back(tokens);
    return torch::cat(all, 1);
  }

  // [1, rows * columns, D].
  torch::Tensor positions_of_patches(int64_t rows, int64_t columns) const {
    const torch::Tensor native = positions_.slice(1, class_has_position_);
    if (rows == rows_ && columns == columns_) return native;
    const torch::Tensor grid = native.view({rows_, columns_ * width_});
    const torch::Tensor tall = torch::mm(resampling(rows_, rows, grid.options()), grid);
    return torch::matmul(resampling(columns_, columns, grid.options()),
                         tall.view({rows, columns_, width_}))
        .view({1, rows * columns, width_});
  }

  int64_t patch_ = 16, width_, depth_ = 12, registers_ = 0;
  bool class_token_ = true;
  double drop_path_ = 0, layer_scale_ = 0;

  int64_t rows_ = 0, columns_ = 0;  // of patches that have learnt positions
  bool class_has_position_ = false;
  torch::Tensor class_token_value_, register_values_, positions_;
  torch::nn::Conv2d projection_{nullptr};
  std::vector<std::shared_ptr<TransformerBlock>> blocks_;
  torch::nn::LayerNorm norm_{nullptr};
};

struct VitTiny : Vit {
  VitTiny() : Vit(192) {}
};
struct VitSmall : Vit {
  VitSmall() : Vit(384) {}
};
struct VitBase : Vit {
  VitBase() : Vit(768) {}
};

ESPALIER_REGISTER(Backbone, VitTiny, "vit_tiny",
                  "vision transformer of width 192 with 3 heads (ViT-Ti)");
ESPALIER_REGISTER(Backbone, VitSmall, "vit_small",
                  "vision transformer of width 384 with 6 heads (ViT-S)");
ESPALIER_REGISTER(Backbone, VitBase, "vit_base",
                  "vision transformer of width 768 with 12 heads (ViT-B)");

}  // namespace
}  // namespace espalier::model
