#include "transfer/episodes.h"

#include <torch/torch.h>

#include <algorithm>

#include "core/random.h"
#include "tensor/convert.h"
#include "transfer/probe.h"

namespace espalier::transfer {
namespace {

std::vector<std::vector<int64_t>> rows_by_class(const std::vector<int64_t>& labels,
                                                const EpisodeOptions& options) {
  std::vector<std::vector<int64_t>> rows;
  for (size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] < 0) continue;
    const auto label = static_cast<size_t>(labels[i]);
    if (rows.size() <= label) rows.resize(label + 1);
    rows[label].push_back(static_cast<int64_t>(i));
  }
  const auto needed = static_cast<size_t>(options.shots + options.queries);
  std::erase_if(rows, [&](const auto& own) { return own.size() < needed; });
  check(static_cast<int64_t>(rows.size()) >= options.ways, Kind::kUsage,
        "an episode has {} classes of {} + {} images, and only {} classes have that many (try: "
        "fewer ways, shots or queries)",
        options.ways, options.shots, options.queries, rows.size());
  return rows;
}

// 0 .. ways-1, each `times` times.
at::Tensor classes_of(int64_t ways, int64_t times) {
  return torch::arange(ways).repeat_interleave(times);
}

}  // namespace

std::vector<Episode> draw_episodes(const std::vector<int64_t>& labels,
                                   const EpisodeOptions& options) {
  const auto rows = rows_by_class(labels, options);
  std::vector<Episode> episodes(static_cast<size_t>(options.episodes));
  for (size_t e = 0; e < episodes.size(); ++e) {
    Draw draw(options.seed, "episode", {e});
    const auto order = draw.permutation(static_cast<int64_t>(rows.size()));
    for (int64_t way = 0; way < options.ways; ++way) {
      const auto& own = rows[static_cast<size_t>(order[static_cast<size_t>(way)])];
      const auto images = draw.permutation(static_cast<int64_t>(own.size()));
      for (int64_t i = 0; i < options.shots + options.queries; ++i) {
        auto& into = i < options.shots ? episodes[e].support : episodes[e].queries;
        into.push_back(own[static_cast<size_t>(images[static_cast<size_t>(i)])]);
      }
    }
  }
  return episodes;
}

std::vector<double> episode_accuracies(const at::Tensor& features,
                                       const std::vector<int64_t>& labels, const std::string& probe,
                                       const EpisodeOptions& options) {
  const at::Tensor support_classes = classes_of(options.ways, options.shots);
  const at::Tensor query_classes = classes_of(options.ways, options.queries);
  const auto rows = [&](const std::vector<int64_t>& chosen) {
    return features.index_select(0, tensor::to_tensor(chosen, c10::kCPU));
  };
  std::vector<double> accuracies;
  for (const Episode& episode : draw_episodes(labels, options)) {
    const auto solver = Registry<Probe>::create(probe);
    const std::vector<double> strengths = solver->strengths();
    solver->fit(rows(episode.support), support_classes, options.ways);
    const at::Tensor scores =
        solver->scores(rows(episode.queries), strengths[strengths.size() / 2]);
    accuracies.push_back(
        scores.argmax(1).eq(query_classes).to(torch::kDouble).mean().item<double>());
  }
  return accuracies;
}

}  // namespace espalier::transfer
