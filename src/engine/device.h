// Where a rank computes, and through what it exchanges gradients.
#pragma once

#include <c10/core/Device.h>

#include <memory>
#include <string>

#include "comm/communicator.h"
#include "sync/parallel_options.h"

namespace espalier::engine {

enum class DeviceChoice { kAuto, kCpu, kCuda };
constexpr auto names_of(DeviceChoice) {
  using enum DeviceChoice;
  return names<DeviceChoice>({{kAuto, "auto"}, {kCpu, "cpu"}, {kCuda, "cuda"}});
}

// kUsage with the reason where a GPU is asked for and cannot be had,
// and for exact mode on a GPU, which is promised on CPUs only.
c10::Device choose_device(DeviceChoice wanted, sync::Mode mode);

// Collective. The communicator called `name`; auto takes nccl on GPUs, else that of `control`.
std::unique_ptr<comm::Communicator> make_data_communicator(const std::string& name,
                                                           comm::Communicator& control,
                                                           c10::Device device);

}  // namespace espalier::engine
