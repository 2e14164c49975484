// Where a rank computes, and through what it exchanges gradients.
#pragma once

#include <c10/core/Device.h>

#include <memory>
#include <string>

#include "comm/communicator.h"
#include "comm/device_staging.h"

namespace espalier::engine {

// `wanted` is auto, cpu or cuda. kUsage with the reason where a GPU is asked for and cannot be had,
// and for exact mode on a GPU, which is promised on CPUs only.
c10::Device choose_device(const std::string& wanted, const std::string& mode);

// The GPU that tensors of `device` lie on; none on the host.
comm::Gpu gpu_of(c10::Device device);

// Collective. The communicator called `name`; auto takes nccl on GPUs, else that of `control`.
std::unique_ptr<comm::Communicator> make_data_communicator(const std::string& name,
                                                           comm::Communicator& control,
                                                           c10::Device device);

}  // namespace espalier::engine
