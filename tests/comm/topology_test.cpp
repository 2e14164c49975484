// Which GPU a rank takes, and that no two take the same.
#include "comm/topology.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "comm/thread_comm.h"

namespace espalier::comm {
namespace {

// SLURM_LOCALID while it lives, and no other launcher's variable.
class LocalRank {
 public:
  explicit LocalRank(int rank) {
    for (const char* name : {"OMPI_COMM_WORLD_LOCAL_RANK", "MPI_LOCALRANKID", "PALS_LOCAL_RANKID"})
      unsetenv(name);
    setenv("SLURM_LOCALID", std::to_string(rank).c_str(), 1);
  }
  ~LocalRank() { unsetenv("SLURM_LOCALID"); }
};

TEST(DeviceOfLocalRank, RanksTakeTheGpusOfTheirNodeInTurn) {
  for (int rank = 0; rank < 4; ++rank) {
    const LocalRank local(rank);
    EXPECT_EQ(device_of_local_rank(4), rank);
    EXPECT_EQ(device_of_local_rank(8), rank);
    EXPECT_EQ(device_of_local_rank(0), -1);
  }
}

TEST(DeviceOfLocalRank, OneThatIsShownASingleGpuTakesIt) {
  for (int rank = 0; rank < 4; ++rank) {  // srun --gpus-per-task=1
    const LocalRank local(rank);
    EXPECT_EQ(device_of_local_rank(1), 0);
  }
}

TEST(RequireOwnDevice, AcceptsDifferentGpusAndRanksWithoutOne) {
  run_ranks(3, [](Communicator& control) {
    require_own_device(control, std::to_string(control.rank()));
    require_own_device(control, "");
  });
}

TEST(RequireOwnDevice, NamesTheRanksThatShareOne) {
  run_ranks(4, [](Communicator& control) {
    try {
      require_own_device(
          control, control.rank() % 2 == 0 ? "GPU-a" : "GPU-" + std::to_string(control.rank()));
      ADD_FAILURE() << "nothing was refused";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), Kind::kUsage);
      EXPECT_TRUE(error.agreed());
      EXPECT_EQ(std::string(error.what()).find("ranks 0 and 2 on "), 0u) << error.what();
      EXPECT_NE(std::string(error.what()).find("the same GPU, GPU-a,"), std::string::npos);
    }
  });
}

}  // namespace
}  // namespace espalier::comm
