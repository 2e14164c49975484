#include "sync/step_status.h"

#include <gmock/gmock.h>

#include "comm/thread_comm.h"

namespace espalier::sync {
namespace {

using testing::AllOf;
using testing::HasSubstr;

template <typename... Args>
std::exception_ptr error_of(Args&&... args) {
  return std::make_exception_ptr(std::forward<Args>(args)...);
}

// What exchange() decides on every rank when rank r reports report(r).
std::vector<StepDecision> decisions(int ranks, const std::function<StepReport(int)>& report) {
  std::vector<StepDecision> all(static_cast<size_t>(ranks));
  comm::run_ranks(ranks, [&](comm::Communicator& comm) {
    all[static_cast<size_t>(comm.rank())] = exchange(comm, report(comm.rank()));
  });
  return all;
}

// The agreed error of the next step that every rank's exchange() decides on, or ends with.
std::vector<std::string> errors(int ranks, const std::function<StepReport(int)>& report) {
  std::vector<std::string> all(static_cast<size_t>(ranks), "none");
  comm::run_ranks(ranks, [&](comm::Communicator& comm) {
    std::optional<Error> error;
    try {
      error = exchange(comm, report(comm.rank())).next_error;
    } catch (const Error& thrown) {
      error = thrown;
    }
    if (!error) return;
    EXPECT_TRUE(error->agreed());
    all[static_cast<size_t>(comm.rank())] = fmt::format("{} {}", error->exit_code(), error->what());
  });
  return all;
}

TEST(Exchange, NothingToReportDecidesNothing) {
  for (int ranks = 1; ranks <= 3; ++ranks)
    for (const StepDecision& decision : decisions(ranks, [](int) { return StepReport{}; })) {
      EXPECT_FALSE(decision.stop);
      EXPECT_FALSE(decision.skip);
    }
}

TEST(Exchange, OneRanksWishIsEveryRanksDecision) {
  for (int asking = 0; asking < 3; ++asking) {
    const auto stop = [&](int rank) { return StepReport{.stop_wanted = rank == asking}; };
    const auto skip = [&](int rank) { return StepReport{.nonfinite = rank == asking}; };
    for (const StepDecision& decision : decisions(3, stop))
      EXPECT_TRUE(decision.stop && !decision.skip) << asking;
    for (const StepDecision& decision : decisions(3, skip))
      EXPECT_TRUE(!decision.stop && decision.skip) << asking;
  }
}

TEST(Exchange, OneRanksErrorIsEveryRanksAgreedError) {
  for (int ranks = 1; ranks <= 3; ++ranks)
    for (int failing = 0; failing < ranks; ++failing) {
      const auto report = [&](int rank) {
        StepReport report{.step = 7};
        if (rank == failing) report.next_error = error_of(Error(Kind::kData, "bad shard"));
        return report;
      };
      const auto all = errors(ranks, report);
      EXPECT_THAT(all, testing::Each(AllOf(testing::StartsWith("3 "), HasSubstr("bad shard"),
                                           HasSubstr(fmt::format("rank {}", failing)),
                                           HasSubstr("step 8"))));
      EXPECT_THAT(all, testing::Each(all[0]));
    }
}

TEST(Exchange, OfSeveralErrorsTheFirstRanksCounts) {
  const auto report = [](int rank) {
    StepReport report{.stop_wanted = true};
    if (rank > 0) report.next_error = error_of(Error(Kind::kIo, "disk {}", rank));
    return report;
  };
  EXPECT_THAT(errors(3, report), testing::Each(AllOf(HasSubstr("disk 1"), HasSubstr("rank 1"))));
}

TEST(Exchange, ForeignExceptionsTravelAsBugs) {
  const auto foreign = [](int) {
    return StepReport{.next_error = error_of(std::runtime_error("what"))};
  };
  const auto no_exception = [](int) { return StepReport{.next_error = error_of(42)}; };
  EXPECT_THAT(errors(2, foreign), testing::Each(AllOf(HasSubstr("70 "), HasSubstr("what"))));
  EXPECT_THAT(errors(2, no_exception), testing::Each(HasSubstr("70 ")));
}

TEST(Exchange, LongErrorsAreCutAndNothingElse) {
  const auto report = [](int) {
    return StepReport{.next_error = error_of(Error(Kind::kUsage, "{}", std::string(5000, 'x')))};
  };
  EXPECT_THAT(errors(2, report), testing::Each(HasSubstr(std::string(400, 'x'))));
}

TEST(Exchange, RanksAtDifferentStepsAreABugOnEveryRank) {
  comm::run_ranks(3, [](comm::Communicator& comm) {
    try {
      exchange(comm, {.step = comm.rank() == 2 ? 5 : 4});
      ADD_FAILURE() << "accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), Kind::kBug);
      EXPECT_THAT(error.what(), AllOf(HasSubstr("step 4"), HasSubstr("step 5")));
    }
  });
}

// The step completes although there is no batch for the next one.
TEST(Exchange, AnErrorOfTheNextStepLeavesTheOtherDecisions) {
  const auto report = [](int rank) {
    StepReport report{.checkpoint_wanted = rank == 0, .nonfinite = rank == 1};
    if (rank == 2) report.next_error = error_of(Error(Kind::kData, "bad shard"));
    return report;
  };
  for (const StepDecision& decision : decisions(3, report)) {
    EXPECT_TRUE(decision.next_error && decision.checkpoint && decision.skip);
    EXPECT_FALSE(decision.stop);
  }
}

// A rank that failed early may well be behind; what it failed with is what matters.
TEST(Exchange, AnErrorCountsMoreThanTheStepItCameAt) {
  const auto report = [](int rank) {
    StepReport report{.step = rank};
    if (rank == 2) report.next_error = error_of(Error(Kind::kIo, "disk full"));
    return report;
  };
  EXPECT_THAT(errors(3, report), testing::Each(HasSubstr("disk full")));
}

TEST(Exchange, TheRanksGoOnAfterwards) {
  comm::run_ranks(2, [](comm::Communicator& comm) {
    for (int64_t step = 0; step < 5; ++step)
      EXPECT_EQ(exchange(comm, {.step = step, .stop_wanted = step == 3}).stop, step == 3);
  });
}

TEST(RequireEqual, EqualValuesOfAnyLengthPass) {
  for (int ranks = 1; ranks <= 3; ++ranks)
    comm::run_ranks(ranks, [](comm::Communicator& comm) {
      require_equal(comm, "configuration", "");
      require_equal(comm, "configuration", std::string(10'000, 'x'));
    });
}

TEST(RequireEqual, NamesWhatDiffersAndTheRanksThatDiffer) {
  for (int odd = 0; odd < 3; ++odd)
    comm::run_ranks(3, [&](comm::Communicator& comm) {
      try {
        require_equal(comm, "build", comm.rank() == odd ? "new" : "old");
        ADD_FAILURE() << "accepted";
      } catch (const Error& error) {
        EXPECT_EQ(error.kind(), Kind::kUsage);
        EXPECT_TRUE(error.agreed());
        EXPECT_THAT(error.what(), AllOf(HasSubstr("build"), HasSubstr("new"), HasSubstr("old"),
                                        HasSubstr(std::to_string(odd))));
      }
    });
}

}  // namespace
}  // namespace espalier::sync
