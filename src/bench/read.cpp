// bench read DIR: samples of a packed set, in random and in stored order, beside a bare pread of
// the same bytes and a copy within memory.
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <numeric>

#include "bench/benchmark.h"
#include "core/random.h"
#include "data/dataset.h"

namespace espalier::bench {
namespace {

using Samples = std::vector<int64_t>;

// What a reader needs at least: where the bytes are.
struct Place {
  size_t shard;
  int64_t address;
  size_t bytes;
};

class ReadBenchmark : public Benchmark {
 public:
  Fields fields() override {
    return {{"samples",
             &samples_,
             {.min = 1, .max = 1e9, .help = "largest number of samples per round"}},
            {"seed", &seed_, {.min = 0, .max = 1e15, .help = "seed of the random order"}}};
  }
  std::string unit() const override { return "samples"; }
  std::string example() const override { return "read data/cifar10"; }
  std::vector<Candidate> candidates(const std::vector<std::string>& arguments) override;

 private:
  void open(const std::string& folder);
  std::vector<Place> places(const Samples& order) const;
  void add(const std::string& suffix, Samples order, std::vector<Candidate>& into);
  void pread_all(const std::vector<Place>& places);
  void copy_all(const std::vector<std::vector<uint8_t>>& samples);

  int64_t samples_ = 10'000, seed_ = 0;
  std::vector<std::pair<std::string, data::Dataset>> ways_;
  std::vector<ReadOnlyFile> files_;
  std::vector<uint8_t> memory_;
};

void ReadBenchmark::open(const std::string& folder) {
  const auto add = [&](const std::string& name, const data::ReadOptions& options) {
    ways_.emplace_back(name, data::Dataset::open(folder, options));
  };
  using enum data::Verify;
  using enum data::ReadMode;
  add("Dataset, no checksum", {.verify = kNever, .read = kSample});
  add("Dataset, checksum once", {.verify = kFirstEpoch, .read = kSample});
  add("Dataset, checksum always", {.verify = kAlways, .read = kSample});
  const data::Dataset dataset = ways_.front().second;
  // Random single samples out of blocks that do not stay would measure the blocks' size alone.
  if (dataset.order().block > 1) add("Dataset, block", {.verify = kNever, .read = kBlock});
  for (const shards::ShardFile& shard : dataset.index().shards) {
    files_.emplace_back(std::filesystem::path(folder) / shard.name);
  }
}

std::vector<Place> ReadBenchmark::places(const Samples& order) const {
  const shards::IndexView& index = ways_.front().second.index();
  std::vector<Place> places;
  for (const int64_t i : order) {
    const data::StoredRange range = data::stored_ranges(index, i, i + 1).front();
    places.push_back({range.shard, range.address, static_cast<size_t>(range.bytes)});
  }
  return places;
}

void ReadBenchmark::pread_all(const std::vector<Place>& places) {
  for (const Place& place : places) {
    const ssize_t got =
        pread(files_[place.shard].descriptor(), memory_.data(), place.bytes, place.address);
    check(got == static_cast<ssize_t>(place.bytes), Kind::kIo, "cannot read {}",
          files_[place.shard].path().string());
  }
}

void ReadBenchmark::copy_all(const std::vector<std::vector<uint8_t>>& samples) {
  for (const std::vector<uint8_t>& sample : samples) {
    std::memcpy(memory_.data(), sample.data(), sample.size());
    asm volatile("" : : "r"(memory_.data()) : "memory");  // the copy is wanted
  }
}

void ReadBenchmark::add(const std::string& suffix, Samples order, std::vector<Candidate>& into) {
  const std::vector<Place> places = this->places(order);
  int64_t bytes = 0;
  for (const Place& place : places) bytes += static_cast<int64_t>(place.bytes);
  auto samples = std::make_shared<std::vector<std::vector<uint8_t>>>(order.size());
  for (size_t i = 0; i < order.size(); ++i) {
    const auto stored = ways_.front().second.stored(order[i], memory_);
    (*samples)[i].assign(stored.begin(), stored.end());
  }
  const auto units = static_cast<int64_t>(order.size());
  const std::string floor = "pread, " + suffix;
  into.push_back(
      {"memory copy, " + suffix, floor, units, bytes, [=, this] { copy_all(*samples); }});
  into.push_back({floor, {}, units, bytes, [=, this] { pread_all(places); }});
  for (const auto& way : ways_) {
    const data::Dataset dataset = way.second;
    if (dataset.read_choice().mode == data::ReadMode::kBlock && suffix == "random") continue;
    into.push_back({way.first + ", " + suffix, floor, units, bytes, [=, this] {
                      for (const int64_t i : order) dataset.stored(i, memory_);
                    }});
  }
}

std::vector<Candidate> ReadBenchmark::candidates(const std::vector<std::string>& arguments) {
  check(arguments.size() == 1, Kind::kUsage,
        "bench read takes one folder that pack wrote (try: espalier bench {})", example());
  open(arguments[0]);
  const int64_t size = ways_.front().second.size(), count = std::min(size, samples_);
  Samples random = Draw(static_cast<uint64_t>(seed_), "bench").permutation(size);
  random.resize(static_cast<size_t>(count));
  Samples stored(static_cast<size_t>(count));
  std::iota(stored.begin(), stored.end(), 0);
  int64_t largest = 0;
  for (int64_t i = 0; i < size; ++i) {
    largest = std::max(largest, ways_.front().second.index().table.stored_bytes(i));
  }
  memory_.resize(static_cast<size_t>(largest));
  std::vector<Candidate> candidates;
  add("random", std::move(random), candidates);
  add("stored order", std::move(stored), candidates);
  return candidates;
}

ESPALIER_REGISTER(Benchmark, ReadBenchmark, "read",
                  "samples of a packed set, beside a bare pread of the same bytes");

}  // namespace
}  // namespace espalier::bench
