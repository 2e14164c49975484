#include "tensor/neighbours.h"

#include <gmock/gmock.h>

#include <numeric>
#include <set>

#include "feature_cases.h"

namespace espalier::tensor {
namespace {

// Sums of 16 products of f32.
constexpr double kRounding = 1e-5;

double cosine(const torch::Tensor& a, const torch::Tensor& b) {
  return (a * b).sum().item<double>() / (a.norm() * b.norm()).item<double>();
}

// Rows by falling cosine to `query`, one pair at a time.
std::vector<int64_t> slow_order(const torch::Tensor& query, const torch::Tensor& bank) {
  std::vector<int64_t> order(static_cast<size_t>(bank.size(0)));
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, std::greater{}, [&](int64_t row) { return cosine(query, bank[row]); });
  return order;
}

std::vector<int64_t> row_of(const torch::Tensor& table, int64_t row) {
  const torch::Tensor values = table[row].contiguous();
  return {values.const_data_ptr<int64_t>(), values.const_data_ptr<int64_t>() + values.numel()};
}

TEST(Neighbours, AreThoseOfASearchPairByPair) {
  const torch::Tensor bank = pattern({600, 16}, 1).to(torch::kFloat);
  const torch::Tensor queries = pattern({300, 16}, 2).to(torch::kFloat);
  const Neighbours near = nearest(queries, bank, 5);
  ASSERT_EQ(near.rows.sizes(), (std::vector<int64_t>{300, 5}));
  for (const int64_t q : {0, 249, 250, 299}) {
    const std::vector<int64_t> order = slow_order(queries[q], bank);
    EXPECT_THAT(row_of(near.rows, q), testing::ElementsAreArray(order.begin(), order.begin() + 5));
    EXPECT_NEAR(near.cosines[q][4].item<double>(), cosine(queries[q], bank[order[4]]), kRounding);
  }
}

TEST(Neighbours, OfARowAreOtherRows) {
  torch::Tensor bank = pattern({40, 16}, 1).to(torch::kFloat);
  bank[7] = bank[3] * 2;  // another length, the same direction
  const Neighbours near = nearest_others(bank, {3, 7, 20}, 39);
  ASSERT_EQ(near.rows.sizes(), (std::vector<int64_t>{3, 39}));
  const std::vector<int64_t> of = {3, 7, 20};
  for (size_t q = 0; q < of.size(); ++q)
    EXPECT_THAT(row_of(near.rows, static_cast<int64_t>(q)), testing::Not(testing::Contains(of[q])));
  EXPECT_EQ(near.rows[0][0].item<int64_t>(), 7);
  EXPECT_EQ(near.rows[1][0].item<int64_t>(), 3);
  EXPECT_EQ(nearest_others(bank, {0}, 1000).rows.size(1), 39);
}

std::vector<int64_t> all_rows(const torch::Tensor& bank) {
  std::vector<int64_t> rows(static_cast<size_t>(bank.size(0)));
  std::iota(rows.begin(), rows.end(), 0);
  return rows;
}

TEST(Neighbours, NearDuplicatesArePairsThatAreNamedOnceAndNearestFirst) {
  torch::Tensor bank = pattern({50, 16}, 1).to(torch::kFloat);
  bank[31] = bank[4];
  bank[12] = bank[40] + 0.01 * pattern({16}, 3).to(torch::kFloat);
  const std::vector<Pair> pairs = closest_pairs(nearest_others(bank, all_rows(bank), 10), 1000);
  ASSERT_GE(pairs.size(), 2U);
  EXPECT_EQ(std::pair(pairs[0].first, pairs[0].second), std::pair(int64_t{4}, int64_t{31}));
  EXPECT_EQ(std::pair(pairs[1].first, pairs[1].second), std::pair(int64_t{12}, int64_t{40}));
  EXPECT_NEAR(pairs[0].cosine, 1, kRounding);
  std::set<std::pair<int64_t, int64_t>> seen;
  for (size_t i = 0; i < pairs.size(); ++i) {
    EXPECT_LT(pairs[i].first, pairs[i].second);
    EXPECT_TRUE(seen.emplace(pairs[i].first, pairs[i].second).second);
    if (i > 0) EXPECT_LE(pairs[i].cosine, pairs[i - 1].cosine);
  }
  EXPECT_EQ(closest_pairs(nearest_others(bank, all_rows(bank), 10), 3).size(), 3U);
}

TEST(Neighbours, AnOutlierIsFarFromItsNeighbours) {
  torch::Tensor bank = torch::ones({30, 16}) + 0.1 * pattern({30, 16}, 1).to(torch::kFloat);
  bank[17] = -bank[17];
  const std::vector<Outlier> lonely = outliers(nearest_others(bank, all_rows(bank), 5), 4);
  ASSERT_EQ(lonely.size(), 4U);
  EXPECT_EQ(lonely[0].row, 17);
  EXPECT_LT(lonely[0].cosine, -0.9);
  for (size_t i = 1; i < lonely.size(); ++i) EXPECT_GE(lonely[i].cosine, lonely[i - 1].cosine);
}

}  // namespace
}  // namespace espalier::tensor
