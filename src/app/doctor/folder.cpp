// The folder that runs are to be written to: how long a file takes, and whether all machines see
// it.
#include <unistd.h>

#include <chrono>
#include <thread>

#include "app/doctor/check.h"
#include "comm/agree.h"
#include "comm/topology.h"
#include "core/clock.h"
#include "core/files.h"

namespace espalier::app {
namespace {

namespace fs = std::filesystem;

constexpr double kPatience = 5;  // a network file system shows a new file late

bool appears(const fs::path& file) {
  std::error_code ignored;
  for (const Stopwatch watch; watch.seconds() < kPatience;) {
    for ([[maybe_unused]] const auto& entry : fs::directory_iterator(file.parent_path(), ignored)) {
    }  // asks the server anew
    if (fs::exists(file, ignored)) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return false;
}

Finding written(const fs::path& file) {
  try {
    const Stopwatch watch;
    write_file(file, std::string(4096, 'x'));
    const double seconds = watch.seconds();
    return {"folder",
            fmt::format("{}: write, fsync and rename in {:.1f} ms, {:.1f} GB free",
                        file.parent_path().string(), seconds * 1e3,
                        static_cast<double>(fs::space(file.parent_path()).available) / 1e9)};
  } catch (const std::exception& error) {
    return {"folder", error.what(), "start from a folder that can be written, or --folder DIR",
            static_cast<int>(Kind::kIo)};
  }
}

class Folder : public Check {
 public:
  Findings run(comm::Communicator& control, const fs::path& folder) override {
    std::error_code ignored;
    const std::string name = comm::broadcast_text(
        control,
        (fs::absolute(folder).lexically_normal() / fmt::format(".espalier-doctor-{}", getpid()))
            .string());
    Findings findings;
    if (control.rank() == 0) findings.push_back(written(name));
    const bool made = comm::broadcast_text(control, fs::exists(name, ignored) ? "1" : "0") == "1";
    const std::vector<std::string> blind =
        comm::gather_texts(control, !made || appears(name) ? "" : comm::host_name());
    control.barrier();
    if (control.rank() != 0) return {};
    fs::remove(name, ignored);
    for (size_t rank = 0; rank < blind.size(); ++rank)
      if (!blind[rank].empty())
        findings.push_back({"shared folder",
                            fmt::format("rank {} on {} does not see it", rank, blind[rank]),
                            "shards must be at the same path on every machine; a run folder is "
                            "written by rank 0 alone, but a restart may be on another machine"});
    return findings;
  }
};

ESPALIER_REGISTER(Check, Folder, "folder",
                  "whether the folder of runs can be written, and whether all ranks see it");

}  // namespace
}  // namespace espalier::app
