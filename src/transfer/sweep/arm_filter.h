// The part of a sweep that a process is asked to compute.
//
//   const ArmFilter filter({"mode=frozen,tuned,cut=2"});
#pragma once

#include <map>
#include <string>
#include <vector>

#include "transfer/arm.h"

namespace espalier::transfer {

class ArmFilter {
 public:
  // Each text is KEY=VALUE[,VALUE...][,KEY=...]. Keys: source, mode, kept_lr_factor, head, cut,
  // labels_per_class, seed. kUsage for another key or for no value. Without texts all is taken.
  explicit ArmFilter(const std::vector<std::string>& texts = {});

  // Whether each key that was given has one of its values.
  bool takes(const Arm& arm) const;
  bool takes_seed(int64_t seed) const;

  // kUsage, with the values that there are, where one that was given is of no arm.
  void require_values(const std::vector<Arm>& arms, int64_t seeds) const;

 private:
  bool has(const std::string& key, const std::string& value) const;

  std::map<std::string, std::vector<std::string>> wanted_;
};

}  // namespace espalier::transfer
