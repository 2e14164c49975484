// Where a rank computes, and through what it exchanges gradients.
#pragma once

#include <c10/core/Device.h>

#include <memory>
#include <string>

#include "train/run_config.h"

namespace espalier::train {

// `wanted` is auto, cpu or cuda. kUsage with the reason where a GPU is asked for and cannot be had,
// and for exact mode on a GPU, which is promised on CPUs only.
c10::Device choose_device(const std::string& wanted, const std::string& mode);

// Collective. The communicator that parallel.communicator names; auto takes nccl on GPUs, else that
// of `control`.
std::unique_ptr<comm::Communicator> make_data_communicator(const RunConfig& config,
                                                           comm::Communicator& control,
                                                           c10::Device device);

}  // namespace espalier::train
