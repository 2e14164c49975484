#include "pack/scan_journal.h"

#include <gtest/gtest.h>

#include <fstream>

#include "core/files.h"
#include "support/packed_set.h"

namespace espalier::pack {
namespace {

namespace fs = std::filesystem;

Verdict::Facts facts_of(int64_t number) {
  Verdict::Facts facts;
  facts.sha256.fill(static_cast<uint8_t>(number));
  facts.height = 10 * number;
  return facts;
}

class Journal : public ::testing::Test {
 protected:
  // Positions 0 to 9 by rank 0 and 10 to 19 by rank 1, as if both were killed afterwards.
  void SetUp() override {
    for (const int rank : {0, 1}) {
      ScanJournal journal(temp_.path(), rank, "options", 10 * rank, 10 * rank + 10);
      for (int64_t p = 10 * rank; p < 10 * rank + 10; ++p) journal.add(p, facts_of(p));
      journal.flush();
    }
  }

  std::vector<int64_t> known(const ScanJournal& journal) const {
    std::vector<int64_t> positions;
    for (int64_t p = 0; p < 20; ++p) {
      const Verdict::Facts* facts = journal.find(p, facts_of(p).sha256);
      if (facts != nullptr && facts->height == 10 * p) positions.push_back(p);
    }
    return positions;
  }

  static std::vector<int64_t> range(int64_t begin, int64_t end) {
    std::vector<int64_t> numbers;
    for (int64_t n = begin; n < end; ++n) numbers.push_back(n);
    return numbers;
  }

  TempDir temp_;
};

TEST_F(Journal, GivesWhatAnyRankFoundAtTheAskedPositions) {
  EXPECT_EQ(known(ScanJournal(temp_.path(), 0, "options", 0, 20)), range(0, 20));
  EXPECT_EQ(known(ScanJournal(temp_.path(), 2, "options", 7, 14)), range(7, 14));
}

TEST_F(Journal, KnowsAContentByItsHashAlone) {
  const ScanJournal journal(temp_.path(), 0, "options", 0, 20);
  EXPECT_EQ(journal.find(3, facts_of(4).sha256), nullptr);
  EXPECT_NE(journal.find(4, facts_of(4).sha256), nullptr);
}

TEST_F(Journal, OfOtherOptionsCountsForNothing) {
  EXPECT_EQ(known(ScanJournal(temp_.path(), 0, "others", 0, 20)), range(0, 0));
}

TEST_F(Journal, CountsUpToWhereItIsCutOrDamaged) {
  const fs::path first = temp_ / ".scan-0-0", second = temp_ / ".scan-1-0";
  fs::resize_file(first, fs::file_size(first) - 1);
  std::string bytes = read_file(second);
  bytes[bytes.size() / 2] ^= 1;
  write_file(second, bytes);
  const std::vector<int64_t> left = known(ScanJournal(temp_.path(), 0, "options", 0, 20));
  std::vector<int64_t> expected = range(0, 9);
  expected.insert(expected.end(), {10, 11, 12, 13});
  EXPECT_EQ(left, expected);
}

TEST_F(Journal, KeepsWhatEveryStoppedRunAdded) {
  for (const int64_t p : {20, 21, 22}) {
    ScanJournal journal(temp_.path(), 0, "options", 0, 23);
    journal.add(p, facts_of(p));
    journal.flush();
  }
  const ScanJournal last(temp_.path(), 0, "options", 0, 23);
  for (int64_t p = 0; p < 23; ++p) EXPECT_NE(last.find(p, facts_of(p).sha256), nullptr) << p;
}

}  // namespace
}  // namespace espalier::pack
