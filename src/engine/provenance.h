// Where and with what something was computed.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "engine/network.h"
#include "pretext/task.h"

namespace espalier::engine {

// "0.1.0 abc1234, clang 14.0.6, LibTorch 2.14.1": equal on all ranks of a run.
std::string build_text();

// version, commit, compiler, libtorch, machine, started: the part of provenance.json that needs no
// run. `started` is when this process began, whenever the facts are asked for.
nlohmann::ordered_json host_facts();

int64_t parameter_count(const Network& network);

// "val_loss 0.8123, val_accuracy 0.7130"
std::string scalars_text(const pretext::Scalars& scalars);

}  // namespace espalier::engine
