// What carries messages between ranks, whether every operation is right, and how fast it is.
#include <algorithm>
#include <set>

#include "app/doctor/check.h"
#include "comm/agree.h"
#include "comm/check_comm.h"
#include "comm/mpi_comm.h"
#include "comm/topology.h"
#include "core/clock.h"

namespace espalier::app {
namespace {

constexpr int64_t kLargeBytes = 4 << 20;

Finding launcher(comm::Communicator& control, const std::vector<std::string>& hosts) {
  if (!comm::mpi::started())
    return {"mpi", fmt::format("{}; this start has 1 rank", comm::mpi::version()),
            "mpirun -n 2 espalier doctor checks several"};
  const std::string level = comm::mpi::thread_level();
  return {"mpi",
          fmt::format("{}, threads: {}, {} ranks on {} hosts", comm::mpi::version(), level,
                      control.size(), std::set<std::string>(hosts.begin(), hosts.end()).size()),
          level == "multiple" || level == "serialized"
              ? ""
              : "one thread per rank communicates (try: an MPI with MPI_THREAD_MULTIPLE)"};
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

// Seconds that `bytes` take from rank 0 to `peer`: half of the quickest way there and back.
double seconds_to(comm::Communicator& control, int peer, int64_t bytes, int turns) {
  std::vector<uint8_t> buffer(static_cast<size_t>(bytes));
  double least = 1e9;
  for (int turn = 0; turn < turns; ++turn) {
    const Stopwatch watch;
    if (control.rank() == 0) {
      control.send(buffer.data(), bytes, comm::DataType::u8, peer).wait();
      control.receive(buffer.data(), bytes, comm::DataType::u8, peer).wait();
    } else if (control.rank() == peer) {
      control.receive(buffer.data(), bytes, comm::DataType::u8, 0).wait();
      control.send(buffer.data(), bytes, comm::DataType::u8, 0).wait();
    }
    least = std::min(least, watch.seconds() / 2);
  }
  return least;
}

Finding path_to(comm::Communicator& control, int peer, bool same_host) {
  const double small = seconds_to(control, peer, 8, 200);
  const double large = seconds_to(control, peer, kLargeBytes, 10);
  const double rate = static_cast<double>(kLargeBytes) / large;
  const char* advice = "";
  if (same_host && rate < 5e8)
    advice = "slow for one machine: does every rank have a core of its own?";
  if (!same_host && rate < 2e8)
    advice = "1 Gbit/s or less (try: OMPI_MCA_btl_tcp_if_include=the fast network)";
  return {fmt::format("rank 0 to {}", peer),
          fmt::format("{}: {:.1f} us, {:.2f} GB/s", same_host ? "one machine" : "the network",
                      small * 1e6, rate / 1e9),
          advice};
}

class Mpi : public Check {
 public:
  Findings run(comm::Communicator& control, const std::filesystem::path&) override {
    const std::vector<std::string> hosts = comm::gather_texts(control, comm::host_name());
    Findings findings = {launcher(control, hosts), operations(control)};
    // The nearest rank, and the first one on another machine.
    const auto other =
        std::ranges::find_if(hosts, [&](const std::string& host) { return host != hosts.front(); });
    const int far = static_cast<int>(other - hosts.begin());
    if (control.size() > 1 && far != 1) findings.push_back(path_to(control, 1, true));
    if (far < control.size()) findings.push_back(path_to(control, far, false));
    control.barrier();
    return findings;
  }
};

ESPALIER_REGISTER(Check, Mpi, "mpi", "launcher, operations, latency and bandwidth");

}  // namespace
}  // namespace espalier::app
