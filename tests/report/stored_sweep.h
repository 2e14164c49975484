// Sweeps that several tests look at.
#pragma once

#include <string>
#include <vector>

#include "report/figures/look.h"
#include "report/synthetic_store.h"
#include "support/temp_dir.h"

namespace espalier::report {

inline size_t count(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

// A store and what a report reads from it.
struct Sweep {
  explicit Sweep(const SyntheticStore& store = {}) {
    write_store(folder / "sweep", store);
    all = read_runs({folder / "sweep"}).transfer;
  }
  const TransferRun& run() const { return all.at(0); }
  Look look() const { return Look(run(), all); }

  TempDir folder;
  std::vector<TransferRun> all;
};

// A few modes, so that figures can be counted by hand.
inline SyntheticStore small_store() {
  SyntheticStore store;
  store.modes = {{"frozen", {0.03, 0.05, 0.01, -0.06}}, {"tuned", {0.02, 0.05, 0.06, 0.05}, 0.1}};
  store.budgets = {10, 100, 1000};
  return store;
}

// Written once, since there are thousands of files.
inline const Sweep& whole() {
  static const Sweep sweep;
  return sweep;
}

inline const Sweep& small() {
  static const Sweep sweep(small_store());
  return sweep;
}

}  // namespace espalier::report
