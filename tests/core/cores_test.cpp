#include "core/cores.h"

#include <gtest/gtest.h>

#include <fstream>
#include <numeric>

#include "support/temp_dir.h"

namespace espalier {
namespace {

std::vector<int> cpus(int first, int count) {
  std::vector<int> numbers(static_cast<size_t>(count));
  std::iota(numbers.begin(), numbers.end(), first);
  return numbers;
}

MachineView on(const std::string& machine, std::vector<int> bound,
               std::vector<CpuQuota> quotas = {}) {
  return {machine, std::move(bound), cpus(0, 64), std::move(quotas)};
}

TEST(Cores, OfUnboundRanksAreDivided) {
  const std::vector<MachineView> ranks(3, on("a", cpus(0, 64)));
  EXPECT_EQ(share_of_cores(ranks, 0).cores, 21);
  EXPECT_EQ(share_of_cores(ranks, 2).unbound, 21);
}

TEST(Cores, ThatBindingHasDividedAreNotDividedAgain) {
  std::vector<MachineView> ranks;
  for (int rank = 0; rank < 8; ++rank) ranks.push_back(on("a", cpus(8 * rank, 8)));
  EXPECT_EQ(share_of_cores(ranks, 5).cores, 8);
  EXPECT_EQ(share_of_cores(ranks, 5).unbound, 8);
}

TEST(Cores, ThatTwoRanksShareCountHalf) {
  const std::vector<MachineView> ranks = {on("a", cpus(0, 8)), on("a", cpus(4, 8)),
                                          on("a", cpus(32, 3))};
  EXPECT_EQ(share_of_cores(ranks, 0).cores, 6);
  EXPECT_EQ(share_of_cores(ranks, 1).cores, 6);
  EXPECT_EQ(share_of_cores(ranks, 2).cores, 3);
}

TEST(Cores, OfOtherMachinesCountForNothing) {
  const std::vector<MachineView> ranks = {on("a", cpus(0, 64)), on("b", cpus(0, 64)),
                                          on("b", cpus(0, 64))};
  EXPECT_EQ(share_of_cores(ranks, 0).cores, 64);
  EXPECT_EQ(share_of_cores(ranks, 1).cores, 32);
}

TEST(Cores, TellWhatBindingTakes) {  // plain `mpirun -n 2`
  const std::vector<MachineView> ranks = {on("a", {0}), on("a", {1})};
  EXPECT_EQ(share_of_cores(ranks, 0).cores, 1);
  EXPECT_EQ(share_of_cores(ranks, 0).unbound, 32);
}

TEST(Cores, FollowTheQuotaThatRanksLiveUnder) {
  const CpuQuota job{"job", 12}, own{"one", 2.5};
  const std::vector<MachineView> ranks = {on("a", cpus(0, 64), {job}), on("a", cpus(0, 64), {job}),
                                          on("a", cpus(0, 64), {own, job})};
  EXPECT_EQ(share_of_cores(ranks, 0).cores, 4);
  EXPECT_EQ(share_of_cores(ranks, 2).cores, 2);
  EXPECT_EQ(share_of_cores(ranks, 2).unbound, 2);
}

TEST(Cores, AreNeverNone) {
  const std::vector<MachineView> ranks(9, on("a", {7}, {{"job", 0.3}}));
  EXPECT_EQ(share_of_cores(ranks, 8).cores, 1);
}

TEST(Cores, OfThisProcessAreSome) {
  const MachineView view = machine_view();
  EXPECT_FALSE(view.machine.empty());
  EXPECT_FALSE(view.bound.empty());
  EXPECT_GE(view.available.size(), view.bound.size());
  EXPECT_GE(core_share().cores, 1);
  const MachineView again = MachineView::parse(view.text());
  EXPECT_EQ(again.bound, view.bound);
  EXPECT_EQ(again.text(), view.text());
}

class CpuQuotas : public testing::Test {
 protected:
  void write(const std::string& path, const std::string& text) {
    const auto file = root_.path() / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }

  std::vector<double> of(const std::string& membership) {
    std::vector<double> cores;
    for (const CpuQuota& quota : cpu_quotas(root_.path(), membership)) cores.push_back(quota.cores);
    return cores;
  }

  TempDir root_;
};

TEST_F(CpuQuotas, OfVersion2AreThoseOfAllGroupsAbove) {
  write("job/step/cpu.max", "150000 100000\n");
  write("job/cpu.max", "800000 100000\n");
  write("cpu.max", "max 100000\n");
  EXPECT_EQ(of("0::/job/step\n"), (std::vector<double>{1.5, 8}));
}

TEST_F(CpuQuotas, OfVersion1AreInTheTreeOfTheCpuController) {
  write("cpu,cpuacct/job/cpu.cfs_quota_us", "200000\n");
  write("cpu,cpuacct/job/cpu.cfs_period_us", "50000\n");
  write("cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
  write("cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(of("7:memory:/job\n3:cpu,cpuacct:/job\n"), (std::vector<double>{4}));
}

TEST_F(CpuQuotas, OfAContainerAreAtTheRootThatItSees) {
  write("cpu.max", "300000 100000\n");
  EXPECT_EQ(of("0::/system.slice/docker-12ab.scope\n"), (std::vector<double>{3}));
}

TEST_F(CpuQuotas, AreNoneWhereNothingIsSet) {
  EXPECT_TRUE(of("0::/\n").empty());
  EXPECT_TRUE(of("").empty());
  write("cpu.max", "max 100000\n");
  EXPECT_TRUE(of("0::/\n").empty());
}

}  // namespace
}  // namespace espalier
