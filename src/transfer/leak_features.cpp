#include "transfer/leak_features.h"

#include <torch/torch.h>

#include <algorithm>
#include <limits>

#include "core/stop_request.h"
#include "leaks/nearness.h"
#include "tensor/neighbours.h"

namespace espalier::transfer {
namespace {

constexpr int64_t kAtOnce = 10'000;  // images of the other set, and those that tell what is usual
constexpr int64_t kPlanted = 200;    // test images of which copies are planted
constexpr int64_t kBatch = 50;
constexpr double kChance = 0.1;  // near pairs by chance

at::Tensor features(const engine::TrainedModel& model, const data::Dataset& set,
                    const data::Selection& selection) {
  return model.features(set, selection, model.last_cut, [](int64_t) {
    stop_request::throw_if_wanted("no leak was looked for to the end");
  });
}

std::vector<leaks::Nearest> nearest_of(const at::Tensor& tests, const at::Tensor& drawn) {
  const at::Tensor squared =
      (2 - 2 * tensor::nearest(tests, drawn, leaks::kNeighbours).cosines).clamp_min(0);
  std::vector<leaks::Nearest> all(static_cast<size_t>(tests.size(0)));
  const auto rows = squared.accessor<float, 2>();
  for (int64_t i = 0; i < rows.size(0); ++i) {
    all[static_cast<size_t>(i)].fill(std::numeric_limits<float>::max());
    for (int64_t k = 0; k < rows.size(1); ++k)
      all[static_cast<size_t>(i)][static_cast<size_t>(k)] = rows[i][k];
  }
  return all;
}

// Copies of test images, each told by the distance to its own original.
std::vector<leaks::Planted> plant(const engine::TrainedModel& model, const data::Dataset& test,
                                  const at::Tensor& tests, const at::Tensor& mean,
                                  const std::vector<float>& radius) {
  const data::Selection some = data::draw_some(data::all(test.size()), kPlanted, "planted", 0);
  const auto count = std::ssize(some);
  std::vector<leaks::Planted> planted;
  for (const auto& [name, make] : leaks::copy_kinds()) {
    int64_t found = 0;
    for (int64_t first = 0; first < count; first += kBatch) {
      std::vector<at::Tensor> inputs;
      for (int64_t i = first; i < std::min(first + kBatch, count); ++i) {
        const int64_t sample = some[static_cast<size_t>(i)];
        inputs.push_back(model.input_of(make(test.image(sample), sample), test.key(sample)));
      }
      const at::Tensor copies =
          tensor::directions(model.features(torch::cat(inputs), model.last_cut) - mean);
      for (int64_t i = 0; i < copies.size(0); ++i) {
        const int64_t sample = some[static_cast<size_t>(first + i)];
        found +=
            (copies[i] - tests[sample]).norm().item<float>() <= radius[static_cast<size_t>(sample)];
      }
    }
    planted.push_back({name, static_cast<double>(found) / static_cast<double>(count)});
  }
  return planted;
}

}  // namespace

leaks::Alike find_alike(const engine::TrainedModel& model, const data::Dataset& test,
                        const data::Dataset& others) {
  const data::Selection all = data::all(others.size());
  const at::Tensor drawn = features(model, others, data::draw_some(all, kAtOnce, "leaks", 0));
  const at::Tensor mean = drawn.mean(0);
  const at::Tensor tests = tensor::directions(features(model, test, data::all(test.size())) - mean);
  const leaks::Nearness near =
      leaks::nearness(nearest_of(tests, drawn - mean), drawn.size(0), others.size(), kChance);
  leaks::Alike alike{
      .pairs = {}, .expected = std::numeric_limits<double>::quiet_NaN(), .planted = {}};
  if (near.dimension == 0) return alike;
  alike.expected = kChance;
  std::vector<leaks::Pair> best(static_cast<size_t>(test.size()));
  for (leaks::Pair& pair : best) pair.distance = std::numeric_limits<double>::infinity();
  for (int64_t first = 0; first < others.size(); first += kAtOnce) {
    const auto end = std::min(first + kAtOnce, others.size());
    const data::Selection part(all.begin() + first, all.begin() + end);
    const auto [cosines, rows] = tensor::nearest(tests, features(model, others, part) - mean, 1);
    for (int64_t i = 0; i < test.size(); ++i) {
      const double distance = std::sqrt(std::max(0.0, 2 - 2 * cosines[i][0].item<double>()));
      leaks::Pair& pair = best[static_cast<size_t>(i)];
      if (distance < pair.distance)
        pair = {i, first + rows[i][0].item<int64_t>(), distance,
                near.usual[static_cast<size_t>(i)]};
    }
  }
  for (const leaks::Pair& pair : best)
    if (pair.distance <= near.radius[static_cast<size_t>(pair.test)]) alike.pairs.push_back(pair);
  std::ranges::stable_sort(alike.pairs, {},
                           [](const leaks::Pair& pair) { return pair.distance / pair.usual; });
  alike.planted = plant(model, test, tests, mean, near.radius);
  return alike;
}

}  // namespace espalier::transfer
