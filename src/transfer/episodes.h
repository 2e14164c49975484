// Few-shot classification on features that rest: an episode draws N classes, K images of each to
// learn from and others to be asked about (Vinyals et al. 2016, section 4.1). Its accuracy says how
// far features go with a handful of labels, averaged over which handful that is.
//
//   const std::vector<double> accuracies = episode_accuracies(features, labels, "ridge", options);
//   const Interval mean = t_interval(accuracies);
//
// Episode e draws by (seed, e) alone, so two sets of features of the same images, of two networks
// say, meet the same episodes and are compared pair by pair. The interval is over episodes of these
// images: neither other images nor another pretraining is in it.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

namespace espalier::transfer {

struct EpisodeOptions {
  int64_t ways = 5, shots = 1, queries = 15;  // classes; images of each to learn from, and asked
  int64_t episodes = 600;
  uint64_t seed = 0;
};

struct Episode {
  std::vector<int64_t> support, queries;  // rows; class w of the episode has those of its `ways`-th
                                          // part, in order
};

// Classes with fewer than shots + queries images take no part. kUsage when fewer than `ways` are
// left. `labels[i]`: class of row i, -1 = none.
std::vector<Episode> draw_episodes(const std::vector<int64_t>& labels,
                                   const EpisodeOptions& options);

// Share of the queries of each episode that a probe (transfer/probe.h) of this name classifies
// right, fitted to the support. With so few images nothing chooses among its strengths: it takes
// the middle one. `features` [N, D].
std::vector<double> episode_accuracies(const at::Tensor& features,
                                       const std::vector<int64_t>& labels, const std::string& probe,
                                       const EpisodeOptions& options);

}  // namespace espalier::transfer
