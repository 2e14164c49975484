// bench index: from nothing to the first batch of a set of many samples, whose shards are holes.
#include <fcntl.h>
#include <unistd.h>

#include "bench/benchmark.h"
#include "core/clock.h"
#include "core/hash.h"
#include "core/log.h"
#include "core/memory.h"
#include "data/dataset.h"
#include "data/loader.h"
#include "data/order.h"

namespace espalier::bench {
namespace {

class IndexBenchmark : public Benchmark {
 public:
  ~IndexBenchmark() override {
    std::error_code none;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, none);
  }

  Fields fields() override {
    return {{"samples", &samples_, {.min = 1, .max = 1e9, .help = "samples in the set"}},
            {"bytes", &bytes_, {.min = 1, .max = 1e9, .unit = "bytes", .help = "size of a sample"}},
            {"batch",
             &batch_,
             {.min = 1, .max = 1e6, .unit = "samples", .help = "samples in the first batch"}}};
  }
  std::string unit() const override { return "samples"; }
  std::string example() const override { return "index samples=10000000"; }

  std::vector<Candidate> candidates(const std::vector<std::string>&) override {
    make_set();
    // Beside it: the same bytes of the file, once through memory.
    const std::filesystem::path path = folder_ / shards::kIndexName;
    const auto size = static_cast<int64_t>(std::filesystem::file_size(path));
    const std::string floor = "pread of index.h5";
    return {{floor, {}, samples_, size, [path] { read_file(path); }},
            {"open", floor, samples_, size, [this] { data::Dataset::open(folder_); }},
            {"open and first batch", floor, samples_, size, [this] { first_batch(); }}};
  }

 private:
  void make_set();
  void first_batch();

  std::filesystem::path folder_;
  int64_t samples_ = 1'000'000, bytes_ = 3072, batch_ = 256;
};

void IndexBenchmark::make_set() {
  folder_ = std::filesystem::temp_directory_path() / fmt::format("espalier-bench-{}", getpid());
  make_directories(folder_);
  constexpr int64_t kShardSamples = 100'000;
  const std::vector<uint8_t> zeros(static_cast<size_t>(bytes_));
  const uint32_t checksum = crc32(zeros);
  shards::Index index{.facts = {.kind = shards::SetKind::kEncoded,
                                .plan_sha256 = sha256_hex(std::to_string(samples_)),
                                .converter_config = {},
                                .class_names = {"one"},
                                .order = shards::choose_order_facts(samples_, samples_ * bytes_)},
                      .shards = {},
                      .table = {}};
  for (int64_t i = 0; i < samples_; ++i) {
    index.table.append(
        {.key = fmt::format("n{:08}/n{:08}_{:05}.JPEG", i / 1000, i / 1000, i % 1000),
         .label = 0,
         .codec = image::Codec::kRaw,
         .height = 1,
         .width = bytes_,
         .channels = 1,
         .stored_bytes = bytes_,
         .crc32 = checksum});
  }
  for (int64_t first = 0; first < samples_; first += kShardSamples) {
    const int64_t count = std::min(kShardSamples, samples_ - first);
    shards::ShardFile shard{.name = shards::shard_name(static_cast<int64_t>(index.shards.size())),
                            .sha256 = std::string(64, '0'),
                            .size_bytes = count * bytes_,
                            .num_samples = count};
    const std::filesystem::path path = folder_ / shard.name;
    write_file(path, "");
    check(truncate(path.c_str(), shard.size_bytes) == 0, Kind::kIo, "cannot extend {}: {}",
          path.string(), errno_text());
    index.shards.push_back(std::move(shard));
  }
  shards::write_index(folder_ / shards::kIndexName, index);
}

void IndexBenchmark::first_batch() {
  reset_peak_memory();
  const int64_t before = resident_memory();
  const data::Dataset dataset = data::Dataset::open(folder_);
  const image::SlabFormat view{.shape = {1, 1, 1}};
  const auto touch = [](const image::Encoded& image, const image::SampleKey&,
                        std::span<std::byte* const> into) {
    *reinterpret_cast<float*>(into[0]) = image.bytes[0];
  };
  data::Loader loader(dataset, data::Order::of_all(samples_, 1, dataset.order()),
                      {.batch = batch_, .begin = 0, .end = batch_, .steps = 1, .views = {view}},
                      touch, {});
  loader.next();
  log::info("bench", "open and first batch took {} MB",
            with_commas((peak_memory() - before) / 1'000'000));
}

ESPALIER_REGISTER(Benchmark, IndexBenchmark, "index",
                  "opening a set of many samples, and its first batch");

}  // namespace
}  // namespace espalier::bench
