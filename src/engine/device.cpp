#include "engine/device.h"

#include <algorithm>

#include "comm/agree.h"
#include "comm/nccl_comm.h"
#include "comm/topology.h"
#include "core/log.h"
#include "tensor/precision.h"

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

std::string settle_mode(comm::Communicator& control, const std::string& mode,
                        const std::string& wanted, const Gpus& gpus) {
  const bool on_gpu = wanted == "cuda" || (wanted == "auto" && gpus.count > 0);
  const std::vector<std::string> ranks = comm::gather_texts(control, on_gpu ? "gpu" : "cpu");
  if (mode != "auto") return mode;
  return std::ranges::all_of(ranks, [](const auto& rank) { return rank == "gpu"; }) ? "fast"
                                                                                    : "exact";
}

std::string settle_precision(comm::Communicator& control, const std::string& precision,
                             const std::string& mode, const std::string& wanted, const Gpus& gpus) {
  const bool on_gpu = mode == "fast" && wanted != "cpu" && gpus.count > 0;
  const std::vector<std::string> ranks =
      comm::gather_texts(control, on_gpu || tensor::cpu_computes_bf16() ? "bf16" : "f32");
  if (precision != "auto") return precision;
  return std::ranges::all_of(ranks, [](const auto& rank) { return rank == "bf16"; }) ? "bf16"
                                                                                     : "f32";
}

c10::Device choose_device(const std::string& wanted, const std::string& mode, const Gpus& gpus) {
  check(mode == "exact" || mode == "fast", Kind::kBug, "parallel.mode '{}' is not settled", mode);
  if (wanted == "cpu" || (wanted == "auto" && gpus.count == 0)) return c10::kCPU;
  if (wanted == "auto" && mode == "exact") {
    log::info("device",
              "there is a GPU, and this run is on the CPU: parallel.mode is exact (try: "
              "parallel.mode=fast in a new run)");
    return c10::kCPU;
  }
  check(gpus.count > 0, Kind::kUsage,
        "train.device is cuda, but {} (try: espalier doctor, or train.device=cpu)", gpus.reason);
  check(mode == "fast", Kind::kUsage,
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
