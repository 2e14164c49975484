// Teachers that a task opens by their source.
#include "engine/open_backbone.h"

#include <gmock/gmock.h>
#include <torch/torch.h>

#include "core/files.h"
#include "engine/backbone_file.h"
#include "engine/network.h"
#include "support/error_of.h"
#include "support/temp_dir.h"
#include "tensor/init.h"

namespace espalier::engine {
namespace {

using testing::HasSubstr;

constexpr image::ViewShape kInput{3, 16, 16};
constexpr const char* kModel = "model:\n  name: conv_bn\n  widths: [4, 6]\n";

// A run of three channels that has ended, in `folder`.
std::shared_ptr<model::Backbone> ended_run(const std::filesystem::path& folder) {
  auto document = config::Document::parse(kModel, "test");
  const auto backbone = model::ModelOptions::read(document).make(document, kInput);
  tensor::initialise(*backbone, "backbone.", tensor::InitScheme::kHeNormal, 1);
  BackboneFile file;
  file.input = kInput;
  file.mean = {0.1, 0.2, 0.3};
  file.std = {0.5, 0.5, 0.5};
  file.model_text = kModel;
  file.write(RunFolder{folder}, *backbone);
  return backbone;
}

struct Opener {
  std::shared_ptr<std::map<std::string, Parent>> loaded =
      std::make_shared<std::map<std::string, Parent>>();

  pretext::Trained open(const std::string& source, const std::string& model,
                        const image::ViewShape& input = kInput) const {
    return opener_of_backbones(input, loaded)(source, model);
  }
};

void expect_equal_weights(const model::Backbone& a, const model::Backbone& b) {
  const tensor::TensorMap state = state_of(a);
  for (const auto& [name, tensor] : state_of(b)) EXPECT_TRUE(tensor.equal(state.at(name))) << name;
}

TEST(OpenBackbone, ARunSaysWhichBackboneItHoldsAndHowItsImagesWereNormalised) {
  const TempDir dir;
  const auto expected = ended_run(dir.path());
  const Opener opener;
  const pretext::Trained trained = opener.open(dir.path(), "");
  EXPECT_EQ(trained.mean, (std::vector<double>{0.1, 0.2, 0.3}));
  EXPECT_TRUE(opener.loaded->empty());
  trained.load();
  expect_equal_weights(*trained.backbone, *expected);
  EXPECT_EQ(opener.loaded->at(dir.path()).sha256.size(), 64U);
}

TEST(OpenBackbone, AFileThatDoesNotSayIsNamedWithItsOptions) {
  const TempDir dir;
  const auto expected = ended_run(dir.path());
  const auto file = (dir.path() / "weights.safetensors").string();
  write_file(file, tensor::to_safetensors(state_of(*expected)));
  const Opener opener;
  const pretext::Trained trained = opener.open(file, "conv_bn(widths=[4, 6])");
  trained.load();
  expect_equal_weights(*trained.backbone, *expected);
  EXPECT_TRUE(trained.mean.empty());
  const auto refused = [&](const std::string& model) {
    return error_of(Kind::kUsage, [&] { opener.open(file, model).load(); });
  };
  EXPECT_THAT(refused(""), HasSubstr("task.teacher_model"));
  EXPECT_THAT(refused("conv_bn(widths=[4, 8])"), HasSubstr("in this backbone"));
  EXPECT_THAT(refused("conv_bm"), HasSubstr("did you mean 'conv_bn'"));
  EXPECT_THAT(refused("conv_bn(width=[4])"), HasSubstr("widths"));
}

TEST(OpenBackbone, ItIsMadeForTheImagesAtHand) {
  const TempDir dir;
  const auto expected = ended_run(dir.path());
  const pretext::Trained trained = Opener().open(dir.path(), "", {1, 12, 12});
  trained.load();
  EXPECT_TRUE(trained.backbone->named_parameters()["conv1.weight"].equal(
      expected->named_parameters()["conv1.weight"].sum(1, /*keepdim=*/true)));
}

}  // namespace
}  // namespace espalier::engine
