// A bound on a call that takes no deadline itself, of a driver say.
//
//   const TimeLimit limit(30, "ncclCommAbort");
//   module.abort(communicator);     // returns within 30 s, or the process ends
#pragma once

#include <string>
#include <thread>

namespace espalier::comm {

// When it lives longer than `seconds`, the process ends with exit code 5 (kPeer) after a line in
// the log that names `what` and says that it hung. Any thread.
class TimeLimit {
 public:
  TimeLimit(double seconds, const std::string& what);

 private:
  std::jthread watch_;
};

}  // namespace espalier::comm
