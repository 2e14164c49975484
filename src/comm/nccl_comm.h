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

// Collective over `control`, which carries the id and the alarms. A wait polls the GPU: it ends on
// the host when the operation has ended there, so work put on any stream afterwards sees its
// results.
std::unique_ptr<Communicator> make_nccl_communicator(const CudaModule& module,
                                                     Communicator& control, int device);

}  // namespace espalier::comm
