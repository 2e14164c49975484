#include "engine/workers.h"

#include <gmock/gmock.h>

#include <atomic>
#include <set>
#include <stdexcept>

namespace espalier::engine {
namespace {

TEST(Workers, RunEveryItemOnce) {
  for (const int64_t count : {1, 3}) {
    Workers workers(count, 1);
    for (const int64_t items : {0, 1, 20}) {
      std::vector<std::atomic<int>> runs(static_cast<size_t>(items));
      workers.run(items, [&](int64_t worker, int64_t item) {
        EXPECT_LT(worker, count);
        ++runs[static_cast<size_t>(item)];
      });
      for (const auto& run : runs) EXPECT_EQ(run, 1);
    }
  }
}

TEST(Workers, OneWorkerIsTheCallerItself) {
  Workers workers(1, 1);
  workers.run(2, [caller = std::this_thread::get_id()](int64_t, int64_t) {
    EXPECT_EQ(std::this_thread::get_id(), caller);
  });
}

TEST(Workers, GoOnAfterAFailureThatTheCallerHears) {
  for (const int64_t count : {1, 3}) {
    Workers workers(count, 1);
    std::atomic<int> under_way = 0;
    EXPECT_THROW(workers.run(9,
                             [&](int64_t, int64_t item) {
                               ++under_way;
                               if (item == 4) {
                                 --under_way;
                                 throw std::runtime_error("item 4");
                               }
                               --under_way;
                             }),
                 std::runtime_error);
    EXPECT_EQ(under_way, 0);
    std::atomic<int> done = 0;
    workers.run(5, [&](int64_t, int64_t) { ++done; });
    EXPECT_EQ(done, 5);
  }
}

}  // namespace
}  // namespace espalier::engine
