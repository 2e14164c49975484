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

// A communicator and what its calls need.
struct NcclState {
  int device = 0;
  ncclComm_t comm = nullptr;
};

void say(CudaText* reason, const char* what, const char* why) {
  std::snprintf(reason->bytes, sizeof reason->bytes, "%s: %s", what, why);
}

bool good(cudaError_t code, const char* what, CudaText* reason) {
  if (code == cudaSuccess) return true;
  say(reason, what, cudaGetErrorString(code));
  cudaGetLastError();  // it is told here, and nowhere else
  return false;
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

bool identity(int device, CudaText* identity, CudaText* reason) {
  cudaDeviceProp properties;
  char bus[32] = "";
  if (!good(cudaGetDeviceProperties(&properties, device), "cudaGetDeviceProperties", reason) ||
      !good(cudaDeviceGetPCIBusId(bus, sizeof bus, device), "cudaDeviceGetPCIBusId", reason))
    return false;
  char* text = identity->bytes;
  text += std::snprintf(text, 200, "%.100s at %s, GPU-", properties.name, bus);
  for (const char byte : properties.uuid.bytes)
    text += std::snprintf(text, 3, "%02x", static_cast<unsigned char>(byte));
  return true;
}

Stream current_stream(int device) {
  const auto current = c10::cuda::getCurrentCUDAStream(static_cast<c10::DeviceIndex>(device));
  // The default stream is null, which here means the host: the other name of it.
  return current.stream() != nullptr ? current.stream() : cudaStreamLegacy;
}

Stream create_stream(int device, CudaText* reason) {
  cudaStream_t stream = nullptr;
  if (!good(cudaSetDevice(device), "cudaSetDevice", reason) ||
      !good(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "cudaStreamCreate", reason))
    return nullptr;
  return stream;
}

void destroy_stream(int device, Stream stream) {
  if (cudaSetDevice(device) == cudaSuccess) cudaStreamDestroy(static_cast<cudaStream_t>(stream));
  cudaGetLastError();
}

CudaEvent record(int device, Stream stream, CudaText* reason) {
  cudaEvent_t event = nullptr;
  if (!good(cudaSetDevice(device), "cudaSetDevice", reason) ||
      !good(cudaEventCreateWithFlags(&event, cudaEventDisableTiming), "cudaEventCreate", reason))
    return nullptr;
  if (good(cudaEventRecord(event, static_cast<cudaStream_t>(stream)), "cudaEventRecord", reason))
    return event;
  cudaEventDestroy(event);
  return nullptr;
}

CudaState reached(CudaEvent event, CudaText* reason) {
  const cudaError_t code = cudaEventQuery(static_cast<cudaEvent_t>(event));
  if (code == cudaSuccess) return CudaState::kDone;
  if (code == cudaErrorNotReady) {
    cudaGetLastError();  // it stays until read, and LibTorch takes what it finds for its own
    return CudaState::kRunning;
  }
  say(reason, "cudaEventQuery", cudaGetErrorString(code));
  return CudaState::kFailed;
}

bool order(int device, Stream stream, CudaEvent event, CudaText* reason) {
  return good(cudaSetDevice(device), "cudaSetDevice", reason) &&
         good(cudaStreamWaitEvent(static_cast<cudaStream_t>(stream),
                                  static_cast<cudaEvent_t>(event), 0),
              "cudaStreamWaitEvent", reason);
}

// What has been put on streams before keeps what it needs of the event.
void release(CudaEvent event) { cudaEventDestroy(static_cast<cudaEvent_t>(event)); }

void* allocate_pinned(int device, size_t bytes, CudaText* reason) {
  void* memory = nullptr;
  if (!good(cudaSetDevice(device), "cudaSetDevice", reason) ||
      !good(cudaMallocHost(&memory, bytes), "cudaMallocHost", reason))
    return nullptr;
  return memory;
}

void free_pinned(void* memory) { cudaFreeHost(memory); }

bool copy_to_device(int device, void* to, const void* from, size_t bytes, Stream stream,
                    CudaText* reason) {
  return good(cudaSetDevice(device), "cudaSetDevice", reason) &&
         good(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice,
                              static_cast<cudaStream_t>(stream)),
              "cudaMemcpyAsync", reason);
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
  if (!good(cudaSetDevice(device), "cudaSetDevice", reason)) return nullptr;
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

ncclResult_t issue(ncclComm_t comm, cudaStream_t stream, const NcclCall& call) {
  const size_t count = static_cast<size_t>(call.count);
  const ncclDataType_t type = nccl_type(call.type);
  switch (call.operation) {
    case NcclOperation::kAllReduce:
      return ncclAllReduce(call.send, call.receive, count, type, ncclSum, comm, stream);
    case NcclOperation::kAllGather:
      return ncclAllGather(call.send, call.receive, count, type, comm, stream);
    case NcclOperation::kReduceScatter:
      return ncclReduceScatter(call.send, call.receive, count, type, ncclSum, comm, stream);
    case NcclOperation::kBroadcast:
      return ncclBroadcast(call.send, call.receive, count, type, call.peer, comm, stream);
    case NcclOperation::kSend:
      return ncclSend(call.send, count, type, call.peer, comm, stream);
    case NcclOperation::kReceive:
      return ncclRecv(call.receive, count, type, call.peer, comm, stream);
  }
  return ncclInvalidArgument;
}

bool start(void* communicator, const NcclCall* calls, int count, Stream stream, CudaText* reason) {
  const ncclComm_t comm = static_cast<NcclState*>(communicator)->comm;
  if (!good(cudaSetDevice(static_cast<NcclState*>(communicator)->device), "cudaSetDevice",
            reason) ||
      !good(ncclGroupStart(), "ncclGroupStart", comm, reason))
    return false;
  bool issued = true;
  for (int i = 0; i < count && issued; ++i)
    issued = good(issue(comm, static_cast<cudaStream_t>(stream), calls[i]), "NCCL", comm, reason);
  CudaText why{};  // a group that was begun must be ended; the first reason counts
  const bool ended = good(ncclGroupEnd(), "ncclGroupEnd", comm, issued ? reason : &why);
  return issued && ended;
}

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

constexpr CudaModule kModule = {.interface = CudaModule::kInterface,
                                .device_count = device_count,
                                .versions = versions,
                                .identity = identity,
                                .current_stream = current_stream,
                                .create_stream = create_stream,
                                .destroy_stream = destroy_stream,
                                .record = record,
                                .reached = reached,
                                .order = order,
                                .release = release,
                                .allocate_pinned = allocate_pinned,
                                .free_pinned = free_pinned,
                                .copy_to_device = copy_to_device,
                                .unique_id = unique_id,
                                .create = create,
                                .ready = ready,
                                .start = start,
                                .finalize = finalize,
                                .destroy = destroy,
                                .abort = abort};

}  // namespace
}  // namespace espalier::comm

extern "C" __attribute__((visibility("default"))) const espalier::comm::CudaModule*
espalier_cuda_module() {
  return &espalier::comm::kModule;
}
