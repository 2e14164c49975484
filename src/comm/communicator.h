// Ranks and what they do together.
//
//   comm.all_reduce(gradients, count, DataType::f32).wait();
//
// A run has two communicators: a host one for control (mpi, or thread) and one for tensor data
// (mpi, thread or nccl). Every operation is collective unless it says otherwise: all ranks call the
// same operations in the same order with the same counts. An operation returns at once; its buffers
// belong to it until Work::wait() returned. Communicators only SUM: scaling is the caller's. Counts
// are elements and may pass 2^31.
//
// No rank waits for ever (comm/heartbeat.h): a wait fails with kPeer, naming the operation, when no
// peer makes progress for the deadline or one is silent that long, and with the peer's error at
// once when a peer called raise(). Where ranks are processes (mpi), a failed wait never returns:
// the buffers may still be written, so the process leaves from inside it, after logging the error,
// with its kind as exit code. Where they are threads the error is thrown. One thread at a time may
// use a communicator; use duplicate() for a second thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/registry.h"

namespace espalier::comm {

enum class DataType { u8, i64, bf16, f16, f32, f64 };

size_t size_of(DataType type);

// A device stream (cudaStream_t) that an operation follows and precedes; null on the host.
using Stream = void*;

// One message of an exchange.
struct Outgoing {
  const void* buffer;
  int64_t count;
  int to;
};
struct Incoming {
  void* buffer;
  int64_t count;
  int from;
};

// An operation under way. Dropping one waits for it without throwing.
class Work {
 public:
  class Operation {
   public:
    virtual ~Operation() = default;
    virtual void wait() = 0;  // may throw kPeer; wait() or then() is called once
    virtual void then(Stream) { wait(); }
  };

  Work() = default;  // nothing to wait for
  explicit Work(std::unique_ptr<Operation> operation) : operation_(std::move(operation)) {}
  Work(Work&&) = default;
  Work& operator=(Work&&) = default;
  ~Work();

  // The host waits. Buffers and results are the caller's afterwards.
  void wait();

  // Orders `stream` after the operation: what is put on it from now on finds the results, and may
  // write the buffers. The host does not wait, except for a host communicator or a null stream: it
  // is wait() then. Nothing else is owed to this Work. A failure of the operation is reported by
  // the next call of the communicator; until one comes the stream may be stuck.
  void then(Stream stream);

 private:
  std::unique_ptr<Operation> operation_;
};

class Communicator {
 public:
  virtual ~Communicator() = default;

  virtual int rank() const = 0;
  virtual int size() const = 0;
  virtual std::string name() const = 0;  // "mpi", "thread", "nccl"

  // In place: every rank ends with the sum over ranks.
  virtual Work all_reduce(void* buffer, int64_t count, DataType type, Stream stream = nullptr) = 0;
  // `receive` holds size() blocks of `count`, in rank order.
  virtual Work all_gather(const void* send, void* receive, int64_t count, DataType type,
                          Stream stream = nullptr) = 0;
  // `send` holds size() blocks of `count`; rank r receives the sum of the r-th ones.
  virtual Work reduce_scatter(const void* send, void* receive, int64_t count, DataType type,
                              Stream stream = nullptr) = 0;
  virtual Work broadcast(void* buffer, int64_t count, DataType type, int root,
                         Stream stream = nullptr) = 0;
  // Messages between pairs of ranks, all at once: no order among them can deadlock. A rank calls it
  // when it has messages; those of one pair arrive in order, and a rank may write to itself.
  virtual Work exchange(const std::vector<Outgoing>& sends, const std::vector<Incoming>& receives,
                        DataType type, Stream stream = nullptr) = 0;
  // One message. On a device two ranks that both send first wait for each other: exchange() there.
  Work send(const void* buffer, int64_t count, DataType type, int to, Stream stream = nullptr) {
    return exchange({{buffer, count, to}}, {}, type, stream);
  }
  Work receive(void* buffer, int64_t count, DataType type, int from, Stream stream = nullptr) {
    return exchange({}, {{buffer, count, from}}, type, stream);
  }
  virtual void barrier() = 0;

  // Local. The stream on which this thread computes on the communicator's device; null on the host.
  virtual Stream compute_stream() const { return nullptr; }
  // Local. The host waits for all that `stream` holds, and ends as Work::wait() does when a peer
  // fails meanwhile. To be called before the host reads results, instead of a blocking call of the
  // device library, which a dead peer would keep for ever. Returns at once for a null stream.
  virtual void synchronize(Stream) {}

  // A communicator of the same ranks whose operations do not mix with this one's. kUsage from one
  // on a device: two at once may each wait for the other's kernels.
  virtual std::unique_ptr<Communicator> duplicate() = 0;
  // Whether a second thread may use a duplicate while this one is in use. Where not, all
  // communication is the calling thread's: on a device (streams overlap it already), and where MPI
  // grants only one thread.
  virtual bool concurrent() const { return true; }

  // Local. Tells every peer that this rank failed and why: whatever they wait for ends with
  // `error`. To be called where the error is caught, before anything is destroyed
  // (comm/agree.h, raise_errors). Where ranks are processes it does not return: this one leaves.
  virtual void raise(const Error& error) = 0;

  // Local. How long a wait may last without progress of any peer; duplicates begin with it.
  virtual void set_deadline(double seconds) = 0;
  virtual double deadline() const = 0;
};

// Makes the communicator for tensor data of a run. Plug-in kind "communicator";
// `parallel.communicator` names one.
class CommunicatorFactory : public Plugin {
 public:
  static constexpr const char* kKind = "communicator";
  // Collective over `control`. `device` is the local GPU that holds the tensors, or -1. Throws
  // kUsage with the reason when this communicator cannot run here or cannot reach that memory.
  virtual std::unique_ptr<Communicator> create(Communicator& control, int device) = 0;
};

}  // namespace espalier::comm
