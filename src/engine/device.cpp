#include "engine/device.h"

#include <algorithm>

#include "comm/agree.h"
#include "comm/nccl_comm.h"
#include "comm/topology.h"
#include "core/log.h"

namespace espalier::engine {

Gpus usable_gpus() {
  const comm::CudaModule* module = comm::cuda_module();
  if (module == nullptr) return {0, comm::cuda_module_reason()};
  comm::CudaText text{};
  const int devices = module->device_count(&text);
  if (devices == 0) return {0, text.bytes};
  if (!comm::open_libtorch_cuda().empty()) return {0, comm::open_libtorch_cuda()};
  return {devices, ""};
}

sync::Mode settle_mode(comm::Communicator& control, sync::Mode mode, DeviceChoice wanted,
                       const Gpus& gpus) {
  const bool on_gpu =
      wanted == DeviceChoice::kCuda || (wanted == DeviceChoice::kAuto && gpus.count > 0);
  const std::vector<std::string> ranks = comm::gather_texts(control, on_gpu ? "gpu" : "cpu");
  if (mode != sync::Mode::kAuto) return mode;
  return std::ranges::all_of(ranks, [](const auto& rank) { return rank == "gpu"; })
             ? sync::Mode::kFast
             : sync::Mode::kExact;
}

tensor::Precision settle_precision(comm::Communicator& control, tensor::Precision precision,
                                   sync::Mode mode, DeviceChoice wanted, const Gpus& gpus) {
  const bool on_gpu = mode == sync::Mode::kFast && wanted != DeviceChoice::kCpu && gpus.count > 0;
  const std::vector<std::string> ranks =
      comm::gather_texts(control, on_gpu || tensor::cpu_computes_bf16() ? "bf16" : "f32");
  if (precision != tensor::Precision::kAuto) return precision;
  return std::ranges::all_of(ranks, [](const auto& rank) { return rank == "bf16"; })
             ? tensor::Precision::kBf16
             : tensor::Precision::kF32;
}

c10::Device choose_device(DeviceChoice wanted, sync::Mode mode, const Gpus& gpus) {
  check(mode != sync::Mode::kAuto, Kind::kBug, "parallel.mode is not settled");
  if (wanted == DeviceChoice::kCpu || (wanted == DeviceChoice::kAuto && gpus.count == 0))
    return c10::kCPU;
  if (wanted == DeviceChoice::kAuto && mode == sync::Mode::kExact) {
    log::info("device",
              "there is a GPU, and this run is on the CPU: parallel.mode is exact (try: "
              "parallel.mode=fast in a new run)");
    return c10::kCPU;
  }
  check(gpus.count > 0, Kind::kUsage,
        "train.device is cuda, but {} (try: espalier doctor, or train.device=cpu)", gpus.reason);
  check(mode == sync::Mode::kFast, Kind::kUsage,
        "parallel.mode is exact, which is promised on CPUs only (try: parallel.mode=fast, or "
        "train.device=cpu)");
  return c10::Device(c10::kCUDA,
                     static_cast<c10::DeviceIndex>(comm::device_of_local_rank(gpus.count)));
}

comm::Gpu gpu_of(c10::Device device) {
  return device.is_cuda() ? comm::Gpu{comm::cuda_module(), device.index()} : comm::Gpu{};
}

std::unique_ptr<comm::Communicator> make_data_communicator(const std::string& name,
                                                           comm::Communicator& control,
                                                           c10::Device device) {
  const std::string automatic = device.is_cuda() ? "nccl" : control.name();
  return Registry<comm::CommunicatorFactory>::create(name == "auto" ? automatic : name)
      ->create(control, device.is_cuda() ? device.index() : -1);
}

}  // namespace espalier::engine
