// What a run on GPUs needs, on the machine of rank 0.
#include "app/doctor/check.h"
#include "comm/nccl_comm.h"

namespace espalier::app {
namespace {

std::string cuda_version(int code) { return fmt::format("{}.{}", code / 1000, code % 1000 / 10); }

std::string nccl_version(int code) {
  return fmt::format("{}.{}.{}", code / 10000, code / 100 % 100, code % 100);
}

class Gpu : public Check {
 public:
  Findings run(comm::Communicator& control, const std::filesystem::path&) override {
    if (control.rank() != 0) return {};
    const comm::CudaModule* module = comm::cuda_module();
    if (module == nullptr)
      return {{"gpu module", comm::cuda_module_reason(), "runs on CPUs do not need it"}};
    const comm::CudaVersions versions = module->versions();
    comm::CudaText reason{};
    const int devices = module->device_count(&reason);
    const std::string& missing = comm::open_libtorch_cuda();
    return {
        {"gpu module", "loads"},
        {"nccl", nccl_version(versions.nccl)},
        {"cuda runtime", cuda_version(versions.runtime)},
        {"cuda driver", versions.driver > 0 ? "runs CUDA " + cuda_version(versions.driver) : "none",
         devices > 0 ? "" : std::string(reason.bytes)},
        {"gpus", std::to_string(devices), devices > 0 ? "" : "train.device=cpu"},
        {"libtorch cuda", missing.empty() ? "opens" : "does not open", missing}};
  }
};

ESPALIER_REGISTER(Check, Gpu, "gpu", "GPU module, NCCL, CUDA, devices");

}  // namespace
}  // namespace espalier::app
