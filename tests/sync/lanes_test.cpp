#include "sync/lane_sums.h"

#include <gmock/gmock.h>
#include <torch/torch.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <numeric>

#include "comm/thread_comm.h"
#include "core/random.h"
#include "support/tolerance.h"

namespace espalier::sync {
namespace {

constexpr int64_t kLaneCounts[] = {1, 2, 3, 4, 5, 7, 8};
constexpr int64_t kValues = 37;

TEST(LanePlan, SharesAreContiguousCoverAllLanesAndDifferByOneAtMost) {
  for (int lanes = 1; lanes <= 9; ++lanes)
    for (int ranks = 1; ranks <= lanes; ++ranks) {
      int64_t next = 0;
      for (int rank = 0; rank < ranks; ++rank) {
        const LanePlan plan(lanes, ranks, rank);
        EXPECT_EQ(plan.first(), next) << lanes << " lanes, rank " << rank << " of " << ranks;
        EXPECT_EQ(plan.first(), rank * lanes / ranks);
        EXPECT_GE(plan.count(), lanes / ranks);
        EXPECT_LE(plan.count(), (lanes + ranks - 1) / ranks);
        for (int64_t lane = plan.first(); lane < plan.last(); ++lane)
          EXPECT_EQ(plan.owner(lane), rank) << "lane " << lane;
        next = plan.last();
      }
      EXPECT_EQ(next, lanes);
    }
}

TEST(LanePlan, EveryRankKnowsEveryOwner) {
  for (int rank = 0; rank < 3; ++rank) {
    const LanePlan plan(7, 3, rank);
    std::vector<int> owners;
    for (int64_t lane = 0; lane < plan.lanes(); ++lane) owners.push_back(plan.owner(lane));
    EXPECT_THAT(owners, testing::ElementsAre(0, 0, 1, 1, 2, 2, 2));
  }
}

TEST(LanePlan, MoreRanksThanLanesOrNoLanesIsAUsageErrorThatNamesBoth) {
  try {
    LanePlan(2, 3, 0);
    ADD_FAILURE() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Kind::kUsage);
    EXPECT_THAT(error.what(),
                testing::AllOf(testing::HasSubstr("3 ranks"), testing::HasSubstr("2 lanes")));
  }
  EXPECT_THROW(LanePlan(0, 1, 0), Error);
  EXPECT_THROW(LanePlan(-4, 1, 0), Error);
}

// Values whose sum depends on the order in which they are added.
template <typename T>
std::vector<T> lane_values(int64_t lane) {
  Draw draw(11, "lane", {static_cast<uint64_t>(lane)});
  std::vector<T> values(kValues);
  for (T& value : values) value = static_cast<T>(std::exp2(draw.uniform(-20, 20)) * draw.normal());
  return values;
}

// The tree as its definition says: leaves padded to a power of two, absent sides skipped.
template <typename T>
std::vector<T> tree_sum(const std::vector<std::vector<T>>& lanes, size_t first, size_t width) {
  if (first >= lanes.size()) return {};
  if (width == 1) return lanes[first];
  std::vector<T> left = tree_sum(lanes, first, width / 2);
  const std::vector<T> right = tree_sum(lanes, first + width / 2, width / 2);
  for (size_t i = 0; i < right.size(); ++i) left[i] = left[i] + right[i];
  return left;
}

template <typename T>
std::vector<T> expected_sum(int64_t lanes) {
  std::vector<std::vector<T>> values;
  for (int64_t lane = 0; lane < lanes; ++lane) values.push_back(lane_values<T>(lane));
  return tree_sum(values, 0, std::bit_ceil(values.size()));
}

// What sum_of_lanes gives on every rank, by rank.
template <typename T>
std::vector<std::vector<T>> sums_of_ranks(int64_t lanes, int ranks, bool exact) {
  std::vector<std::vector<T>> sums(static_cast<size_t>(ranks));
  comm::run_ranks(ranks, [&](comm::Communicator& comm) {
    const LanePlan plan(lanes, ranks, comm.rank());
    std::vector<at::Tensor> own;
    for (int64_t lane = plan.first(); lane < plan.last(); ++lane)
      own.push_back(torch::tensor(lane_values<T>(lane), c10::CppTypeToScalarType<T>::value));
    const at::Tensor sum = sum_of_lanes(comm, plan, own, exact);
    sums[static_cast<size_t>(comm.rank())] =
        std::vector<T>(sum.template data_ptr<T>(), sum.template data_ptr<T>() + kValues);
  });
  return sums;
}

template <typename T>
class SumOfLanes : public testing::Test {};
using Types = testing::Types<float, double>;
TYPED_TEST_SUITE(SumOfLanes, Types);

TYPED_TEST(SumOfLanes, ExactModeGivesTheBitsOfTheTreeOnAnyRankCount) {
  for (const int64_t lanes : kLaneCounts) {
    const auto expected = expected_sum<TypeParam>(lanes);
    for (int ranks = 1; ranks <= lanes; ++ranks)
      for (const auto& sum : sums_of_ranks<TypeParam>(lanes, ranks, /*exact=*/true))
        EXPECT_EQ(std::memcmp(sum.data(), expected.data(), kValues * sizeof(TypeParam)), 0)
            << lanes << " lanes on " << ranks << " ranks";
  }
}

TYPED_TEST(SumOfLanes, FastModeAgreesToRoundingAndOnAllRanksAlike) {
  const double rounding = sizeof(TypeParam) == 4 ? tolerance::kRounding32 : tolerance::kRounding64;
  for (const int64_t lanes : kLaneCounts) {
    const auto expected = expected_sum<TypeParam>(lanes);
    std::vector<double> magnitude(kValues);
    for (int64_t lane = 0; lane < lanes; ++lane)
      for (size_t i = 0; i < kValues; ++i)
        magnitude[i] += std::abs(static_cast<double>(lane_values<TypeParam>(lane)[i]));
    for (int ranks = 1; ranks <= lanes; ++ranks) {
      const auto sums = sums_of_ranks<TypeParam>(lanes, ranks, /*exact=*/false);
      for (const auto& sum : sums) EXPECT_EQ(sum, sums[0]);
      for (size_t i = 0; i < kValues; ++i)
        EXPECT_NEAR(sums[0][i], expected[i], rounding * magnitude[i]) << lanes << " " << ranks;
    }
  }
}

// The tests above could not fail if order did not matter to these values.
TYPED_TEST(SumOfLanes, TheValuesTellOneOrderFromAnother) {
  std::vector<TypeParam> in_order(kValues);
  for (int64_t lane = 0; lane < 8; ++lane)
    for (size_t i = 0; i < kValues; ++i) in_order[i] += lane_values<TypeParam>(lane)[i];
  EXPECT_NE(in_order, expected_sum<TypeParam>(8));
}

TEST(LanePlan, BlocksAreTheLargestSubtreesOfARank) {
  EXPECT_THAT(LanePlan(8, 2, 0).blocks_of(1), testing::ElementsAre(Node{4, 4}));
  EXPECT_THAT(LanePlan(8, 3, 0).blocks_of(1), testing::ElementsAre(Node{2, 2}, Node{4, 1}));
  EXPECT_THAT(LanePlan(6, 1, 0).blocks_of(0), testing::ElementsAre(Node{0, 4}, Node{4, 2}));
  for (int lanes = 1; lanes <= 17; ++lanes)
    for (int ranks = 1; ranks <= lanes; ++ranks) {
      int64_t next = 0;
      for (int rank = 0; rank < ranks; ++rank)
        for (const Node& block : LanePlan(lanes, ranks, 0).blocks_of(rank)) {
          EXPECT_EQ(block.first, next);
          EXPECT_EQ(block.first % block.width, 0);
          next = block.last();
        }
      EXPECT_EQ(next, lanes);
    }
}

TEST(RowsOfLanes, AreInLaneOrderWhateverTheShares) {
  for (const int64_t lanes : kLaneCounts)
    for (int ranks = 1; ranks <= lanes; ++ranks)
      for (const int64_t rows : {1, 3}) {
        const at::Tensor expected = torch::arange(2 * lanes * rows, at::kDouble).view({-1, 2});
        comm::run_ranks(ranks, [&](comm::Communicator& comm) {
          const LanePlan plan(lanes, ranks, comm.rank());
          const at::Tensor own = expected.slice(0, plan.first() * rows, plan.last() * rows);
          EXPECT_TRUE(rows_of_lanes(comm, plan, own).equal(expected))
              << lanes << " lanes on " << ranks << " ranks";
        });
      }
}

}  // namespace
}  // namespace espalier::sync
