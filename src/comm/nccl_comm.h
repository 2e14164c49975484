// Ranks with a GPU each, joined by NCCL: the module that knows it is loaded at run time.
#pragma once

#include <memory>
#include <string>

#include "comm/cuda_module.h"

namespace espalier::comm {

// The loaded libespalier_cuda.so from the program's folder; null where it was not built or cannot
// be loaded. Tried once.
const CudaModule* cuda_module();
// Why cuda_module() is null.
const std::string& cuda_module_reason();

// Opens libtorch_cuda.so beside LibTorch's libc10, so that tensors can live on a GPU. Must come
// before anything asks LibTorch for CUDA or seeds it: LibTorch looks for its CUDA half once. Tried
// once; empty when open, else the reason.
const std::string& open_libtorch_cuda();

// Collective over `control`, which carries the id and the alarms and gives the deadline. To be
// destroyed by the thread that uses it, and after the error that ends it was raised: it then
// aborts; otherwise its destructor is collective, and waits for all that is in flight.
//
// An error that comes of the GPU, of NCCL or of the deadline is told to the peers before it is
// thrown. Where ncclCommAbort hangs the process ends with exit code 5.
std::unique_ptr<Communicator> make_nccl_communicator(const CudaModule& module,
                                                     Communicator& control, int device);

}  // namespace espalier::comm
