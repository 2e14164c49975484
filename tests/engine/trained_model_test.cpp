#include "engine/trained_model.h"

#include <gmock/gmock.h>
#include <torch/torch.h>

#include "core/files.h"
#include "support/packed_set.h"
#include "tensor/init.h"

namespace espalier::engine {
namespace {

using testing::HasSubstr;

constexpr image::ViewShape kShape{3, 8, 8};

// A network of two stages, exported, and opened again.
class Trained : public testing::Test {
 protected:
  void SetUp() override {
    BackboneFile file;
    file.input = kShape;
    file.mean = {0.4};
    file.std = {0.3};
    file.evaluate = "resize(8, 8)";
    file.model_text = "model:\n  name: conv_bn\n  widths: [4, 6]\n  pools: 1\n";
    file.document = config::Document::parse(file.model_text, "test");
    const auto backbone = file.make();
    tensor::initialise(*backbone, "backbone.", tensor::InitScheme::kHeNormal, 5);
    make_directories(temp / "run");
    file.write({temp / "run"}, *backbone);
  }

  TrainedModel open() const {
    return TrainedModel::of(BackboneFile::open(temp / "run"), "runs/first");
  }

  TempDir temp;
};

TEST_F(Trained, ALooseImageIsSeenAsTheSameImageOfAPackedSet) {
  write_noise(temp / "images" / "a.png", 1, 12);
  write_noise(temp / "images" / "b.png", 2, 9);
  pack_images(temp / "images", temp / "set");
  const auto set = data::Dataset::open(temp / "set");
  const TrainedModel model = open();
  const at::Tensor packed = model.features(set, data::all(2), 2, [](int64_t) {});
  for (int64_t i = 0; i < 2; ++i) {
    const at::Tensor x = model.input_of(set.image(i), set.key(i));
    ASSERT_EQ(x.sizes(), (std::vector<int64_t>{1, 3, 8, 8}));
    EXPECT_TRUE(torch::allclose(model.features(x, 2)[0], packed[i]));
  }
  EXPECT_FALSE(torch::allclose(packed[0], packed[1]));
}

TEST_F(Trained, FeaturesOfACutAreThePooledMapsOfItsStage) {
  const TrainedModel model = open();
  const at::Tensor x = torch::ones({2, 3, 8, 8});
  const torch::NoGradGuard no_grad;
  const at::Tensor first = model.backbone->forward({x}, 0, 1).values;
  EXPECT_TRUE(model.features(x, 1).equal(first.mean({2, 3})));
  EXPECT_EQ(model.features(x, 1).size(1), 4);
  EXPECT_EQ(model.features(x, model.last_cut).size(1), 6);
}

TEST_F(Trained, ProbabilitiesAreTheSoftmaxOfScores) {
  TrainedModel model = open();
  model.scores = [](const at::Tensor& x) { return x.flatten(1).narrow(1, 0, 3); };
  const at::Tensor x = torch::tensor({1.0F, 2.0F, 1000.0F, 5.0F}).view({1, 1, 2, 2});
  const at::Tensor expected =
      torch::tensor({{0.0, 0.0, 1.0}, {0.73105857863, 0.26894142137, 0.0}}, torch::kDouble);
  EXPECT_TRUE(torch::allclose(model.probabilities({x, -x}), expected));
}

TEST_F(Trained, ABackboneHasNoClassesAndSaysHowToGetThem) {
  EXPECT_THAT(error_of(Kind::kUsage, [&] { open().require_classes(); }),
              HasSubstr("try: espalier fit CONFIG.yaml --backbone runs/first"));
}

TEST_F(Trained, AnImageThatDoesNotFitIsNamedWithTheOpThatHelps) {
  TrainedModel model = open();
  model.augment.evaluate = "";
  const std::string error =
      error_of(Kind::kUsage, [&] { (void)model.input_of(noise_image(1, 12, 9, 3), "cat.png"); });
  EXPECT_THAT(error, HasSubstr("cat.png: --evaluate makes views of 3 x 12 x 9"));
  EXPECT_THAT(error, HasSubstr("try: resize(8, 8)"));
}

}  // namespace
}  // namespace espalier::engine
