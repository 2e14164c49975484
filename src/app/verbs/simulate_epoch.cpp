// espalier simulate-epoch: what the order of a packed set would do on any number of ranks, without
// reading a sample.
#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "app/verb.h"
#include "core/clock.h"
#include "core/jsonl.h"
#include "data/memory_bound.h"
#include "data/order.h"

namespace espalier::app {
namespace {

// Classes that `draws` samples of a set with these labels would have, on average, in a full shuffle
// (drawn with replacement: a batch is small against the set).
double classes_of_a_shuffle(std::span<const int64_t> labels, int64_t draws) {
  std::map<int64_t, int64_t> count;
  for (const int64_t label : labels) ++count[label];
  double classes = 0;
  for (const auto& [label, samples] : count) {
    const double share = static_cast<double>(samples) / static_cast<double>(labels.size());
    classes += 1 - std::pow(1 - share, static_cast<double>(draws));
  }
  return classes;
}

class SimulateEpochVerb : public Verb {
 public:
  void declare(CLI::App& command) override {
    command.add_option("folder", folder_, "the packed set: a folder that pack wrote")
        ->required()
        ->type_name("DIR");
    command.add_option("--ranks", ranks_, "number of ranks that share a batch")
        ->required()
        ->check(CLI::Range(1, 1 << 20));
    command.add_option("--batch", batch_, "samples per step, over all ranks")
        ->capture_default_str()
        ->check(CLI::Range(1, 1 << 30));
    command.add_option("--epochs", epochs_, "number of epochs to simulate")
        ->capture_default_str()
        ->check(CLI::Range(1, 1000));
    command.add_option("--seed", seed_, "seed of the run")
        ->capture_default_str()
        ->check(CLI::NonNegativeNumber);
    command.add_flag("--json", json_, "print one JSON object");
    command.footer(
        "Example:\n  espalier simulate-epoch data/cifar10 --ranks 8 --batch 256\n"
        "Exit code 3 when a sample is not visited exactly once per epoch.");
  }

  int run(Context&) override {
    const data::Dataset dataset = data::Dataset::open(folder_, {.read = data::ReadMode::kSample});
    batch_ = std::min(batch_, dataset.size());
    check(batch_ >= ranks_, Kind::kUsage, "a batch of {} cannot be shared by {} ranks", batch_,
          ranks_);
    Json facts = {{"samples", dataset.size()}, {"ranks", ranks_}, {"batch", batch_}};
    const shards::OrderFacts& order = dataset.order();
    facts["order"] = {{"block", order.block},
                      {"streams", order.streams},
                      {"run", order.run},
                      {"window", order.window}};
    walk(dataset, facts);
    bound(dataset, facts);
    fmt::print("{}", json_ ? facts.dump(2) + "\n" : as_text(facts));
    check(facts["coverage_exact"].get<bool>(), Kind::kData,
          "{}: not every sample is visited exactly once per epoch", folder_);
    return 0;
  }

 private:
  std::pair<int64_t, int64_t> share(int64_t rank) const {
    return {batch_ * rank / ranks_, batch_ * (rank + 1) / ranks_};
  }

