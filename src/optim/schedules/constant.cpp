// The same rate at every step.
#include "optim/schedule.h"

namespace espalier::optim {
namespace {

class Constant : public Schedule {
 public:
  double factor(int64_t, int64_t) const override { return 1; }
};

ESPALIER_REGISTER(Schedule, Constant, "constant", "the same rate at every step");

}  // namespace
}  // namespace espalier::optim
