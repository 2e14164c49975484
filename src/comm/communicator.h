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

// An operation under way. Dropping one waits for it without throwing.
class Work {
 public:
  class Operation {
   public:
    virtual ~Operation() = default;
    virtual void wait() = 0;  // may throw kPeer; called once
  };

  Work() = default;  // nothing to wait for
  explicit Work(std::unique_ptr<Operation> operation) : operation_(std::move(operation)) {}
  Work(Work&&) = default;
  Work& operator=(Work&&) = default;
  ~Work();

  void wait();

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
  // Between two ranks; the others do nothing. Messages of one pair arrive in order.
  virtual Work send(const void* buffer, int64_t count, DataType type, int to,
                    Stream stream = nullptr) = 0;
  virtual Work receive(void* buffer, int64_t count, DataType type, int from,
                       Stream stream = nullptr) = 0;
  virtual void barrier() = 0;

  // A communicator of the same ranks whose operations do not mix with this one's.
  virtual std::unique_ptr<Communicator> duplicate() = 0;

  // Local. Tells every peer that this rank failed and why: whatever they wait for ends with
  // `error`. To be called where the error is caught, before anything is destroyed
  // (comm/agree.h, raise_errors). Where ranks are processes it does not return: this one leaves.
  virtual void raise(const Error& error) = 0;

  // Local. How long a wait may last without progress of any peer.
  virtual void set_deadline(double seconds) = 0;
};

// Makes the communicator for tensor data of a run. Plug-in kind "communicator";
// `parallel.communicator` names one.
class CommunicatorFactory : public Plugin {
 public:
  static constexpr const char* kKind = "communicator";
  // Collective over `control`. `device` is the local GPU, or -1. Throws kUsage with the reason when
  // this communicator cannot run here.
  virtual std::unique_ptr<Communicator> create(Communicator& control, int device) = 0;
};

}  // namespace espalier::comm
