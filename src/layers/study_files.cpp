#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/files.h"
#include "layers/study.h"

namespace espalier::layers {
namespace {

Json share_json(const Share& share) {
  if (std::isnan(share.low)) return share.value;
  return {share.value, share.low, share.high};
}

Json measured_json(const Measured& measured) {
  Json json = Json::object();
  for (const Share& number : measured.numbers) json["stages"].push_back(share_json(number));
  for (const auto& row : measured.table) json["table"].push_back(row);
  for (const Scatter& scatter : measured.scatters)
    json["scatters"].push_back({{"x", scatter.x}, {"y", scatter.y}, {"points", scatter.points}});
  return json;
}

std::string cell(double value) { return std::isnan(value) ? "" : fmt::format("{}", value); }

}  // namespace

Json Study::json() const {
  Json measures = Json::object();
  for (const Row& row : rows) {
    Json& one = measures[row.name];
    one = {{"title", row.title}, {"reading", row.reading}};
    for (const auto& [network, of_network] : row.of) one["of"][network] = measured_json(of_network);
    if (!row.draws.empty()) one["untrained_draws"] = row.draws;
    for (const Share& number : row.gain) one["run_minus_untrained"].push_back(share_json(number));
  }
  return {{"run", run},          {"data", options.data}, {"against", against},
          {"images", images},    {"seed", options.seed}, {"draws", options.draws},
          {"stages", stages},    {"widths", widths},     {"classes", class_names},
          {"measures", measures}};
}

std::string Study::csv() const {
  std::string text = "measure,network,stage,name,value,low,high\n";
  const auto add = [&](const std::string& measure, const std::string& network,
                       const std::vector<Share>& numbers) {
    for (size_t stage = 0; stage < numbers.size(); ++stage)
      text += fmt::format("{},{},{},{},{},{},{}\n", measure, network, stage + 1, stages[stage],
                          cell(numbers[stage].value), cell(numbers[stage].low),
                          cell(numbers[stage].high));
  };
  for (const Row& row : rows) {
    for (const auto& [network, measured] : row.of) add(row.name, network, measured.numbers);
    add(row.name, "run - untrained", row.gain);
  }
  return text;
}

void Study::write(const std::filesystem::path& folder) const {
  make_directories(folder);
  write_file(folder / "layers.json",
             json().dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
  write_file(folder / "layers.csv", csv());
  write_file(folder / "layers.html", page());
}

}  // namespace espalier::layers
