// All cells of a sweep, and what they say together.
//
//   const Sweep sweep(config, backbone, "runs/transfer", quiet);
//   sweep.run();
//   sweep.write_results(command, seconds);
#pragma once

#include "transfer/cell_store.h"
#include "transfer/summary.h"

namespace espalier::transfer {

class Sweep {
 public:
  // kUsage where the parts do not fit together; then `folder` is not touched.
  Sweep(TransferConfig config, engine::BackboneFile backbone, std::filesystem::path folder,
        bool quiet);

  // Writes config.yaml and plan.json, computes the cells that the folder does not hold, several at
  // once, and waits for those that other processes compute. What is there is never computed again.
  // Returns how many were computed here.
  int64_t run() const;

  // After run(): cells.csv, summary.csv, summary.json, provenance.json.
  void write_results(const std::string& command, double seconds, int64_t computed) const;

  // What is known of every cell that has ended.
  std::vector<statistics::Cell> finished() const;
  const Setting& setting() const { return setting_; }

 private:
  struct Planned {
    std::string id;
    Cell cell;
    nlohmann::json spec;
  };

  // plan.json: stages, classes, chance, arms, and the arm and seed of every cell. A report knows by
  // it of cells that are not there yet.
  void write_plan() const;
  std::vector<const Planned*> missing() const;
  bool compute(const Planned& cell) const;  // false when another process has it

  Setting setting_;
  std::filesystem::path folder_;
  bool quiet_;
  CellStore store_;
  std::vector<Planned> cells_;
};

}  // namespace espalier::transfer
