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

// A single message by its own name, several together as "exchange" of all their elements.
Call call_of(const std::vector<Outgoing>& sends, const std::vector<Incoming>& receives,
             DataType type);

// "rank 2 on node17", of this process.
std::string rank_text(int rank);

// The error of a wait that passed its deadline.
Error deadline_error(int rank, double seconds, const Call& call);

// kUsage where the tensors lie on a GPU, whose memory `communicator` cannot reach.
void require_host_memory(const char* communicator, int device);

// A rank that makes no progress for the deadline ends itself and says why (comm/heartbeat.h);
// others wait so much longer for it.
inline constexpr double kGraceSeconds = 1;

// A communicator whose waits end when a peer raised; one made upon it (NCCL's) listens through
// this.
class Alarmed {
 public:
  virtual ~Alarmed() = default;
  // Ends as a wait does when a peer raised or is silent for the deadline; else returns.
  virtual void listen() = 0;
  // Changes whenever a peer has made progress.
  virtual int64_t peers_progress() const = 0;
};

}  // namespace espalier::comm
