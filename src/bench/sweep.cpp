// bench sweep CONFIG BACKBONE [key=value ...]: a sweep beside a loop of separate runs of its cells,
// each of which opens the sets, computes all of its stages and takes one thread.
//
// All compute the same bits. CPU seconds show what is computed once instead of again and again, wall
// seconds also what cells side by side save; on a machine that others use, CPU seconds are the more
// reliable. What it takes to start the program is in neither.
#include <ctime>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "bench/benchmark.h"
#include "core/clock.h"
#include "core/files.h"
#include "transfer/sweep/sweep.h"

namespace espalier::bench {
namespace {

namespace fs = std::filesystem;

struct Way {
  std::string name;
  std::vector<std::string> assignments;
  bool separate = false;
};

const std::vector<Way> kWays = {
    {"separate runs", {"transfer.workers=1", "transfer.cache_bytes=0"}, true},
    {"one worker, no cache", {"transfer.workers=1", "transfer.cache_bytes=0"}},
    {"one worker", {"transfer.workers=1"}},
    {"the sweep", {}}};

struct Times {
  double wall = 0, cpu = 0;
};

// Of all threads of this process.
double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

double median(std::vector<Times> all, double Times::*part) {
  std::ranges::sort(all, {}, part);
  return all[all.size() / 2].*part;
}

class SweepBenchmark : public Benchmark {
 public:
  Fields fields() override {
    return {{"only",
             &only_,
             {.help = "arms to compute, as `espalier transfer --only` takes them; empty = all"}}};
  }
  std::string unit() const override { return "cells"; }
  std::string example() const override {
    return "sweep configs/transfer/quick_fashion_mnist.yaml runs/rotation transfer.seeds=1";
  }
  bool takes_overrides() const override { return true; }
  std::vector<Candidate> candidates(const std::vector<std::string>&) override { return {}; }

  std::optional<Table> table(comm::Communicator&, const std::vector<std::string>& arguments,
                             int64_t rounds) override;

 private:
  transfer::Sweep open(const std::vector<std::string>& arguments, const Way& way,
                       const fs::path& folder, const std::vector<std::string>& only) const;
  Times measure(const std::vector<std::string>& arguments, const Way& way);

  std::vector<std::string> only_;
  int64_t cells_ = 0;
};

transfer::Sweep SweepBenchmark::open(const std::vector<std::string>& arguments, const Way& way,
                                     const fs::path& folder,
                                     const std::vector<std::string>& only) const {
  config::Document document = config::Document::load(arguments[0]);
  for (size_t i = 2; i < arguments.size(); ++i) document.set(arguments[i]);
  for (const std::string& assignment : way.assignments) document.set(assignment);
  auto backbone = engine::BackboneFile::open(arguments[1]);
  auto config = transfer::TransferConfig::read(std::move(document), backbone);
  transfer::SweepPart part{.only = transfer::ArmFilter(only), .quiet = true};
  return {std::move(config), {std::move(backbone)}, folder, std::move(part)};
}

// What `espalier transfer --only` takes for each cell of the sweep; equal runs are one.
std::vector<std::string> filters_of(const transfer::Sweep& sweep, const transfer::ArmFilter& only) {
  std::vector<std::string> filters;
  std::set<std::string> seen;
  for (const transfer::PlannedCell& planned : sweep.plan().cells()) {
    const auto& [source, mode, factor, head, cut, labels] = planned.cell.arm;
    if (!only.takes(planned.cell.arm) || !only.takes_seed(planned.cell.seed)) continue;
    if (!planned.id.empty() && !seen.insert(planned.id).second) continue;
    filters.push_back(fmt::format(
        "source={},mode={},kept_lr_factor={},head={},cut={},labels_per_class={},seed={}", source,
        mode, factor, head, cut, labels, planned.cell.seed));
  }
  return filters;
}

Times SweepBenchmark::measure(const std::vector<std::string>& arguments, const Way& way) {
  const fs::path folder = temporary_name(fs::temp_directory_path() / "espalier-bench-sweep");
  std::vector<std::vector<std::string>> parts = {only_};
  if (way.separate) {
    parts.clear();
    for (const std::string& filter :
         filters_of(open(arguments, way, folder, only_), transfer::ArmFilter(only_)))
      parts.push_back({filter});
  }
  const Stopwatch watch;
  const double before = cpu_seconds();
  cells_ = 0;
  for (const std::vector<std::string>& part : parts) {
    transfer::Sweep sweep = open(arguments, way, folder, part);
    sweep.prepare();
    cells_ += sweep.run(/*writes=*/false);
  }
  const Times times{watch.seconds(), cpu_seconds() - before};
  fs::remove_all(folder);
  return times;
}

std::optional<Table> SweepBenchmark::table(comm::Communicator&,
                                           const std::vector<std::string>& arguments,
                                           int64_t rounds) {
  check(arguments.size() >= 2, Kind::kUsage,
        "bench sweep takes a configuration and a backbone (try: espalier bench {})", example());
  std::vector<std::vector<Times>> all(kWays.size());
  for (int64_t round = 0; round < rounds; ++round)
    for (size_t i = 0; i < kWays.size(); ++i) all[i].push_back(measure(arguments, kWays[i]));
  Table table{.text = fmt::format("{} cells, median of {} rounds\n\n{:<22} {:>10} {:>8} {:>12} "
                                  "{:>8}\n",
                                  cells_, rounds, "", "wall s", "times", "CPU s", "times"),
              .rows = Json::array()};
  const Times slow{median(all[0], &Times::wall), median(all[0], &Times::cpu)};
  for (size_t i = 0; i < kWays.size(); ++i) {
    const double wall = median(all[i], &Times::wall), cpu = median(all[i], &Times::cpu);
    table.rows.push_back({{"name", kWays[i].name},
                          {"cells_per_second", static_cast<double>(cells_) / wall},
                          {"seconds", wall},
                          {"cpu_seconds", cpu},
                          {"speed_up", slow.wall / wall},
                          {"cpu_speed_up", slow.cpu / cpu}});
    table.text += fmt::format("{:<22} {:>10.1f} {:>7.2f}x {:>12.1f} {:>7.2f}x\n", kWays[i].name,
                              wall, slow.wall / wall, cpu, slow.cpu / cpu);
  }
  return table;
}

ESPALIER_REGISTER(Benchmark, SweepBenchmark, "sweep",
                  "a sweep of cuts beside a loop of separate runs");

}  // namespace
}  // namespace espalier::bench
