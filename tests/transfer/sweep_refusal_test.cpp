// What a sweep refuses before it touches its folder.
#include <gmock/gmock.h>

#include "transfer/sweep/sweep.h"
#include "transfer/transfer_support.h"

namespace espalier::transfer {
namespace {

namespace fs = std::filesystem;

std::string refusal(const std::vector<std::string>& assignments) {
  TempDir temp;
  try {
    make_sweep(temp / "out", assignments);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Kind::kUsage) << error.what();
    EXPECT_FALSE(fs::exists(temp / "out"));
    return error.what();
  }
  return "not refused";
}

TEST(Sweep, RefusesWeightsOfAnotherModel) {
  TempDir temp;
  write_backbone(temp / "wide", 7, conv_bn_of("[4, 8]"));
  EXPECT_THAT(refusal({"transfer.sources=[\"public=" + (temp / "wide").string() + "\"]"}),
              testing::HasSubstr("try:"));
  std::vector<engine::BackboneFile> files = backbones();
  files.push_back(engine::BackboneFile::open(temp / "wide"));
  EXPECT_THAT([&] { Setting(make_config(), std::move(files)); },
              testing::ThrowsMessage<Error>(testing::HasSubstr("differ in model")));
}

TEST(Sweep, RefusesWhatDoesNotFitBeforeItTouchesTheFolder) {
  using testing::HasSubstr;
  EXPECT_THAT(refusal({"transfer.cuts=[3]"}), HasSubstr("has 3, the backbone has 2 stages"));
  EXPECT_THAT(refusal({"augment.mean=[0.5]"}), HasSubstr("not what the backbone was trained with"));
  EXPECT_THAT(refusal({"transfer.labels_per_class=[13]"}),
              HasSubstr("no class of data.train has more than 12 labelled images"));
  EXPECT_THAT(refusal({"transfer.seeds=1000",
                       "transfer.labels_per_class=[1, 2, 3, 4, 5, 6, 7, 8, "
                       "9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25]"}),
              HasSubstr("the sweep has 125000 cells"));
  EXPECT_THAT(refusal({"transfer.modes=[]"}), HasSubstr("nothing to compute"));
  EXPECT_THAT(refusal({"transfer.labels_per_class=[]"}), HasSubstr("nothing to compute"));
  EXPECT_THAT(refusal({"augment.evaluate=resize(9, 9)"}), HasSubstr("the network takes 3 x 8 x 8"));
  EXPECT_THAT(refusal({"transfer.modes=[cold]"}), HasSubstr("'cold'"));
  EXPECT_THAT(refusal({"transfer.heads=[cold]"}), HasSubstr("'cold'"));
  EXPECT_THAT(refusal({"transfer.sources=[cold]"}), HasSubstr("NAME=PATH"));
  EXPECT_THAT(refusal({"transfer.kept_lr_factor=[]"}), HasSubstr("nothing to compute"));
  EXPECT_THAT(refusal({"transfer.kept_lr_factor=-1"}), HasSubstr("it must be from 0 to"));
  EXPECT_THAT(refusal({"transfer.until_half_width=1", "transfer.most_seeds=1"}),
              HasSubstr("try: transfer.most_seeds=4"));
  EXPECT_THAT(refusal({"transfer.modes=frozen"}), HasSubstr("try: [frozen]"));
  EXPECT_THAT(refusal({"transfer.labels_per_class=2"}), HasSubstr("try: [2]"));
  EXPECT_THAT(refusal({"model.widths=[4]"}), HasSubstr("model"));
}

TEST(Sweep, RefusesATestSetWithAClassOfAnotherName) {
  TempDir temp;
  write_classes(temp / "source", 1, 8);
  pack_images(temp / "source", temp / "animals");
  EXPECT_THAT(refusal({"data.test=" + (temp / "animals").string()}), testing::HasSubstr("'cat'"));
}

TEST(Sweep, RefusesATestSetThatIsTheTrainingSetWhereverItLies) {
  TempDir temp;
  fs::copy(Sets::instance().temp / "train", temp / "copy");
  EXPECT_THAT(refusal({"data.test=" + (temp / "copy").string()}),
              testing::HasSubstr("holds the same set as data.train"));
}

TEST(Sweep, RefusesATestSetWithoutLabels) {
  TempDir temp;
  write_bytes(temp / "flat" / "a.png", image::encode_png(noise_image(1, 8, 8, 3)));
  pack_images(temp / "flat", temp / "unlabelled");
  EXPECT_THAT(refusal({"data.test=" + (temp / "unlabelled").string()}),
              testing::HasSubstr("have no label"));
}

TEST(BackboneFile, ADamagedFileIsRefused) {
  TempDir temp;
  fs::copy(Sets::instance().temp / "run", temp / "run");
  flip_byte(temp / "run" / "backbone.safetensors", -1);
  EXPECT_THAT([&] { engine::BackboneFile::open(temp / "run"); },
              testing::ThrowsMessage<Error>(testing::HasSubstr("SHA-256")));
}

}  // namespace
}  // namespace espalier::transfer
