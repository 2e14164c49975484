// How many images of each class a cell trains on.
#include "transfer/budget.h"

#include <gmock/gmock.h>

#include "transfer/transfer_support.h"

namespace espalier::transfer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(Budget, PerClassTakesAllOfAClassThatHasFewer) {
  const Budget budget = budget_per_class(10, {4, 10, 50});
  EXPECT_THAT(budget.of_class, ElementsAre(4, 10, 10));
  EXPECT_EQ(budget.labels_per_class, 10);
  EXPECT_EQ(budget.text(), "10 per class");
}

TEST(Budget, OfATotalTheOthersGiveMoreWhereAClassHasFewer) {
  EXPECT_THAT(budget_of_total(30, {50, 50, 50}).of_class, ElementsAre(10, 10, 10));
  EXPECT_THAT(budget_of_total(30, {4, 50, 50}).of_class, ElementsAre(4, 13, 13));
  EXPECT_THAT(budget_of_total(32, {50, 50, 50}).of_class, ElementsAre(11, 11, 10));
  EXPECT_THAT(budget_of_total(104, {4, 50, 50}).of_class, ElementsAre(4, 50, 50));
  EXPECT_EQ(budget_of_total(32, {50, 50, 50}).labels_per_class, 11);
  EXPECT_EQ(budget_of_total(32, {50, 50, 50}).text(), "32 total");
}

TEST(Budget, APercentageIsOfEachClassAndAtLeastOneImage) {
  const Budget budget = budget_of_percent(1, {5000, 260, 3});
  EXPECT_THAT(budget.of_class, ElementsAre(50, 3, 1));
  EXPECT_EQ(budget.labels_per_class, 18);
  EXPECT_EQ(budget.text(), "1 %");
}

TEST(Budget, MoreLabelsHoldThoseOfFewer) {
  const std::vector<int64_t> there = {3, 40, 200};
  for (int64_t labels = 3; labels < 243; ++labels)
    for (size_t c = 0; c < there.size(); ++c)
      EXPECT_LE(budget_of_total(labels, there).of_class[c],
                budget_of_total(labels + 1, there).of_class[c]);
  for (double percent = 1; percent < 100; ++percent)
    for (size_t c = 0; c < there.size(); ++c)
      EXPECT_LE(budget_of_percent(percent, there).of_class[c],
                budget_of_percent(percent + 1, there).of_class[c]);
}

std::vector<Budget> budgets(const std::vector<std::string>& assignments) {
  return make_setting(assignments)->budgets;
}

// The set has 12 images of each of 3 classes.
TEST(Budget, OfAllKindsAreAxesOfOneSweepFewFirstAndAllLast) {
  std::vector<std::string> texts;
  for (const Budget& budget :
       budgets({"transfer.labels_per_class=[0, 4]", "transfer.labels_total=[6, 16]",
                "transfer.labels_percent=[50, 25]"}))
    texts.push_back(fmt::format("{} = {}", budget.text(), budget.labels_per_class));
  EXPECT_THAT(texts, ElementsAre("6 total = 2", "25 % = 3", "4 per class = 4", "16 total = 5",
                                 "50 % = 6", "all = 0"));
}

TEST(Budget, WhatTheImagesDoNotAllowIsRefused) {
  const auto refused = [](const std::vector<std::string>& assignments, const char* text) {
    EXPECT_THAT([&] { budgets(assignments); }, ThrowsMessage<Error>(HasSubstr(text)));
  };
  refused({"transfer.labels_total=[37]"}, "data.train has 36 labelled images");
  refused({"transfer.labels_total=[2]"}, "fewer than the 3 classes");
  refused({"transfer.labels_percent=[0]"}, "labels_percent");
  refused({"transfer.labels_per_class=[4]", "transfer.labels_total=[12]"},
          "'4 per class' and '12 total' are both 4 images per class on average (try: one of them)");
}

TEST(Budget, DecidesTheImagesOfACellAndItsId) {
  const auto setting =
      make_setting({"transfer.labels_per_class=[4]", "transfer.labels_total=[16]"});
  const data::Selection few = setting->training_split(4, 1).kept;
  const data::Selection more = setting->training_split(5, 1).kept;
  EXPECT_EQ(more.size(), 16U);
  EXPECT_TRUE(std::ranges::includes(more, few));
  Cell cell = cell_of(*setting, "tuned", 1);
  EXPECT_FALSE(spec_of(*setting, cell).contains("labels"));
  cell.arm.labels_per_class = 5;
  EXPECT_EQ(spec_of(*setting, cell)["labels"], "16 total");
  const auto other = make_setting({"transfer.labels_per_class=[5]"});
  EXPECT_NE(id_of(spec_of(*setting, cell)), id_of(spec_of(*other, cell)));
}

TEST(Budget, ImagesOfEverySeedAreListed) {
  TempDir temp;
  const auto sweep =
      make_sweep(temp / "out", {"transfer.labels_per_class=[2, 0]", "transfer.labels_total=[16]",
                                "transfer.modes=[prototype]", "transfer.cuts=[1]"});
  run(*sweep);
  const std::string csv = read_file(temp / "out" / "training_images.csv");
  EXPECT_EQ(std::ranges::count(csv, '\n'), 1 + 2 * (6 + 16));
  const Setting& setting = sweep->setting();
  const int64_t first = setting.training_split(2, cell_key(setting, {.seed = 1})).kept.front();
  const std::string& name = setting.classes[static_cast<size_t>(setting.train.label(first))];
  EXPECT_THAT(csv,
              HasSubstr(fmt::format("\n2,1,{},{},{}\n", first, name, setting.train.key(first))));
  EXPECT_THAT(read_file(temp / "out" / "plan.json"), HasSubstr("\"rule\": \"16 total\""));
}

TEST(Budget, AClassWithFewerImagesGivesAllItHas) {
  TempDir temp;
  pack_colours(temp, "few", 3, 12, {"red", "green"});
  pack_colours(temp, "one", 4, 3, {"blue"});
  for (const auto& entry : std::filesystem::directory_iterator(temp / "one-source" / "0"))
    write_bytes(temp / "few-source" / "2" / entry.path().filename(), read_bytes(entry.path()));
  pack::PackOptions options;
  options.class_names = {"red", "green", "blue"};
  pack_images(temp / "few-source", temp / "unequal", options);
  const auto setting = make_setting({"data.train=" + (temp / "unequal").string()});
  ASSERT_EQ(setting->short_classes.size(), 1U);
  EXPECT_EQ(setting->short_classes[0].name, "blue");
  EXPECT_EQ(setting->short_classes[0].images, 3);
  EXPECT_EQ(setting->training_split(4, 1).kept.size(), 4U + 4 + 3);
  EXPECT_EQ(setting->training_split(2, 1).kept.size(), 2U * 3);
}

}  // namespace
}  // namespace espalier::transfer
