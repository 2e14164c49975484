#include "sync/parallel_options.h"

#include "comm/communicator.h"

namespace espalier::sync {

Fields ParallelOptions::fields() {
  std::vector<std::string> communicators = Registry<comm::CommunicatorFactory>::names();
  communicators.insert(communicators.begin(), "auto");
  return {
      {"lanes",
       &lanes,
       {.help = "lanes that the global batch is cut into for the life of the run, 1 to 65536; auto "
                "= the number of ranks at the first start"}},
      {"lane_threads",
       &lane_threads,
       {.min = 1, .max = 256, .unit = "threads", .help = "threads that compute one lane"}},
      {"mode",
       &mode,
       {.help = "exact: the same bits on any number of ranks, on CPUs only; fast: the same up to "
                "rounding; auto = fast where every rank has a GPU at the first start, else exact"}},
      {"wire",
       &wire,
       {.help = "number type of gradients between ranks in mode fast; native = the type of the "
                "weights; fp16 has a small range: what does not fit skips the step"}},
      {"communicator",
       &communicator,
       {.choices = communicators,
        .help = "how gradients are exchanged; auto = nccl between GPUs, else that of the ranks",
        .identity = false}}};
}

}  // namespace espalier::sync
