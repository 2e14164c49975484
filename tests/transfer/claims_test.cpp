// Who computes what: locks, and bases that are computed once.
#include "transfer/claims.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <torch/torch.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "comm/topology.h"
#include "core/files.h"
#include "support/temp_dir.h"
#include "transfer/cell_store.h"

namespace espalier::transfer {
namespace {

namespace fs = std::filesystem;

pid_t ended_process() {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  waitpid(child, nullptr, 0);
  return child;
}

TEST(Claims, ALockHoldsWhileItsProcessLivesAndIsTakenOverFromADeadOrSilentOne) {
  TempDir temp;
  Claims claims(temp.path());
  const fs::path lock = temp / "a.lock";
  write_file(lock, fmt::format("{} {}\n", comm::host_name(), getppid()));
  EXPECT_FALSE(claims.claim("a"));
  write_file(lock, "another-host 1\n");
  EXPECT_FALSE(claims.claim("a"));
  fs::last_write_time(lock, fs::file_time_type::clock::now() - std::chrono::minutes(11));
  EXPECT_TRUE(claims.claim("a"));
  EXPECT_FALSE(fs::exists(lock));
  write_file(lock, fmt::format("{} {}\n", comm::host_name(), ended_process()));
  EXPECT_TRUE(claims.claim("a"));
  // One with the number of this process that it does not hold is of an earlier process.
  write_file(lock, fmt::format("{} {}\n", comm::host_name(), getpid()));
  EXPECT_TRUE(claims.claim("a"));
}

TEST(Claims, ALockThatIsHeldIsRefreshedWhateverItsHolderDoes) {
  TempDir temp;
  Claims claims(temp.path(), std::chrono::milliseconds(5));
  const auto claim = claims.claim("a");
  const auto hour_ago = fs::file_time_type::clock::now() - std::chrono::hours(1);
  fs::last_write_time(temp / "a.lock", hour_ago);
  for (int i = 0; i < 1000 && fs::last_write_time(temp / "a.lock") == hour_ago; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_GT(fs::last_write_time(temp / "a.lock"), hour_ago + std::chrono::minutes(59));
}

TEST(Claims, OneOfManyThreadsHasIt) {
  TempDir temp;
  Claims claims(temp.path());
  for (int round = 0; round < 50; ++round) {
    std::atomic<int> had = 0, asked = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        const auto claim = claims.claim("a");
        had += claim.has_value();
        ++asked;
        while (asked < 4) std::this_thread::yield();  // nobody gives it back before all have asked
      });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(had, 1);
  }
}

TEST(Claims, RemovesOnlyLocksThatNobodyHolds) {
  TempDir temp;
  Claims claims(temp.path());
  const auto own = claims.claim("own");
  write_file(temp / "dead.lock", fmt::format("{} {}\n", comm::host_name(), ended_process()));
  write_file(temp / "other.lock", fmt::format("{} {}\n", comm::host_name(), getppid()));
  claims.remove_stale();
  EXPECT_TRUE(fs::exists(temp / "own.lock"));
  EXPECT_FALSE(fs::exists(temp / "dead.lock"));
  EXPECT_TRUE(fs::exists(temp / "other.lock"));
}

TEST(CellStore, ABaseIsComputedOnceByAllThatAskForIt) {
  TempDir temp;
  CellStore store(temp.path());
  store.prepare();
  std::atomic<int> computed = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      const auto weights = store.base("a", [&] {
        ++computed;
        return tensor::TensorMap{{"w", torch::full({2}, 3.0)}};
      });
      EXPECT_EQ(weights.at("w").sum().item<double>(), 6);
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(computed, 1);
}

}  // namespace
}  // namespace espalier::transfer
