// espalier doctor: what this host and this start can do, and what to do about the rest.
#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "app/verb.h"
#include "comm/agree.h"
#include "comm/check_comm.h"
#include "comm/mpi_comm.h"
#include "comm/nccl_comm.h"
#include "comm/topology.h"
#include "comm/world.h"
#include "core/clock.h"
#include "core/cores.h"
#include "core/files.h"
#include "core/jsonl.h"

namespace espalier::app {
namespace {

namespace fs = std::filesystem;

struct Finding {
  std::string what;
  std::string state;  // what was found
  std::string advice = {};
  int exit_code = 0;  // not 0 when even a CPU run is in trouble
};

using Findings = std::vector<Finding>;

Finding processor() {
  std::ifstream file("/proc/cpuinfo");
  std::string model = "unknown", flags;
  for (std::string line; std::getline(file, line) && flags.empty();) {
    const size_t colon = std::min(line.find(": "), line.size());
    if (line.starts_with("model name")) model = line.substr(std::min(colon + 2, line.size()));
    if (line.starts_with("flags")) flags = line.substr(colon) + " ";
  }
  std::string sets;
  for (const char* set : {"avx2", "fma", "avx512f", "avx512_bf16", "amx_bf16"})
    if (flags.find(fmt::format(" {} ", set)) != std::string::npos) sets += fmt::format(" {}", set);
  const bool bf16 = sets.find("bf16") != std::string::npos;
  return {"processor", fmt::format("{}:{}", model, sets.empty() ? " no avx2" : sets),
          bf16 ? "" : "train.precision=bf16 is refused on this CPU: it has no bf16 units"};
}

Finding host() {
  const double bytes =
      static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
  return {"host", fmt::format("{}, {} of {} cores allowed, {:.1f} GB memory", comm::host_name(),
                              core_share().cores, sysconf(_SC_NPROCESSORS_ONLN), bytes / 1e9)};
}

// What the first touch of a page costs: virtual machines differ a hundredfold.
Finding page_faults() {
  constexpr size_t kBytes = 32 << 20;
  const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  void* memory = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return {"page faults", "not measured: " + errno_text()};
  madvise(memory, kBytes, MADV_NOHUGEPAGE);
  const Stopwatch watch;
  for (size_t at = 0; at < kBytes; at += page) static_cast<volatile char*>(memory)[at] = 1;
  const double microseconds = watch.seconds() * 1e6 / static_cast<double>(kBytes / page);
  munmap(memory, kBytes);
  return {"page faults", fmt::format("{:.2f} us a page", microseconds),
          microseconds > 5 ? "memory comes slowly here; other programs pay it on every large buffer"
                           : ""};
}

Finding launcher(comm::Communicator& control) {
  if (!comm::mpi::started())
    return {"mpi", fmt::format("{}; this start has 1 rank", comm::mpi::version()),
            "mpirun -n 2 espalier doctor checks several"};
  const std::vector<std::string> hosts = comm::gather_texts(control, comm::host_name());
  const std::string level = comm::mpi::thread_level();
  return {"mpi",
          fmt::format("{}, threads: {}, {} ranks on {} hosts", comm::mpi::version(), level,
                      control.size(), std::set<std::string>(hosts.begin(), hosts.end()).size()),
          level == "multiple" || level == "serialized"
              ? ""
              : "one thread a rank communicates (try: an MPI with MPI_THREAD_MULTIPLE)"};
}

void add_ranks(comm::Communicator& control, Findings& findings) {
  if (!comm::mpi::started()) return;
  const int64_t cores = core_share().cores;
  const std::vector<std::string> ranks = comm::gather_texts(
      control, fmt::format("{}, rank {} of {} there, {} cores allowed", comm::host_name(),
                           comm::local_rank(), comm::local_size(), cores));
  const bool bound = cores == 1 && sysconf(_SC_NPROCESSORS_ONLN) > comm::local_size();
  const std::vector<std::string> advice = comm::gather_texts(
      control, bound ? "one core only (try: mpirun --bind-to none, or --map-by slot:PE=n)" : "");
  for (size_t r = 0; r < ranks.size(); ++r)
    findings.push_back({fmt::format("rank {}", r), ranks[r], advice[r]});
}

// Every operation on every type; with MPI also cut into pieces as counts above 2^30 are.
Finding operations(comm::Communicator& control) {
  for (const comm::DataType type : comm::kDataTypes) {
    for (const int64_t count : {0, 1, 1000, 1 << 17})
      comm::check_communicator(control, count, type);
    if (comm::mpi::started()) comm::check_communicator(*comm::mpi::world(64), 1000, type);
  }
  std::vector<float> values(1 << 20);
  double seconds = 0;
  for (int turn = 0; turn < 3; ++turn) {  // the last one counts
    control.barrier();
    const Stopwatch watch;
    control.all_reduce(values.data(), 1 << 20, comm::DataType::f32).wait();
    seconds = watch.seconds();
  }
  return {"operations",
          fmt::format("all right, on every type; all-reduce of 4 MiB in {:.2f} ms", seconds * 1e3)};
}

std::string cuda_version(int code) { return fmt::format("{}.{}", code / 1000, code % 1000 / 10); }

std::string nccl_version(int code) {
  return fmt::format("{}.{}.{}", code / 10000, code / 100 % 100, code % 100);
}

void add_gpu(Findings& findings) {
  const comm::CudaModule* module = comm::cuda_module();
  if (module == nullptr) {
    findings.push_back({"gpu module", comm::cuda_module_reason(), "CPU runs need none"});
    return;
  }
  findings.push_back({"gpu module", "loads"});
  const comm::CudaVersions versions = module->versions();
  findings.push_back({"nccl", nccl_version(versions.nccl)});
  findings.push_back({"cuda runtime", cuda_version(versions.runtime)});
  comm::CudaText reason{};
  const int devices = module->device_count(&reason);
  findings.push_back({"cuda driver",
                      versions.driver > 0 ? "runs CUDA " + cuda_version(versions.driver) : "none",
                      devices > 0 ? "" : std::string(reason.bytes)});
  findings.push_back({"gpus", std::to_string(devices), devices > 0 ? "" : "train.device=cpu"});
  const std::string& missing = comm::open_libtorch_cuda();
  findings.push_back({"libtorch cuda", missing.empty() ? "opens" : "does not open", missing});
}

Finding disk() {
  const fs::path file = fs::current_path() / fmt::format(".espalier-doctor-{}", getpid());
  try {
    const Stopwatch watch;
    write_file(file, std::string(4096, 'x'));
    const double seconds = watch.seconds();
    fs::remove(file);
    return {"folder", fmt::format("{}: write, fsync and rename in {:.1f} ms, {:.1f} GB free",
                                  fs::current_path().string(), seconds * 1e3,
                                  static_cast<double>(fs::space(".").available) / 1e9)};
  } catch (const std::exception& error) {
    return {"folder", error.what(), "start from a folder that can be written",
            static_cast<int>(Kind::kIo)};
  }
}

std::string table(const Findings& findings) {
  size_t what = 4, state = 5;
  for (const Finding& finding : findings) {
    what = std::max(what, finding.what.size());
    state = std::max(state, std::min<size_t>(finding.state.size(), 60));
  }
  std::string text =
      fmt::format("{:<{}}  {:<{}}  {}\n", "what", what, "state", state, "what to do");
  for (const Finding& finding : findings)
    text += fmt::format("{:<{}}  {:<{}}  {}\n", finding.what, what, finding.state, state,
                        finding.advice.empty() ? "-" : finding.advice);
  return text;
}

class DoctorVerb : public Verb {
 public:
  void declare(CLI::App& command) override {
    command.add_flag("--json", json_, "print the findings as JSON");
    command.footer(
        "Examples:\n  espalier doctor\n  mpirun -n 2 espalier doctor --json\n"
        "Exit code 0 when a CPU run is fine here; a GPU that is missing is only told.");
  }

