#include "train/run_provenance.h"

#include <nlohmann/json.hpp>

#include "core/files.h"
#include "engine/provenance.h"

namespace espalier::train {

void write_provenance(const engine::RunFolder& folder, const RunConfig& config,
                      const RunFacts& facts) {
  nlohmann::ordered_json json = engine::host_facts();
  json["ranks"] = facts.ranks;
  json["lanes"] = facts.lanes;
  json["mode"] = name_of(config.parallel.mode);
  json["command"] = facts.command;
  json["seconds"] = facts.seconds;
  json["data_hash"] = facts.data_hash;
  json["parent"] = nlohmann::ordered_json::parse(facts.parent.json());
  json["teachers"] = nlohmann::ordered_json::parse(engine::json_of(facts.teachers));
  json["config_hash"] = config.document.identity_hash();
  write_file(folder.provenance(), json.dump(2) + "\n");
}

}  // namespace espalier::train
