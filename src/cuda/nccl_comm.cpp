// libespalier_cuda.so: see comm/cuda_module.h. Links c10_cuda, cudart and NCCL only, so that it
// loads where LibTorch's large CUDA libraries are not installed. No kernels, so no nvcc.
#include <c10/cuda/CUDAStream.h>
#include <cuda_runtime_api.h>
#include <nccl.h>

#include <cstdio>
#include <cstring>
#include <memory>

#include "comm/cuda_module.h"

namespace espalier::comm {
namespace {

static_assert(sizeof(NcclId) == sizeof(ncclUniqueId));

// One NCCL communicator on one stream: two at once may each wait for the other's kernels.
struct NcclState {
  int device = 0;
  ncclComm_t comm = nullptr;
  cudaStream_t stream = nullptr;
  cudaEvent_t ready = nullptr;  // what the compute stream held when an operation was started

  ~NcclState() {
    if (ready != nullptr) cudaEventDestroy(ready);
    if (stream != nullptr) cudaStreamDestroy(stream);
  }
};

void say(CudaText* reason, const char* what, const char* why) {
  std::snprintf(reason->bytes, sizeof reason->bytes, "%s: %s", what, why);
}

bool good(cudaError_t code, const char* what, CudaText* reason) {
  if (code != cudaSuccess) say(reason, what, cudaGetErrorString(code));
  return code == cudaSuccess;
}

// In progress is good: ready() tells how it ended.
bool good(ncclResult_t code, const char* what, ncclComm_t comm, CudaText* reason) {
  if (code == ncclSuccess || code == ncclInProgress) return true;
  char why[400];
  std::snprintf(why, sizeof why, "%s; %s", ncclGetErrorString(code), ncclGetLastError(comm));
  say(reason, what, why);
  return false;
}

ncclDataType_t nccl_type(DataType type) {
  switch (type) {
    case DataType::u8:
      return ncclUint8;
    case DataType::i64:
      return ncclInt64;
    case DataType::bf16:
      return ncclBfloat16;
    case DataType::f16:
      return ncclFloat16;
    case DataType::f32:
      return ncclFloat32;
    case DataType::f64:
      return ncclFloat64;
  }
  return ncclNumTypes;
}

int device_count(CudaText* reason) {
  int count = 0;
  if (!good(cudaGetDeviceCount(&count), "cudaGetDeviceCount", reason)) return 0;
  if (count == 0) say(reason, "cudaGetDeviceCount", "no device is visible");
  return count;
}

CudaVersions versions() {
  CudaVersions found{};
  ncclGetVersion(&found.nccl);
  cudaRuntimeGetVersion(&found.runtime);
  cudaDriverGetVersion(&found.driver);
  return found;
}

Stream current_stream(int device) {
  return c10::cuda::getCurrentCUDAStream(static_cast<c10::DeviceIndex>(device)).stream();
}

bool unique_id(NcclId* id, CudaText* reason) {
  ncclUniqueId unique;
  if (!good(ncclGetUniqueId(&unique), "ncclGetUniqueId", nullptr, reason)) return false;
  std::memcpy(id->bytes, &unique, sizeof unique);
  return true;
}

void* create(const NcclId* id, int rank, int size, int device, CudaText* reason) {
  auto state = std::make_unique<NcclState>();
  state->device = device;
  if (!good(cudaSetDevice(device), "cudaSetDevice", reason) ||
      !good(cudaStreamCreateWithFlags(&state->stream, cudaStreamNonBlocking), "cudaStreamCreate",
            reason) ||
      !good(cudaEventCreateWithFlags(&state->ready, cudaEventDisableTiming), "cudaEventCreate",
            reason))
    return nullptr;
  ncclUniqueId unique;
  std::memcpy(&unique, id->bytes, sizeof unique);
  ncclConfig_t config = NCCL_CONFIG_INITIALIZER;
  config.blocking = 0;
  if (!good(ncclCommInitRankConfig(&state->comm, size, unique, rank, &config),
            "ncclCommInitRankConfig", nullptr, reason))
    return nullptr;
  return state.release();
}

CudaState ready(void* communicator, CudaText* reason) {
  const auto* state = static_cast<NcclState*>(communicator);
  ncclResult_t now = ncclSuccess;
  if (!good(ncclCommGetAsyncError(state->comm, &now), "ncclCommGetAsyncError", state->comm,
            reason) ||
      !good(now, "NCCL", state->comm, reason))
    return CudaState::kFailed;
  return now == ncclInProgress ? CudaState::kRunning : CudaState::kDone;
}

ncclResult_t issue(const NcclState& state, const NcclCall& call) {
  const size_t count = static_cast<size_t>(call.count);
  const ncclDataType_t type = nccl_type(call.type);
  switch (call.operation) {
    case NcclOperation::kAllReduce:
      return ncclAllReduce(call.send, call.receive, count, type, ncclSum, state.comm, state.stream);
    case NcclOperation::kAllGather:
      return ncclAllGather(call.send, call.receive, count, type, state.comm, state.stream);
    case NcclOperation::kReduceScatter:
      return ncclReduceScatter(call.send, call.receive, count, type, ncclSum, state.comm,
                               state.stream);
    case NcclOperation::kBroadcast:
      return ncclBroadcast(call.send, call.receive, count, type, call.peer, state.comm,
                           state.stream);
    case NcclOperation::kSend:
      return ncclSend(call.send, count, type, call.peer, state.comm, state.stream);
    case NcclOperation::kReceive:
      return ncclRecv(call.receive, count, type, call.peer, state.comm, state.stream);
  }
  return ncclInvalidArgument;
}

bool start(void* communicator, const NcclCall* call, Stream stream, CudaText* reason) {
  const auto* state = static_cast<NcclState*>(communicator);
  return good(cudaSetDevice(state->device), "cudaSetDevice", reason) &&
         good(cudaEventRecord(state->ready, static_cast<cudaStream_t>(stream)), "cudaEventRecord",
              reason) &&
         good(cudaStreamWaitEvent(state->stream, state->ready, 0), "cudaStreamWaitEvent", reason) &&
         good(issue(*state, *call), "NCCL", state->comm, reason);
}

void* mark(void* communicator, CudaText* reason) {
  const auto* state = static_cast<NcclState*>(communicator);
  cudaEvent_t event = nullptr;
  if (!good(cudaEventCreateWithFlags(&event, cudaEventDisableTiming), "cudaEventCreate", reason))
    return nullptr;
  if (good(cudaEventRecord(event, state->stream), "cudaEventRecord", reason)) return event;
  cudaEventDestroy(event);
  return nullptr;
}

CudaState reached(void* communicator, void* event, CudaText* reason) {
  const cudaError_t code = cudaEventQuery(static_cast<cudaEvent_t>(event));
  if (code == cudaSuccess) return CudaState::kDone;
  if (code != cudaErrorNotReady) {
    say(reason, "cudaEventQuery", cudaGetErrorString(code));
    return CudaState::kFailed;
  }
  // A dead peer shows here, not in the event.
  return ready(communicator, reason) == CudaState::kFailed ? CudaState::kFailed
                                                           : CudaState::kRunning;
}

void release(void* event) { cudaEventDestroy(static_cast<cudaEvent_t>(event)); }

bool finalize(void* communicator, CudaText* reason) {
  const auto* state = static_cast<NcclState*>(communicator);
  return good(ncclCommFinalize(state->comm), "ncclCommFinalize", state->comm, reason);
}

void destroy(void* communicator) {
  const std::unique_ptr<NcclState> state(static_cast<NcclState*>(communicator));
  ncclCommDestroy(state->comm);
}

void abort(void* communicator) {
  const std::unique_ptr<NcclState> state(static_cast<NcclState*>(communicator));
  ncclCommAbort(state->comm);
}

constexpr CudaModule kModule = {CudaModule::kInterface,
                                device_count,
                                versions,
                                current_stream,
                                unique_id,
                                create,
                                ready,
                                start,
                                mark,
                                reached,
                                release,
                                finalize,
                                destroy,
                                abort};

}  // namespace
}  // namespace espalier::comm

extern "C" __attribute__((visibility("default"))) const espalier::comm::CudaModule*
espalier_cuda_module() {
  return &espalier::comm::kModule;
}