  bool uses_ranks() const override { return true; }

  int run(Context& context) override {
    comm::Communicator& control = context.control;
    Findings findings = {host(), processor(), page_faults(), launcher(control)};
    add_ranks(control, findings);
    findings.push_back(operations(control));
    if (control.rank() == 0) {
      add_gpu(findings);
      findings.push_back(disk());
    }
    int64_t exit_code = 0;
    for (const Finding& finding : findings)
      if (exit_code == 0) exit_code = finding.exit_code;
    control.broadcast(&exit_code, 1, comm::DataType::i64, 0).wait();
    if (control.rank() == 0) print(findings, exit_code == 0);
    return static_cast<int>(exit_code);
  }

 private:
  void print(const Findings& findings, bool fine) const {
    if (!json_) {
      fmt::print("{}{}\n", table(findings), fine ? "a CPU run is fine here" : "see above");
      return;
    }
    Json rows = Json::array();
    for (const Finding& finding : findings)
      rows.push_back({{"what", finding.what}, {"state", finding.state}, {"do", finding.advice}});
    fmt::print("{}\n", Json{{"fine", fine}, {"findings", rows}}.dump(2));
  }

  bool json_ = false;
};

}  // namespace

ESPALIER_REGISTER(Verb, DoctorVerb, "doctor", "what this host can run: MPI, GPU, disk; what to do");

}  // namespace espalier::app
