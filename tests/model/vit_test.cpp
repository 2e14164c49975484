#include <gmock/gmock.h>
#include <torch/torch.h>

#include "config/document.h"
#include "model/backbone.h"
#include "support/golden.h"
#include "support/tolerance.h"
#include "tensor/precision.h"

namespace espalier::model {
namespace {

using image::ViewShape;

constexpr ViewShape kInput{3, 24, 24};

std::shared_ptr<Backbone> vit(const std::string& options, const ViewShape& input = kInput) {
  torch::set_num_threads(1);
  auto backbone = Registry<Backbone>::create("vit_tiny");
  config::Document::parse("model: {patch: 4, width: 128, depth: 3, " + options + "}", "test")
      .bind("model", backbone->fields());
  backbone->build(input, backbone->own_norm());
  backbone->to(torch::kDouble);
  fill_with_pattern(*backbone);
  return backbone;
}

torch::Tensor images(int64_t height = 24, int64_t width = 24) {
  return pattern({2, 3, height, width}) * 4;
}

torch::Tensor all_tokens(Backbone& backbone, const Features& x) {
  return backbone.forward(x, 0, backbone.stage_count()).values;
}

double largest(const torch::Tensor& difference) { return difference.abs().max().item<double>(); }

const std::map<std::string, std::string> kCases = {
    {"class_token", ""}, {"registers", "class_token: false, registers: 2, layer_scale: 1"}};

TEST(Vit, StateHasTimmsNamesAndShapes) {
  for (const auto& [name, options] : kCases) {
    std::map<std::string, std::vector<int64_t>> state;
    for (const auto& item : vit(options)->named_parameters())
      state[item.key()] = item.value().sizes().vec();
    EXPECT_EQ(state, golden("vit.jsonl", name)["state"].get<decltype(state)>());
  }
}

TEST(Vit, ComputesWhatTimmComputesAtItsOwnSizeAndAtAnother) {
  const torch::NoGradGuard no_grad;
  for (const auto& [name, options] : kCases)
    for (const auto& [size, x] : {std::pair{"native", images()}, {"other", images(20, 36)}})
      for (const auto type : {torch::kDouble, torch::kFloat}) {
        const nlohmann::json expected = golden("vit.jsonl", name)[size];
        const auto backbone = vit(options);
        backbone->to(type);
        const torch::Tensor tokens = all_tokens(*backbone, {x.to(type)});
        const double tolerance = type == torch::kDouble ? tolerance::kDeep64 / 10 : 1e-5;
        const torch::Tensor some = tensor_of(expected["tokens"]);
        EXPECT_EQ(tokens.size(1), some.size(0));
        EXPECT_LT(largest(tokens[1].slice(1, 0, 3) - some), tolerance) << name << " " << size;
        EXPECT_LT(largest(backbone->pooled(tokens).slice(1, 0, 8) - tensor_of(expected["pooled"])),
                  tolerance)
            << name << " " << size;
      }
}

TEST(Vit, KeptPatchesAreTheTokensThatTheWholeImageWouldHave) {
  for (const auto& [name, options] : kCases) {
    const auto backbone = vit(options);
    const int64_t prefix = backbone->prefix_tokens();
    const torch::Tensor kept = torch::tensor({{7, 0, 35}, {2, 3, 1}});
    Features some{images()};
    some.kept = kept;
    const torch::Tensor whole = backbone->forward({images()}, 0, 1).values;
    const torch::Tensor tokens = backbone->forward(some, 0, 1).values;
    for (int64_t sample = 0; sample < 2; ++sample) {
      EXPECT_TRUE(tokens[sample].slice(0, 0, prefix).equal(whole[sample].slice(0, 0, prefix)));
      EXPECT_TRUE(tokens[sample].slice(0, prefix).equal(
          whole[sample].slice(0, prefix).index_select(0, kept[sample])));
    }
    EXPECT_EQ(all_tokens(*backbone, some).size(1), prefix + 3);
  }
}

// Whatever the pixels of a masked patch are, and with the mask token in the embedding's place.
TEST(Vit, MaskedPatchesAreTheMaskToken) {
  const auto backbone = vit("");
  Features x{images()};
  x.masked = torch::zeros({2, 36}, torch::kBool);
  x.masked[1][8] = true;  // rows 4 to 7, columns 8 to 11
  x.mask_token = torch::linspace(-1, 1, 128, torch::kDouble).requires_grad_();
  const torch::Tensor plain = backbone->forward({x.values}, 0, 1).values;
  const torch::Tensor tokens = backbone->forward(x, 0, 1).values;
  const torch::Tensor position = backbone->named_parameters()["pos_embed"][0][1 + 8];
  EXPECT_TRUE(tokens[1][1 + 8].equal(x.mask_token + position));
  EXPECT_TRUE(tokens[0].equal(plain[0]));
  EXPECT_EQ((tokens[1] - plain[1]).abs().sum(1).count_nonzero().item<int64_t>(), 1);
  Features other = x;
  other.values = x.values.clone();
  other.values[1].slice(1, 4, 8).slice(2, 8, 12).fill_(3);
  EXPECT_TRUE(backbone->forward(other, 0, 1).values.equal(tokens));
  tokens.sum().backward();
  EXPECT_TRUE(x.mask_token.grad().equal(torch::ones({128}, torch::kDouble)));
}

TEST(Vit, DropPathIsDrawnByKeyAndSampleAndKeepsTheMean) {
  constexpr int64_t kSamples = 120;
  const auto backbone = vit("drop_path: 0.5");
  backbone->train();
  const torch::NoGradGuard no_grad;
  const torch::Tensor x = images().slice(0, 0, 1).expand({kSamples, -1, -1, -1}).slice(2, 0, 4);
  const auto run = [&](std::optional<uint64_t> key, int64_t from, int64_t to) {
    return backbone->forward({backbone->forward({x}, 0, from).values, key}, from, to).values;
  };
  const torch::Tensor whole = run({}, 3, 4), dropped = run(7, 3, 4);
  EXPECT_TRUE(dropped.equal(run(7, 3, 4)));
  EXPECT_FALSE(dropped.equal(run(8, 3, 4)));
  EXPECT_TRUE(run(7, 1, 2).equal(run({}, 1, 2)));  // the first block drops nothing
  // Two branches, each dropped with probability 1/2: four kinds of samples in equal shares.
  const torch::Tensor kinds =
      std::get<1>(torch::_unique2(dropped.flatten(1).sum(1).mul(1e6).round(), true, true));
  const torch::Tensor counts = kinds.bincount();
  EXPECT_EQ(counts.size(0), 4);
  EXPECT_LT(largest(counts - kSamples / 4),
            tolerance::kDeviations * std::sqrt(kSamples * 3.0 / 16));
  backbone->eval();
  EXPECT_TRUE(run(7, 3, 4).equal(whole));
}

TEST(Vit, FactorsOfLayerScaleBeginWhereTheOptionSays) {
  const auto backbone = vit("layer_scale: 0.25");
  backbone->weights_drawn();
  int64_t factors = 0;
  for (const auto& item : backbone->named_parameters())
    if (item.key().ends_with("gamma")) {
      ++factors;
      EXPECT_TRUE(item.value().eq(0.25).all().item<bool>()) << item.key();
    }
  EXPECT_EQ(factors, 2 * 3);
}

TEST(Vit, ReducedPrecisionStaysNear) {
  const torch::NoGradGuard no_grad;
  const auto backbone = vit("");
  const torch::Tensor expected = backbone->represent({images()});
  backbone->to(torch::kFloat);
  const tensor::Autocast autocast(tensor::Precision::kBf16, c10::kCPU);
  const torch::Tensor y = backbone->represent({images().to(torch::kFloat)});
  EXPECT_FALSE(y.to(torch::kDouble).equal(expected));
  EXPECT_LT(largest(y - expected), 0.1);  // 8 bits of 1, through three blocks
}

TEST(Vit, StagesAreTheEmbeddingAndQuartersOfTheBlocks) {
  const auto backbone = Registry<Backbone>::create("vit_tiny");
  backbone->build({3, 32, 32}, backbone->own_norm());
  EXPECT_THAT(backbone->stages(),
              testing::ElementsAre("embed", "block3", "block6", "block9", "block12"));
  EXPECT_EQ(stage_of(*backbone, "pos_embed"), 0);
  EXPECT_EQ(stage_of(*backbone, "blocks.1.attn.qkv.weight"), 1);
  EXPECT_EQ(stage_of(*backbone, "blocks.10.attn.qkv.weight"), 4);
  EXPECT_EQ(stage_of(*backbone, "norm.bias"), 4);
}

TEST(Vit, RefusesOtherNormsAndWidthsAndImagesWithoutAPatch) {
  EXPECT_THROW(Registry<Backbone>::create("vit_tiny")->build({3, 32, 32}, Norm::kBatch), Error);
  EXPECT_THROW(Registry<Backbone>::create("vit_tiny")->build({3, 15, 32}, Norm::kNone), Error);
  EXPECT_THROW(vit("width: 100"), Error);
}

}  // namespace
}  // namespace espalier::model
