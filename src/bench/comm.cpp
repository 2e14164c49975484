// bench comm: every operation between ranks, in the columns of nccl-tests: algbw is bytes over
// time, busbw what the links carried if the algorithm is the best there is (nccl-tests'
// PERFORMANCE.md), so that it can be held against the hardware whatever the number of ranks.
#include <ATen/ATen.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "bench/benchmark.h"
#include "comm/check_comm.h"
#include "comm/nccl_comm.h"
#include "comm/operation.h"
#include "comm/topology.h"
#include "core/clock.h"
#include "sync/tree_exchange.h"

namespace espalier::bench {
namespace {

// The communicator that is measured, and memory of the sort that it moves.
struct Subject {
  comm::Communicator& data;
  comm::DataType type;
  at::Tensor one, other;                     // as many bytes as the largest size
  std::shared_ptr<sync::TreeExchange> tree;  // of f32 and f64 on the host

  int64_t width() const { return static_cast<int64_t>(comm::size_of(type)); }
};

// A row of every size. `bus` is busbw / algbw for R ranks; `run` starts the operation on a buffer
// of `count` elements in all.
struct Operation {
  std::string name;
  std::function<double(int ranks)> bus;
  std::function<comm::Work(const Subject& subject, int64_t count, comm::Stream stream)> run;
};

// The sum of one lane of each rank by the fixed tree: what mode exact does in place of all_reduce.
template <typename T>
comm::Work sum_by_tree(const Subject& at, int64_t count) {
  T* values = static_cast<T*>(at.one.data_ptr());
  at.tree->sum<T>({values}, values, count);
  return {};
}

std::vector<Operation> operations() {
  const auto share = [](int ranks) { return static_cast<double>(ranks - 1) / ranks; };
  const auto whole = [](int) { return 1.0; };
  return {{"all_reduce", [=](int ranks) { return 2 * share(ranks); },
           [](const Subject& at, int64_t count, comm::Stream stream) {
             return at.data.all_reduce(at.one.data_ptr(), count, at.type, stream);
           }},
          {"all_gather", share,
           [](const Subject& at, int64_t count, comm::Stream stream) {
             return at.data.all_gather(at.one.data_ptr(), at.other.data_ptr(),
                                       count / at.data.size(), at.type, stream);
           }},
          {"reduce_scatter", share,
           [](const Subject& at, int64_t count, comm::Stream stream) {
             return at.data.reduce_scatter(at.one.data_ptr(), at.other.data_ptr(),
                                           count / at.data.size(), at.type, stream);
           }},
          {"broadcast", whole,
           [](const Subject& at, int64_t count, comm::Stream stream) {
             return at.data.broadcast(at.one.data_ptr(), count, at.type, /*root=*/0, stream);
           }},
          {"sendrecv", whole,
           [](const Subject& at, int64_t count, comm::Stream stream) {
             const int rank = at.data.rank(), ranks = at.data.size();
             return at.data.exchange({{at.one.data_ptr(), count, (rank + 1) % ranks}},
                                     {{at.other.data_ptr(), count, (rank + ranks - 1) % ranks}},
                                     at.type, stream);
           }},
          {"exact_tree", [=](int ranks) { return 2 * share(ranks); },
           [](const Subject& at, int64_t count, comm::Stream) {
             return at.type == comm::DataType::f64 ? sum_by_tree<double>(at, count)
                                                   : sum_by_tree<float>(at, count);
           }}};
}

class CommBenchmark : public Benchmark {
 public:
  Fields fields() override {
    return {
        {"communicator",
         &communicator_,
         {.help = "which one: auto takes nccl where there are GPUs, else that of the start"}},
        {"type", &type_, {.choices = names_of_types(), .help = "of the elements"}},
        {"smallest", &smallest_, {.min = 1, .max = 1e12, .unit = "bytes", .help = "first size"}},
        {"largest", &largest_, {.min = 1, .max = 1e12, .unit = "bytes", .help = "last size"}},
        {"factor", &factor_, {.min = 2, .max = 1e6, .help = "from one size to the next"}}};
  }
  std::string unit() const override { return "bytes"; }
  std::string example() const override { return "comm largest=67108864"; }
  bool uses_ranks() const override { return true; }
  std::vector<Candidate> candidates(const std::vector<std::string>&) override { return {}; }

  std::optional<Table> table(comm::Communicator& control, const std::vector<std::string>& arguments,
                             int64_t rounds) override;

 private:
  static std::vector<std::string> names_of_types() {
    std::vector<std::string> names;
    for (const comm::DataType type : comm::kDataTypes) names.push_back(comm::name_of(type));
    return names;
  }

