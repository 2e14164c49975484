// Whether srun can start ranks that find each other.
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

#include "app/doctor/check.h"

namespace espalier::app {
namespace {

// What a shell command prints.
std::string output_of(const char* command) {
  std::string text;
  FILE* pipe = popen(command, "r");
  if (pipe == nullptr) return text;
  std::array<char, 4096> part;
  while (std::fgets(part.data(), part.size(), pipe) != nullptr) text += part.data();
  pclose(pipe);
  return text;
}

class Slurm : public Check {
 public:
  Findings run(comm::Communicator& control, const std::filesystem::path&) override {
    if (control.rank() != 0) return {};
    const std::string kinds = output_of("command -v srun >/dev/null && srun --mpi=list 2>&1");
    if (kinds.empty()) return {};
    const bool pmix = kinds.find("pmix") != std::string::npos;
    return {{"srun", pmix ? "offers PMIx" : "offers no PMIx",
             pmix ? "srun --mpi=pmix starts ranks; without the option each may be alone"
                  : "srun would start every rank alone (try: launch/mpirun.sh inside the job)"}};
  }
};

ESPALIER_REGISTER(Check, Slurm, "slurm",
                  "whether srun offers PMIx; reports nothing where there is no srun");

}  // namespace
}  // namespace espalier::app
