#include "data/selection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "support/error_of.h"

namespace espalier::data {
namespace {

using ::testing::HasSubstr;

// 600 samples: classes 0, 1, 2 in turn, every tenth without a label.
std::vector<int64_t> labels() {
  std::vector<int64_t> labels;
  for (int64_t i = 0; i < 600; ++i) labels.push_back(i % 10 == 9 ? -1 : i % 3);
  return labels;
}

int64_t count(const Selection& selection, int64_t label) {
  return std::ranges::count_if(selection, [&](int64_t i) { return labels()[i] == label; });
}

std::vector<int64_t> of_each(int64_t count) { return {count, count, count}; }

TEST(FewShot, TakesAsManyOfEachClass) {
  const Selection chosen = few_shot(labels(), of_each(20), 1);
  EXPECT_TRUE(std::ranges::is_sorted(chosen));
  EXPECT_EQ(chosen.size(), 60U);
  for (int64_t c = 0; c < 3; ++c) EXPECT_EQ(count(chosen, c), 20);
}

TEST(FewShot, OfFewLiesWithinThatOfMany) {
  const Selection few = few_shot(labels(), of_each(20), 5),
                  many = few_shot(labels(), of_each(100), 5);
  EXPECT_TRUE(std::ranges::includes(many, few));
  EXPECT_NE(few, few_shot(labels(), of_each(20), 6));
}

TEST(FewShot, NamesAClassThatIsTooSmall) {
  std::vector<int64_t> rare = labels();
  rare.push_back(3);
  EXPECT_THAT(error_of(Kind::kData, [&] { few_shot(rare, std::vector<int64_t>(4, 2), 1); }),
              HasSubstr("class 3 has 1 samples, 2"));
}

TEST(FewShot, TakesOfEachClassWhatIsAskedOfIt) {
  const Selection chosen = few_shot(labels(), std::vector<int64_t>{1, 0, 30}, 1);
  EXPECT_EQ(count(chosen, 0), 1);
  EXPECT_EQ(count(chosen, 1), 0);
  EXPECT_EQ(count(chosen, 2), 30);
}

TEST(DrawSome, IsAKeyedDrawAndNotTheFirst) {
  const Selection from = labelled(labels());
  EXPECT_EQ(from.size(), 540U);
  const Selection few = draw_some(from, 60, "bank", 1), many = draw_some(from, 200, "bank", 1);
  EXPECT_EQ(few.size(), 60U);
  EXPECT_GT(few.back(), 400);
  EXPECT_TRUE(std::ranges::is_sorted(few));
  EXPECT_TRUE(std::ranges::includes(from, many));
  EXPECT_TRUE(std::ranges::includes(many, few));
  EXPECT_NE(few, draw_some(from, 60, "bank", 2));
  EXPECT_NE(few, draw_some(from, 60, "queries", 1));
  EXPECT_EQ(draw_some(from, 1000, "bank", 1), from);
}

TEST(Split, IsStratifiedAndLosesNothing) {
  const auto [kept, held_out] = split(labels(), all(600), 0.1, 3);
  for (int64_t c = -1; c < 3; ++c) {
    EXPECT_EQ(count(held_out, c), std::lround(0.1 * count(all(600), c)));
  }
  EXPECT_EQ(without(all(600), held_out), kept);
  EXPECT_EQ(kept.size() + held_out.size(), 600U);
}

TEST(HoldOut, IsADrawOfTheWholeSetThatLosesNothing) {
  const Holdout parts = hold_out(600, 1, 0.1, 3);
  EXPECT_EQ(parts.held_out.size(), 60U);
  EXPECT_EQ(without(all(600), parts.held_out), parts.kept);
  EXPECT_GT(parts.held_out.back(), 540);
  EXPECT_LT(parts.held_out.front(), 60);
  EXPECT_NE(parts.held_out, hold_out(600, 1, 0.1, 4).held_out);
}

// What is kept of a set that is walked in blocks is read by the same blocks.
TEST(HoldOut, KeepsBlocksTogether) {
  for (const int64_t block : {3, 40, 64, 1000}) {
    for (const int64_t samples : {600, 641}) {
      const Holdout parts = hold_out(samples, block, 0.25, 3);
      EXPECT_NEAR(static_cast<double>(parts.held_out.size()), 0.25 * samples, 0.04 * samples);
      EXPECT_EQ(parts.kept.size() + parts.held_out.size(), static_cast<size_t>(samples));
      for (size_t first = 0; first < parts.kept.size(); first += parts.block) {
        const size_t last = std::min(parts.kept.size(), first + parts.block) - 1;
        EXPECT_EQ(parts.kept[first] / block, parts.kept[last] / block) << block;
      }
    }
  }
}

TEST(HoldOut, RefusesAPartThatIsEmpty) {
  EXPECT_THAT(error_of(Kind::kUsage, [] { hold_out(9, 1, 0.01, 3); }),
              HasSubstr("of 9 samples 9 would train and 0 validate"));
}

TEST(Split, OfNothingKeepsAll) { EXPECT_EQ(split(labels(), all(600), 0, 3).kept, all(600)); }

}  // namespace
}  // namespace espalier::data
