#include "train/faults.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <sstream>
#include <thread>

#include "core/error.h"
#include "core/log.h"

namespace espalier::train {
namespace {

constexpr const char* kVariable = "ESPALIER_FAULT";

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);)
    if (!part.empty()) parts.push_back(part);
  return parts;
}

}  // namespace

const FaultPlan& FaultPlan::instance() {
  static const FaultPlan plan = [] {
    const char* text = std::getenv(kVariable);
    if (text != nullptr && *text != '\0') log::warning("faults", "{}={} is on", kVariable, text);
    return FaultPlan(text != nullptr ? text : "");
  }();
  return plan;
}

FaultPlan::FaultPlan(const std::string& text) {
  for (const std::string& fault : split(text, ';')) faults_.push_back(parse(fault));
}

FaultPlan::Fault FaultPlan::parse(const std::string& text) {
  const auto require = [&](bool condition) {
    check(condition, Kind::kUsage,
          "{} has '{}', which is not kill, nan, stall or enospc with a step "
          "(try: {}=\"kill:rank=1,step=7\")",
          kVariable, text, kVariable);
  };
  const size_t colon = text.find(':');
  require(colon != std::string::npos);
  Fault fault{text.substr(0, colon)};
  require(fault.name == "kill" || fault.name == "nan" || fault.name == "stall" ||
          fault.name == "enospc");
  for (const std::string& field : split(text.substr(colon + 1), ',')) {
    const size_t equals = field.find('=');
    require(equals != std::string::npos);
    const std::string key = field.substr(0, equals);
    require(key == "rank" || key == "step");
    int64_t& value = key == "rank" ? fault.rank : fault.step;
    const char* end = field.data() + field.size();
    const auto [stop, failure] = std::from_chars(field.data() + equals + 1, end, value);
    require(failure == std::errc() && stop == end && value >= 0);
  }
  require(fault.step > 0);
  return fault;
}

bool FaultPlan::fires(const char* name, int rank, int64_t step) const {
  return std::any_of(faults_.begin(), faults_.end(), [&](const Fault& fault) {
    return fault.name == name && fault.step == step && (fault.rank < 0 || fault.rank == rank);
  });
}

void FaultPlan::at_step(int rank, int64_t step) const {
  if (kills(rank, step)) std::raise(SIGKILL);
  while (stalls(rank, step)) std::this_thread::sleep_for(std::chrono::hours(1));
}

}  // namespace espalier::train
