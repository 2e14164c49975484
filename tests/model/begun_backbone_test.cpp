// Conformance: stages that rest may be computed once, and their features handed in.
#include <torch/torch.h>

#include "backbone_support.h"
#include "support/tolerance.h"
#include "tensor/convert.h"

namespace espalier::model {
namespace {

class BegunBackbone : public testing::TestWithParam<std::string> {};

TEST_P(BegunBackbone, ASampleThatIsComputedAloneDependsNeitherOnOthersNorOnWhereTheWayIsBroken) {
  const ViewShape input = taken(GetParam(), {3, 18, 18});
  const auto backbone = make(GetParam(), input, first_norm(GetParam()));
  backbone->eval();
  const torch::Tensor x = images(input, 5), swapped = x.flip(0);
  const int64_t stages = backbone->stage_count();
  const torch::Tensor whole = backbone->each_alone(x, 0, stages);
  EXPECT_FALSE(whole.requires_grad());
  EXPECT_TRUE(backbone->each_alone(swapped, 0, stages).flip(0).equal(whole));
  EXPECT_TRUE(backbone->each_alone(x.slice(0, 1, 3), 0, stages).equal(whole.slice(0, 1, 3)));
  for (int64_t cut = 1; cut < stages; ++cut)
    EXPECT_TRUE(backbone->each_alone(backbone->each_alone(x, 0, cut), cut, stages).equal(whole))
        << cut;
  const torch::NoGradGuard no_grad;
  const torch::Tensor together = backbone->forward({x}, 0, stages).values;
  EXPECT_LT((together - whole).abs().max().item<double>(),
            tolerance::kRounding32 * whole.abs().max().item<double>());
}

// Memory as a batch has it: each sample's values as they lie.
torch::Tensor through_a_slab(const torch::Tensor& features) {
  const ViewShape view = view_of(features.sizes().slice(1).vec());
  image::Slab slab{.format = {.shape = view}, .bytes = {}};
  for (int64_t i = 0; i < features.size(0); ++i) {
    torch::Tensor one = features.narrow(0, i, 1);
    if (one.dim() == 4) one = one.permute({0, 2, 3, 1});
    one = one.contiguous();
    const auto* bytes = static_cast<const std::byte*>(one.const_data_ptr());
    slab.bytes.insert(slab.bytes.end(), bytes, bytes + one.nbytes());
  }
  return tensor::to_tensor(slab, 0, features.size(0), torch::kFloat, torch::kCPU);
}

TEST_P(BegunBackbone, BegunAtACutItComputesTheSameBitsAndGradientsFromItsFeatures) {
  const ViewShape input = taken(GetParam(), {3, 18, 18});
  const auto backbone = make(GetParam(), input, first_norm(GetParam()));
  const auto shapes = stage_shapes(*backbone, input);
  const int64_t stages = backbone->stage_count();
  for (int64_t cut = 1; cut <= stages; ++cut) {
    backbone->freeze(cut);
    backbone->train();
    const torch::Tensor features = backbone->each_alone(images(input, 3), 0, cut);
    const auto run = [&](const auto& forward) {
      backbone->zero_grad();
      const torch::Tensor y = forward();
      if (y.requires_grad()) y.square().sum().backward();
      std::vector<torch::Tensor> all = {y.detach()};
      for (const torch::Tensor& parameter : backbone->parameters())
        if (parameter.grad().defined()) all.push_back(parameter.grad());
      return all;
    };
    const auto whole =
        run([&] { return backbone->pooled(backbone->forward({features}, cut, stages).values); });
    backbone->begin_at(cut, shapes[static_cast<size_t>(cut - 1)]);
    const auto begun = run([&] { return backbone->represent({through_a_slab(features)}); });
    backbone->begin_at(0);
    EXPECT_EQ(backbone->represent({images(input)}).size(0), 2);
    ASSERT_EQ(begun.size(), whole.size());
    for (size_t i = 0; i < whole.size(); ++i) EXPECT_TRUE(begun[i].equal(whole[i])) << cut;
  }
}

INSTANTIATE_TEST_SUITE_P(Registry, BegunBackbone, testing::ValuesIn(Registry<Backbone>::names()));

}  // namespace
}  // namespace espalier::model
