// Something to measure: `espalier bench NAME ...`. One file in this folder, registered by name;
// fields() are its key=value options.
//
// A benchmark names candidates, some of them floors: what the machine does without Espalier. The
// verb runs all of them in turn, round after round, so that they meet the same neighbours on a
// shared machine, and prints rates and the ratio to the floor.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "comm/communicator.h"
#include "core/jsonl.h"
#include "core/registry.h"

namespace espalier::bench {

struct Candidate {
  std::string name;
  std::string floor = {};  // the candidate that this one is compared with; empty = none
  int64_t units = 0;       // done by one run()
  int64_t bytes = 0;       // moved by one run(); 0 = not known
  std::function<void()> run;
};

// What a benchmark with columns of its own found.
struct Table {
  std::string text;  // as it is printed
  Json rows;
};

class Benchmark : public Plugin {
 public:
  static constexpr const char* kKind = "benchmark";

  virtual std::string unit() const = 0;     // "samples"
  virtual std::string example() const = 0;  // what follows `espalier bench`: "read data/cifar10"

  // Whether `section.option=value` is for the configuration among its arguments.
  virtual bool takes_overrides() const { return false; }
  // Whether it measures what ranks do together; others are refused under mpirun.
  virtual bool uses_ranks() const { return false; }
  // Collective. The table of a benchmark that measures by itself, `rounds` times; nothing from one
  // that has candidates.
  virtual std::optional<Table> table(comm::Communicator&, const std::vector<std::string>&,
                                     int64_t /*rounds*/) {
    return std::nullopt;
  }

  // Prepares what `arguments` ask for; the candidates may refer to this object.
  virtual std::vector<Candidate> candidates(const std::vector<std::string>& arguments) = 0;
};

}  // namespace espalier::bench
