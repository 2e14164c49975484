#include "engine/device.h"

#include "comm/nccl_comm.h"
#include "comm/topology.h"

namespace espalier::engine {

namespace {

// How many GPUs can be computed on here; 0 with the reason.
int usable_gpus(std::string& reason) {
  const comm::CudaModule* module = comm::cuda_module();
  if (module == nullptr) {
    reason = comm::cuda_module_reason();
    return 0;
  }
  comm::CudaText text{};
  const int devices = module->device_count(&text);
  if (devices == 0) reason = text.bytes;
  if (devices > 0 && !comm::open_libtorch_cuda().empty()) {
    reason = comm::open_libtorch_cuda();
    return 0;
  }
  return devices;
}

}  // namespace

c10::Device choose_device(DeviceChoice wanted, sync::Mode mode) {
  if (wanted == DeviceChoice::kCpu) return c10::kCPU;
  std::string reason;
  const int devices = usable_gpus(reason);
  if (wanted == DeviceChoice::kAuto && devices == 0) return c10::kCPU;
  check(devices > 0, Kind::kUsage,
        "train.device is cuda, but {} (try: espalier doctor, or train.device=cpu)", reason);
  check(mode == sync::Mode::kFast, Kind::kUsage,
        "parallel.mode is exact, which is promised on CPUs only (try: parallel.mode=fast, or "
        "train.device=cpu)");
  return c10::Device(c10::kCUDA,
                     static_cast<c10::DeviceIndex>(comm::device_of_local_rank(devices)));
}

std::unique_ptr<comm::Communicator> make_data_communicator(const std::string& name,
                                                           comm::Communicator& control,
                                                           c10::Device device) {
  const std::string automatic = device.is_cuda() ? "nccl" : control.name();
  return Registry<comm::CommunicatorFactory>::create(name == "auto" ? automatic : name)
      ->create(control, device.is_cuda() ? device.index() : -1);
}

}  // namespace espalier::engine
