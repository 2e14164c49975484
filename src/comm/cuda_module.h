// The interface of libespalier_cuda.so, the only part of Espalier that sees CUDA and NCCL headers.
// C linkage and plain types: no exception crosses it, and the module uses no symbol of the
// executable. Nothing here blocks: what takes time is polled by the caller, who also watches the
// deadline and the alarm. Calls on one communicator come from one thread at a time.
#pragma once

#include <cstdint>

#include "comm/communicator.h"

namespace espalier::comm {

struct CudaText {
  char bytes[512];  // ends in a zero
};

struct CudaVersions {
  int nccl;     // 23007 is 2.30.7
  int runtime;  // 13000 is 13.0
  int driver;   // newest CUDA that the driver can run; 0 without a driver
};

struct NcclId {
  char bytes[128];
};

enum class CudaState { kRunning, kDone, kFailed };

enum class NcclOperation { kAllReduce, kAllGather, kReduceScatter, kBroadcast, kSend, kReceive };

struct NcclCall {
  NcclOperation operation;
  const void* send;
  void* receive;
  int64_t count;
  DataType type;
  int peer;  // root, receiver or sender
};

struct CudaModule {
  static constexpr int kInterface = 1;

  int interface;  // kInterface of the header it was built with

  // GPUs that this process can use; 0 with the reason.
  int (*device_count)(CudaText* reason);
  CudaVersions (*versions)();
  // The stream on which LibTorch computes in this thread.
  Stream (*current_stream)(int device);

  // False with the reason; so for all that return bool.
  bool (*unique_id)(NcclId* id, CudaText* reason);
  // A communicator and its own stream; to be polled with ready() until kDone. Null with the reason.
  void* (*create)(const NcclId* id, int rank, int size, int device, CudaText* reason);
  // Whether what was last asked of the communicator has been taken in.
  CudaState (*ready)(void* communicator, CudaText* reason);
  // Puts the call on the communicator's stream, after what `stream` holds now. ready() follows.
  bool (*start)(void* communicator, const NcclCall* call, Stream stream, CudaText* reason);
  // An event after all that was started so far; null with the reason. reached() tells when,
  // release() frees it.
  void* (*mark)(void* communicator, CudaText* reason);
  CudaState (*reached)(void* communicator, void* event, CudaText* reason);
  void (*release)(void* event);
  // Ends the communicator in order, polled with ready(); destroy() follows.
  bool (*finalize)(void* communicator, CudaText* reason);
  void (*destroy)(void* communicator);
  // Ends the communicator with whatever is in flight, at once. The handle is gone.
  void (*abort)(void* communicator);
};

using CudaModuleEntry = const CudaModule* (*)();
inline constexpr const char* kCudaModuleEntry = "espalier_cuda_module";

}  // namespace espalier::comm
