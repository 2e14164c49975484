#include "train/open_dataset.h"

#include <algorithm>
#include <optional>

#include "comm/agree.h"
#include "comm/node_memory.h"
#include "comm/world.h"
#include "core/cores.h"
#include "core/log.h"
#include "core/memory.h"
#include "data/local_copy.h"
#include "data/memory_bound.h"
#include "data/order.h"
#include "train/run_config.h"

namespace espalier::train {
namespace {

// Ranks that read each block, on average; 1 is best.
double readers_of_a_block(const shards::OrderFacts& order, const data::BatchShare& share) {
  const double ranks =
      static_cast<double>(share.batch) / static_cast<double>(share.end - share.begin);
  const int64_t streams = data::streams_of_share(order, share.batch, share.begin, share.end);
  return ranks * static_cast<double>(streams) / static_cast<double>(order.streams);
}

}  // namespace

data::Dataset open_dataset(comm::Communicator& control, const std::string& folder,
                           const data::ReadOptions& options, const data::BatchShare& share) {
  std::optional<shards::IndexFile> file;
  comm::on_rank_zero(control, [&] { file.emplace(folder); });
  const int64_t bytes =
      std::stoll(comm::broadcast_text(control, file ? std::to_string(file->bytes()) : ""));
  const auto memory = std::make_shared<comm::NodeMemory>(control, bytes);
  data::ReadChoice choice;
  comm::on_rank_zero(control, [&] {
    file->load(memory->for_filling());
    file.reset();
    const shards::IndexView index = shards::view_index(memory->bytes());
    check(share.batch <= index.table.size(), Kind::kUsage,
          "data.batch is {}, {} has {} samples (try: a smaller data.batch)", share.batch, folder,
          index.table.size());
    shards::require_shards(folder, index);
    choice = data::choose_read(folder, index, options, share);
  });
  memory->publish(control);
  choice = {
      value_named<data::ReadMode>(comm::broadcast_text(control, name_of(choice.mode))).value(),
      comm::broadcast_text(control, choice.reason)};
  if (choice.mode == data::ReadMode::kLocalCopy) {
    comm::agree(control, [&] {
      if (!memory->is_first_of_node()) return;
      data::copy_shards(folder, shards::view_index(memory->bytes()), options.copy_folder,
                        core_share().cores);
    });
  }
  log::info("data", "{}: {} samples, read by {}: {}", folder,
            shards::view_index(memory->bytes()).table.size(), choice.mode, choice.reason);
  std::optional<data::Dataset> dataset;
  comm::agree(control,
              [&] { dataset.emplace(folder, memory->bytes(), memory, options, choice, share); });
  return *dataset;
}

std::unique_ptr<data::Loader> make_loader(const data::Dataset& dataset, const data::Holdout& parts,
                                          const data::DataOptions& options,
                                          const data::BatchShare& share, data::LoaderPlan plan,
                                          data::Loader::Transform transform,
                                          double deadline_seconds) {
  plan.batch = share.batch;
  plan.begin = share.begin;
  plan.end = share.end;
  const data::LoaderOptions loading{
      .threads = options.threads == "auto" ? core_share().cores : std::stoll(options.threads),
      .depth = options.depth,
      .deadline_seconds = deadline_seconds};
  shards::OrderFacts facts = dataset.order();
  facts.block = parts.block;
  data::Order order = parts.kept.empty()
                          ? data::Order::of_all(dataset.size(), plan.seed, facts)
                          : data::Order(parts.kept, plan.seed, /*shuffle=*/true, facts);
  const data::MemoryBound bound = data::memory_bound(dataset, order, plan, loading);
  data::require_memory(bound, options.reading.max_memory, available_memory());
  log::info("data", "{} threads a rank load; they take at most {}", loading.threads, bound.text());
  const double readers = readers_of_a_block(dataset.order(), share);
  if (dataset.order().block > 1 && readers > 1.5 && share.begin == 0) {
    log::warning("data", "each block is read by {:.1f} ranks (try: a data.batch that divides {})",
                 readers, dataset.order().streams * dataset.order().run);
  }
  return std::make_unique<data::Loader>(dataset, std::move(order), std::move(plan),
                                        std::move(transform), loading);
}

}  // namespace espalier::train
