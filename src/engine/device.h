// Where a rank computes, and through what it exchanges gradients.
#pragma once

#include <c10/core/Device.h>

#include <memory>
#include <string>

#include "comm/communicator.h"
#include "comm/device_staging.h"
#include "sync/parallel_options.h"
#include "tensor/precision.h"

namespace espalier::engine {

// What train.device asks for.
enum class DeviceChoice { kAuto, kCpu, kCuda };
constexpr auto names_of(DeviceChoice) {
  using enum DeviceChoice;
  return names<DeviceChoice>({{kAuto, "auto"}, {kCpu, "cpu"}, {kCuda, "cuda"}});
}

// Of this rank's machine, to compute on.
struct Gpus {
  int count = 0;
  std::string reason;  // why there is none
};
Gpus usable_gpus();

// Collective. What parallel.mode is for the life of a run: as given, or for auto fast where every
// rank will compute on a GPU, else exact. `wanted` is train.device.
sync::Mode settle_mode(comm::Communicator& control, sync::Mode mode, DeviceChoice wanted,
                       const Gpus& gpus);

// Collective. What train.precision is for the life of a run: as given, or for auto bf16 where every
// rank's device computes it well, else f32. `mode` is settled.
tensor::Precision settle_precision(comm::Communicator& control, tensor::Precision precision,
                                   sync::Mode mode, DeviceChoice wanted, const Gpus& gpus);

// `mode` is settled. Exact is promised on CPUs only: there auto
// takes the CPU, with a word in the log, and cuda is refused. kUsage with the reason also where a
// GPU is asked for and cannot be had.
c10::Device choose_device(DeviceChoice wanted, sync::Mode mode, const Gpus& gpus);

// The GPU that tensors of `device` lie on; none on the host.
comm::Gpu gpu_of(c10::Device device);

// Collective. The communicator called `name`; auto takes nccl on GPUs, else that of `control`.
std::unique_ptr<comm::Communicator> make_data_communicator(const std::string& name,
                                                           comm::Communicator& control,
                                                           c10::Device device);

}  // namespace espalier::engine
