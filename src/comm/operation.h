// What the communicators share: how an operation is named, how an alarm is heard.
#pragma once

#include <cstdint>
#include <string>

#include "comm/communicator.h"

namespace espalier::comm {

inline constexpr double kDefaultDeadlineSeconds = 600;

// One call of an operation, for matching and for messages.
struct Call {
  const char* name = "barrier";
  int64_t count = 0;
  DataType type = DataType::u8;
  int root = -1;  // of broadcast; the peer of send and receive

  bool operator==(const Call& other) const;
  std::string text() const;  // "all_reduce of 1000 f32"
};

const char* name_of(DataType type);

// The error of a wait that passed its deadline.
Error deadline_error(int rank, double seconds, const Call& call);

// A communicator whose waits end when a peer raised; one made upon it (NCCL's) listens through
// this.
class Alarmed {
 public:
  virtual ~Alarmed() = default;
  // Throws what a peer raised, if any did.
  virtual void listen() = 0;
};

}  // namespace espalier::comm
