// Variables that matter: those that are ignored and those that are not.
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>

#include "app/doctor/check.h"
#include "core/environment.h"

namespace espalier::app {
namespace {

// mpirun sets many OMPI_MCA_ of its own; these choose how messages travel.
constexpr const char* kCounting[] = {
    "ESPALIER_",    "CUDA_VISIBLE_DEVICES=", "NCCL_", "OMPI_MCA_btl", "OMPI_MCA_pml",
    "OMPI_MCA_mtl", "OMPI_MCA_coll",         "UCX_",  "FI_",          "HDF5_USE_FILE_LOCKING="};

std::vector<std::string> counting() {
  std::vector<std::string> found;
  for (char** variable = environ; *variable != nullptr; ++variable)
    for (const char* prefix : kCounting)
      if (std::string(*variable).starts_with(prefix)) found.push_back(*variable);
  std::ranges::sort(found);
  return found;
}

std::string text_of(const std::vector<std::string>& variables) {
  return variables.empty() ? "none" : fmt::format("{}", fmt::join(variables, ", "));
}

class Environment : public Check {
 public:
  Findings run(comm::Communicator&, const std::filesystem::path&) override {
    const auto ignored = ignored_environment(), counted = counting();
    return {{"ignored variables", text_of(ignored),
             ignored.empty() ? ""
                             : "set threads by parallel.lane_threads and data.threads, and lower "
                               "instructions by ATEN_CPU_CAPABILITY"},
            {"variables in effect", text_of(counted)}};
  }
};

ESPALIER_REGISTER(Check, Environment, "environment",
                  "environment variables that are ignored, and those in effect");

}  // namespace
}  // namespace espalier::app
