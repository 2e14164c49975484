// Which communicator can be made here, and what is said of one that cannot.
#include <gtest/gtest.h>

#include "comm/communicator.h"
#include "comm/thread_comm.h"

namespace espalier::comm {
namespace {

TEST(CommunicatorFactory, RefusesAControlOfAnotherSort) {
  run_ranks(1, [](Communicator& comm) {
    EXPECT_EQ(Registry<CommunicatorFactory>::create("thread")->create(comm, -1)->size(), 1);
    EXPECT_THROW(Registry<CommunicatorFactory>::create("mpi")->create(comm, -1), Error);
  });
}

TEST(CommunicatorFactory, OneOfHostMemoryRefusesTensorsOnAGpu) {
  run_ranks(2, [](Communicator& control) {
    for (const char* name : {"mpi", "thread"}) {
      try {
        Registry<CommunicatorFactory>::create(name)->create(control, 0);
        ADD_FAILURE() << name << " took a GPU";
      } catch (const Error& error) {
        EXPECT_EQ(error.kind(), Kind::kUsage);
        EXPECT_NE(std::string(error.what()).find("try: parallel.communicator=nccl"),
                  std::string::npos);
      }
    }
  });
}

TEST(NcclFactory, SaysWhatIsMissingHere) {
  run_ranks(2, [](Communicator& control) {
    try {
      Registry<CommunicatorFactory>::create("nccl")->create(control, -1);
      ADD_FAILURE() << "it started without a device";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), Kind::kUsage);
      EXPECT_TRUE(error.agreed());
      EXPECT_EQ(std::string(error.what()).find("parallel.communicator is 'nccl' but"), 0u);
    }
  });
}

}  // namespace
}  // namespace espalier::comm
