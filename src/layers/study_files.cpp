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
  }
  return {{"run", options.run}, {"data", options.data},   {"against", options.against},
          {"images", images},   {"seed", options.seed},   {"stages", stages},
          {"widths", widths},   {"classes", class_names}, {"measures", measures}};
}

std::string Study::csv() const {
  std::string text = "measure,network,stage,name,value,low,high\n";
  for (const Row& row : rows)
    for (const auto& [network, measured] : row.of)
      for (size_t stage = 0; stage < measured.numbers.size(); ++stage) {
        const Share& number = measured.numbers[stage];
        text += fmt::format("{},{},{},{},{},{},{}\n", row.name, network, stage + 1, stages[stage],
                            cell(number.value), cell(number.low), cell(number.high));
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
