// The interface of libespalier_cuda.so, the only part of Espalier that sees CUDA and NCCL headers.
// C linkage and plain types: no exception crosses it, and the module uses no symbol of the
// executable. Nothing here waits for a peer, abort() aside: what takes time is polled by the
// caller, who also watches the deadline and the alarm. Calls on one communicator come from one
// thread at a time. tests/simulated plays it without a GPU.
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

using CudaEvent = void*;

// Functions that return bool or a pointer fail with false or null and the reason.
struct CudaModule {
  static constexpr int kInterface = 2;

  int interface;  // kInterface of the header it was built with

  // GPUs that this process can use; 0 with the reason.
  int (*device_count)(CudaText* reason);
  CudaVersions (*versions)();
  // What no two GPUs have in common, whatever number each process knows them by.
  bool (*identity)(int device, CudaText* identity, CudaText* reason);

  // The stream on which LibTorch computes in this thread.
  Stream (*current_stream)(int device);
  // A stream that runs beside all others.
  Stream (*create_stream)(int device, CudaText* reason);
  void (*destroy_stream)(int device, Stream stream);

  // An event that is reached when all that `stream` holds now has been executed.
  CudaEvent (*record)(int device, Stream stream, CudaText* reason);
  // Leaves no error behind that LibTorch's next check of a kernel would find.
  CudaState (*reached)(CudaEvent event, CudaText* reason);
  // What is put on `stream` from now on is executed after the event.
  bool (*order)(int device, Stream stream, CudaEvent event, CudaText* reason);
  void (*release)(CudaEvent event);

  // Host memory that the GPU reads and writes itself, so that copies need not wait for the host.
  void* (*allocate_pinned)(int device, size_t bytes, CudaText* reason);
  void (*free_pinned)(void* memory);
  // Puts the copy from pinned memory on `stream`.
  bool (*copy_to_device)(int device, void* to, const void* from, size_t bytes, Stream stream,
                         CudaText* reason);

  bool (*unique_id)(NcclId* id, CudaText* reason);
  // A communicator; to be polled with ready() until kDone.
  void* (*create)(const NcclId* id, int rank, int size, int device, CudaText* reason);
  // Whether what was last asked of the communicator has been taken in; kFailed when it, or an
  // operation on the GPU, has failed.
  CudaState (*ready)(void* communicator, CudaText* reason);
  // Puts the calls on `stream` as one group. ready() follows, and only then record().
  bool (*start)(void* communicator, const NcclCall* calls, int count, Stream stream,
                CudaText* reason);
  // Ends the communicator in order, polled with ready(); destroy() follows. Collective, and for one
  // that has nothing in flight.
  bool (*finalize)(void* communicator, CudaText* reason);
  void (*destroy)(void* communicator);
  // Ends the communicator with whatever is in flight. The handle is gone. May hang.
  void (*abort)(void* communicator);
};

using CudaModuleEntry = const CudaModule* (*)();
inline constexpr const char* kCudaModuleEntry = "espalier_cuda_module";

}  // namespace espalier::comm
