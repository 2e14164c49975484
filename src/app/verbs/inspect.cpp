// espalier inspect: what a packed data set holds.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/verb.h"
#include "core/clock.h"
#include "core/jsonl.h"
#include "core/printable.h"
#include "data/channel_statistics.h"
#include "data/dataset.h"
#include "shards/flags.h"

namespace espalier::app {
namespace {

Json facts_of(const data::Dataset& dataset) {
  const shards::IndexView& index = dataset.index();
  const shards::SampleColumns& table = index.table;
  Json facts = {{"kind", name_of(index.facts.kind)},
                {"hash", dataset.hash()},
                {"samples", dataset.size()},
                {"image_bytes", table.offset.back()}};
  const auto range = [](const auto& values) {
    const auto [least, most] = std::ranges::minmax(values);
    return Json{least, most};
  };
  facts["height"] = range(table.height);
  facts["width"] = range(table.width);
  facts["channels"] = range(table.channels);

  const data::ChannelStatistics statistics =
      data::channel_statistics(dataset, data::kStatisticsImages);
  facts["statistics_images"] = statistics.images;
  facts["mean"] = statistics.mean;
  facts["std"] = statistics.deviation;

  facts["classes"] = Json::array();
  for (size_t c = 0; c < dataset.class_names().size(); ++c) {
    const auto samples = std::ranges::count(dataset.labels(), static_cast<int64_t>(c));
    facts["classes"].push_back({{"name", dataset.class_names()[c]}, {"samples", samples}});
  }
  facts["unlabeled"] = std::ranges::count(dataset.labels(), -1);

  facts["flags"] = Json::object();
  for (const auto& [flag, samples] : shards::flag_counts(table.flags))
    facts["flags"][flag] = samples;

  facts["shards"] = Json::array();
  for (const shards::ShardFile& shard : index.shards) {
    facts["shards"].push_back({{"name", shard.name},
                               {"samples", shard.num_samples},
                               {"bytes", shard.size_bytes},
                               {"sha256", shard.sha256}});
  }
  facts["options"] = index.facts.converter_config;
  return facts;
}

std::string range_text(const Json& range) {
  return range[0] == range[1] ? range[0].dump() : range[0].dump() + "-" + range[1].dump();
}

std::string numbers_text(const Json& numbers) {
  std::string text;
  for (const Json& number : numbers) text += fmt::format(" {:.4f}", number.get<double>());
  return text;
}

std::string as_text(const Json& facts) {
  std::string text = fmt::format(
      "{} images, {} ({} x {}, {} channels), {} bytes\nhash {}\nmean{}  std{}  (of {} images)\n",
      with_commas(facts["samples"]), facts["kind"].get<std::string>(), range_text(facts["height"]),
      range_text(facts["width"]), range_text(facts["channels"]), with_commas(facts["image_bytes"]),
      facts["hash"].get<std::string>(), numbers_text(facts["mean"]), numbers_text(facts["std"]),
      facts["statistics_images"].get<int64_t>());
  text += fmt::format("\n{} classes\n", facts["classes"].size());
  int64_t most = 1;
  for (const Json& row : facts["classes"]) most = std::max(most, row["samples"].get<int64_t>());
  constexpr int64_t kBar = 40;
  for (const Json& row : facts["classes"]) {
    const auto samples = row["samples"].get<int64_t>();
    text += fmt::format("  {:<24} {:>10}  {}\n", printable(row["name"].get<std::string>()),
                        with_commas(samples), std::string(samples * kBar / most, '#'));
  }
  if (facts["unlabeled"] > 0) {
    text += fmt::format("  {} images have no label\n", with_commas(facts["unlabeled"]));
  }
  if (!facts["flags"].empty()) text += "\nflags\n";
  for (const auto& [flag, samples] : facts["flags"].items()) {
    text += fmt::format("  {:<24} {:>10}\n", flag, with_commas(samples.get<int64_t>()));
  }
  text += fmt::format("\n{} shards\n", facts["shards"].size());
  for (const Json& row : facts["shards"]) {
    text += fmt::format("  {}  {:>10} images  {:>15} bytes  {}\n", row["name"].get<std::string>(),
                        with_commas(row["samples"]), with_commas(row["bytes"]),
                        row["sha256"].get<std::string>().substr(0, 16));
  }
  return text;
}

class InspectVerb : public Verb {
 public:
  void declare(CLI::App& command) override {
    command.add_option("folder", folder_, "the packed set: a folder that pack wrote")
        ->required()
        ->type_name("DIR");
    command.add_flag("--json", json_, "print one JSON object");
    command.footer("Example:\n  espalier inspect data/cifar10");
  }

  int run(Context&) override {
    const Json facts = facts_of(data::Dataset::open(folder_));
    fmt::print("{}", json_ ? facts.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"
                           : as_text(facts));
    return 0;
  }

 private:
  std::string folder_;
  bool json_ = false;
};

}  // namespace

ESPALIER_REGISTER(Verb, InspectVerb, "inspect",
                  "print what a packed set holds: classes, sizes, shards");

}  // namespace espalier::app