  // Every rank with an order of its own, as it would be.
  void walk(const data::Dataset& dataset, Json& facts) const {
    const int64_t size = dataset.size(), block = dataset.order().block;
    const int64_t steps = data::steps_for_epochs(epochs_, size, batch_);
    std::vector<int32_t> visits(static_cast<size_t>(size * epochs_));
    std::vector<std::set<int64_t>> classes(static_cast<size_t>(steps));
    int64_t blocks_read = 0;
    for (int64_t rank = 0; rank < ranks_; ++rank) {
      data::Order order = data::Order::of_all(size, static_cast<uint64_t>(seed_), dataset.order());
      std::vector<bool> read(static_cast<size_t>((size + block - 1) / block));
      const auto [begin, end] = share(rank);
      for (int64_t step = 0; step < steps; ++step) {
        for (int64_t i = begin; i < end; ++i) {
          const auto place = order.at(static_cast<uint64_t>(step * batch_ + i));
          classes[step].insert(dataset.label(place.sample));
          if (static_cast<int64_t>(place.epoch) >= epochs_) continue;  // of the epoch after
          ++visits[static_cast<int64_t>(place.epoch) * size + place.sample];
          if (place.epoch == 0) read[place.sample / block] = true;
        }
      }
      blocks_read += std::ranges::count(read, true);
    }
    double mixed = 0;
    for (const auto& step : classes) mixed += static_cast<double>(step.size());
    const int64_t blocks = (size + block - 1) / block;
    facts["steps"] = steps;
    facts["coverage_exact"] = std::ranges::all_of(visits, [](int32_t n) { return n == 1; });
    facts["blocks"] = blocks;
    facts["blocks_read_by_all_ranks"] =
        static_cast<double>(blocks_read) / static_cast<double>(blocks);
    facts["classes_in_a_batch"] = mixed / static_cast<double>(steps);
    facts["classes_in_a_batch_of_a_shuffle"] = classes_of_a_shuffle(dataset.labels(), batch_);
    facts["samples_of_a_rank"] = {batch_ / ranks_, (batch_ + ranks_ - 1) / ranks_};
  }

  // Of the rank with most to hold: the last one, whose share is never the smaller.
  void bound(const data::Dataset& dataset, Json& facts) const {
    const auto [begin, end] = share(ranks_ - 1);
    const data::BatchShare last{batch_, begin, end};
    const int64_t blocks =
        data::blocks_held(dataset.order(), last) * data::largest_block_bytes(dataset.index());
    const data::Order order =
        data::Order::of_all(dataset.size(), static_cast<uint64_t>(seed_), dataset.order());
    const data::MemoryBound bound = data::memory_bound(
        dataset, order, {.batch = batch_, .begin = begin, .end = end}, data::LoaderOptions{});
    facts["memory_bytes"] = bound.total();
    facts["memory_bytes_of_blocks"] = dataset.order().block > 1 ? blocks : 0;
  }

  static std::string as_text(const Json& facts) {
    const auto number = [&](const char* name) { return facts[name].get<double>(); };
    const auto count = [&](const char* name) { return with_commas(facts[name].get<int64_t>()); };
    const double read = number("blocks_read_by_all_ranks");
    const int64_t block = facts["order"]["block"];
    std::string text = fmt::format(
        "coverage   {}: {} samples, {} steps of {}\n"
        "ranks      {}, each {} to {} samples per batch\n"
        "locality   {} blocks of {} samples; all ranks together read each {:.2f} times\n"
        "mixing     {:.1f} classes in a batch, {:.1f} in a full shuffle\n"
        "memory     {} MB per rank without views; read=block takes {} MB more\n",
        facts["coverage_exact"].get<bool>() ? "exact" : "BROKEN", count("samples"), count("steps"),
        count("batch"), count("ranks"), facts["samples_of_a_rank"][0].get<int64_t>(),
        facts["samples_of_a_rank"][1].get<int64_t>(), count("blocks"), block, read,
        number("classes_in_a_batch"), number("classes_in_a_batch_of_a_shuffle"),
        with_commas(facts["memory_bytes"].get<int64_t>() / 1'000'000),
        with_commas(facts["memory_bytes_of_blocks"].get<int64_t>() / 1'000'000));
    if (block > 1 && read > 1.5) {
      const int64_t turn =
          facts["order"]["streams"].get<int64_t>() * facts["order"]["run"].get<int64_t>();
      text += fmt::format(
          "warning: blocks are read {:.1f} times: a batch of {} and a turn of {} samples do not "
          "fit (try: a batch that divides {})\n",
          read, count("batch"), turn, turn);
    }
    return text;
  }

  std::string folder_;
  int64_t ranks_ = 1, batch_ = 256, epochs_ = 1, seed_ = 0;
  bool json_ = false;
};

}  // namespace

ESPALIER_REGISTER(
    Verb, SimulateEpochVerb, "simulate-epoch",
    "simulate the order of samples: coverage, locality and mixing on any number of ranks");

}  // namespace espalier::app