  std::string communicator_ = "auto", type_ = "f32";
  int64_t smallest_ = 4096, largest_ = 64 << 20, factor_ = 4;
};

int gpus() {
  comm::CudaText reason{};
  const comm::CudaModule* module = comm::cuda_module();
  return module == nullptr ? 0 : module->device_count(&reason);
}

std::shared_ptr<sync::TreeExchange> tree_of(comm::Communicator& data, comm::DataType type,
                                            int device) {
  if (device >= 0 || (type != comm::DataType::f32 && type != comm::DataType::f64)) return nullptr;
  return std::make_shared<sync::TreeExchange>(
      data, sync::LanePlan(data.size(), data.size(), data.rank()));
}

// Collective. Seconds of one run on the rank that took longest: the median of the rounds, and the
// least.
std::pair<double, double> seconds_of(comm::Communicator& control, const Subject& subject,
                                     const Operation& operation, int64_t count, int64_t rounds) {
  const comm::Stream stream = subject.data.compute_stream();
  std::vector<double> own(static_cast<size_t>(rounds));
  for (int64_t round = -2; round < rounds; ++round) {  // two to warm up
    control.barrier();
    const Stopwatch watch;
    operation.run(subject, count, stream).then(stream);
    subject.data.synchronize(stream);
    if (round >= 0) own[static_cast<size_t>(round)] = watch.seconds();
  }
  std::vector<double> all(own.size() * static_cast<size_t>(control.size()));
  control.all_gather(own.data(), all.data(), rounds, comm::DataType::f64).wait();
  for (size_t i = 0; i < all.size(); ++i)
    own[i % own.size()] = std::max(own[i % own.size()], all[i]);
  std::ranges::sort(own);
  return {own[own.size() / 2], own.front()};
}

std::optional<Table> CommBenchmark::table(comm::Communicator& control,
                                          const std::vector<std::string>& arguments,
                                          int64_t rounds) {
  check(arguments.empty(), Kind::kUsage, "bench comm takes key=value options only (try: {})",
        example());
  check(smallest_ <= largest_, Kind::kUsage, "smallest is {}, more than largest, {}", smallest_,
        largest_);
  if (communicator_ == "auto") communicator_ = gpus() > 0 ? "nccl" : control.name();
  const int device = communicator_ == "nccl" ? comm::device_of_local_rank(gpus()) : -1;
  const auto data =
      Registry<comm::CommunicatorFactory>::create(communicator_)->create(control, device);
  const comm::Staging memory(device);
  for (const comm::DataType type : comm::kDataTypes)
    comm::check_communicator(*data, /*count=*/1000, type, &memory);

  const auto options = at::TensorOptions(at::kByte).device(
      device < 0 ? at::Device(at::kCPU)
                 : at::Device(at::kCUDA, static_cast<at::DeviceIndex>(device)));
  const auto names = names_of_types();
  const auto type = comm::kDataTypes[std::ranges::find(names, type_) - names.begin()];
  const Subject subject{*data, type, at::zeros({largest_}, options), at::zeros({largest_}, options),
                        tree_of(*data, type, device)};

  const std::string first = fmt::format(
      "# {}, ranks: {}, median of {} rounds; every operation gives the right result on every type\n"
      "#{:>12} {:>12} {:>6} {:>16} {:>11} {:>9} {:>9}\n"
      "#{:>12} {:>12} {:>6} {:>16} {:>11} {:>9} {:>9}\n",
      data->name(), data->size(), rounds, "size", "count", "type", "operation", "time", "algbw",
      "busbw", "(B)", "(elements)", "", "", "(us)", "(GB/s)", "(GB/s)");
  Table table{first, Json::array()};
  for (const Operation& operation : operations()) {
    if (operation.name == "exact_tree" && !subject.tree) continue;
    for (int64_t bytes = smallest_; bytes <= largest_; bytes *= factor_) {
      // A whole number of elements for every rank, as nccl-tests takes it.
      const int64_t count = bytes / subject.width() / data->size() * data->size();
      const int64_t size = count * subject.width();
      const auto [median, least] = seconds_of(control, subject, operation, count, rounds);
      const double algorithm = static_cast<double>(size) / median / 1e9;
      const double bus = algorithm * operation.bus(data->size());
      table.text += fmt::format(" {:>12} {:>12} {:>6} {:>16} {:>11.2f} {:>9.2f} {:>9.2f}\n", size,
                                count, type_, operation.name, median * 1e6, algorithm, bus);
      table.rows.push_back({{"operation", operation.name},
                            {"size", size},
                            {"count", count},
                            {"type", type_},
                            {"time_us", median * 1e6},
                            {"least_us", least * 1e6},
                            {"algbw", algorithm},
                            {"busbw", bus},
                            {"communicator", data->name()},
                            {"ranks", data->size()}});
    }
  }
  table.text.pop_back();  // the verb ends the last line
  return table;
}

ESPALIER_REGISTER(Benchmark, CommBenchmark, "comm",
                  "every operation between ranks, in the columns of nccl-tests");

}  // namespace
}  // namespace espalier::bench
