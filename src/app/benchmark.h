// Something to measure: `espalier bench NAME ...`. One file in app/benchmarks, registered by name;
// fields() are its key=value options.
//
// A benchmark names candidates, some of them floors: what the machine does without Espalier. The
// verb runs all of them in turn, round after round, so that they meet the same neighbours on a
// shared machine, and prints rates and the ratio to the floor.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/registry.h"

namespace espalier::app {

struct Candidate {
  std::string name;
  std::string floor = {};  // the candidate that this one is compared with; empty = none
  int64_t units = 0;       // done by one run()
  int64_t bytes = 0;       // moved by one run(); 0 = not known
  std::function<void()> run;
};

class Benchmark : public Plugin {
 public:
  static constexpr const char* kKind = "benchmark";

  virtual std::string unit() const = 0;     // "samples"
  virtual std::string example() const = 0;  // what follows `espalier bench`: "read data/cifar10"

  // Prepares what `arguments` ask for; the candidates may refer to this object.
  virtual std::vector<Candidate> candidates(const std::vector<std::string>& arguments) = 0;
};

}  // namespace espalier::app
