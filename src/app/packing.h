// Code that the verbs that write shards share: pack and merge.
#pragma once

#include "app/verb.h"
#include "pack/pack.h"

namespace espalier::app {

// Declares a field as a long option: shard_size -> --shard-size.
void declare_field(CLI::App& command, const Field& field);

// The default of --threads: the cores of this rank.
int64_t default_threads();

// Collective. Packs over the communicator, with progress lines and a summary from rank 0.
void run_packer(pack::Packer& packer, Context& context, const std::string& out);

}  // namespace espalier::app
