#include "core/queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

namespace espalier {
namespace {

TEST(Queue, KeepsOrder) {
  BoundedQueue<int> queue(3);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(queue.push(i));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(queue.pop(), i);
}

TEST(Queue, CloseLetsWhatIsLeftOut) {
  BoundedQueue<int> queue(3);
  queue.push(1);
  queue.close();
  EXPECT_FALSE(queue.push(2));
  EXPECT_EQ(queue.pop(), 1);
  EXPECT_EQ(queue.pop(), std::nullopt);
}

TEST(Queue, AFullQueueHoldsItsProducer) {
  BoundedQueue<int> queue(1);
  queue.push(0);
  std::atomic<bool> pushed = false;
  std::thread producer([&] {
    queue.push(1);
    pushed = true;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_FALSE(pushed);
  EXPECT_EQ(queue.pop(), 0);
  producer.join();
  EXPECT_TRUE(pushed);
}

TEST(Queue, CloseFreesWhoeverWaits) {
  BoundedQueue<int> full(1), empty(1);
  full.push(0);
  std::thread producer([&] { EXPECT_FALSE(full.push(1)); });
  std::thread consumer([&] { EXPECT_EQ(empty.pop(), std::nullopt); });
  full.close();
  empty.close();
  producer.join();
  consumer.join();
}

TEST(Queue, AnErrorReachesTheConsumerAtOnceAndTheFirstOneStays) {
  BoundedQueue<int> queue(2);
  queue.push(1);
  queue.fail(std::make_exception_ptr(std::runtime_error("first")));
  queue.fail(std::make_exception_ptr(std::runtime_error("second")));
  try {
    queue.pop();
    FAIL() << "the error was lost";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "first");
  }
}

TEST(Queue, ManyThreadsPassEveryItemOnce) {
  constexpr int kEach = 500;
  BoundedQueue<int> queue(4);
  std::vector<int> seen[2];
  std::vector<std::thread> producers, consumers;
  for (int p = 0; p < 2; ++p)
    producers.emplace_back([&, p] {
      for (int i = 0; i < kEach; ++i) queue.push(p * kEach + i);
    });
  for (auto& mine : seen)
    consumers.emplace_back([&] {
      while (const auto item = queue.pop()) mine.push_back(*item);
    });
  for (auto& thread : producers) thread.join();
  queue.close();
  for (auto& thread : consumers) thread.join();

  std::vector<int> all = seen[0];
  all.insert(all.end(), seen[1].begin(), seen[1].end());
  std::sort(all.begin(), all.end());
  ASSERT_EQ(all.size(), 2u * kEach);
  for (int i = 0; i < 2 * kEach; ++i) EXPECT_EQ(all[static_cast<size_t>(i)], i);
}

}  // namespace
}  // namespace espalier
