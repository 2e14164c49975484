// Faults on request, for tests of what happens when ranks fail. Off unless the environment has
// ESPALIER_FAULT:
//
//   ESPALIER_FAULT="kill:rank=1,step=7;nan:rank=0,step=9;stall:rank=2,step=4;enospc:step=10"
//
// A fault at step k fires inside the k-th step. Without `rank` it fires on every rank.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace espalier::train {

class FaultPlan {
 public:
  // The plan of this process, from the environment; announced in the log where there is one. kUsage
  // for bad text.
  static const FaultPlan& instance();

  // Throws kUsage, with the part that cannot be read.
  explicit FaultPlan(const std::string& text);

  // kill: SIGKILL to this process. stall: never returns. Called once in every step.
  void at_step(int rank, int64_t step) const;

  bool kills(int rank, int64_t step) const { return fires("kill", rank, step); }
  bool stalls(int rank, int64_t step) const { return fires("stall", rank, step); }
  // A pixel of this rank is NaN, and so all gradients become.
  bool nan(int rank, int64_t step) const { return fires("nan", rank, step); }
  // Writing the checkpoint of this step finds the disk full.
  bool enospc(int rank, int64_t step) const { return fires("enospc", rank, step); }

 private:
  struct Fault {
    std::string name;
    int64_t rank = -1;  // any
    int64_t step = 0;
  };

  static Fault parse(const std::string& text);
  bool fires(const char* name, int rank, int64_t step) const;

  std::vector<Fault> faults_;
};

}  // namespace espalier::train
