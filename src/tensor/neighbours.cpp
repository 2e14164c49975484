#include "tensor/neighbours.h"

#include <torch/torch.h>

#include <algorithm>
#include <set>

namespace espalier::tensor {
namespace {

constexpr int64_t kAtOnce = 250;  // queries; bounds the cosines that are held

// `own[q]`, where given, is the row of the bank that query q is itself.
Neighbours search(const at::Tensor& queries, const at::Tensor& bank, int64_t k,
                  const at::Tensor& own) {
  const torch::NoGradGuard no_grad;
  const at::Tensor to = directions(bank).t();
  std::vector<at::Tensor> cosines, rows;
  for (int64_t first = 0; first < queries.size(0); first += kAtOnce) {
    const int64_t count = std::min(kAtOnce, queries.size(0) - first);
    at::Tensor near = torch::mm(directions(queries.narrow(0, first, count)), to);
    if (own.defined()) near.scatter_(1, own.narrow(0, first, count).unsqueeze(1), -2);
    const auto [largest, at] = near.topk(k, /*dim=*/1);
    cosines.push_back(largest);
    rows.push_back(at);
  }
  return {torch::cat(cosines), torch::cat(rows)};
}

}  // namespace

at::Tensor directions(const at::Tensor& rows) {
  return torch::nn::functional::normalize(rows,
                                          torch::nn::functional::NormalizeFuncOptions().dim(1));
}

Neighbours nearest(const at::Tensor& queries, const at::Tensor& bank, int64_t k) {
  return search(queries, bank, std::min(k, bank.size(0)), {});
}

Neighbours nearest_others(const at::Tensor& bank, const std::vector<int64_t>& of, int64_t k) {
  const at::Tensor own = torch::tensor(of, torch::kLong).to(bank.device());
  return search(bank.index_select(0, own), bank, std::min(k, bank.size(0) - 1), own);
}

std::vector<Pair> closest_pairs(const Neighbours& all, int64_t count) {
  const at::Tensor cosines = all.cosines.cpu().to(torch::kDouble).contiguous();
  const at::Tensor rows = all.rows.cpu().contiguous();
  const int64_t k = rows.size(1);
  std::vector<Pair> pairs;
  for (int64_t i = 0; i < rows.numel(); ++i) {
    const int64_t a = i / k, b = rows.const_data_ptr<int64_t>()[i];
    pairs.push_back({std::min(a, b), std::max(a, b), cosines.const_data_ptr<double>()[i]});
  }
  // Both rows of a pair may have found it, with cosines that differ by rounding.
  std::ranges::sort(pairs, [](const Pair& a, const Pair& b) {
    return a.cosine != b.cosine ? a.cosine > b.cosine
           : a.first != b.first ? a.first < b.first
                                : a.second < b.second;
  });
  std::set<std::pair<int64_t, int64_t>> seen;
  std::erase_if(pairs,
                [&](const Pair& pair) { return !seen.emplace(pair.first, pair.second).second; });
  pairs.resize(std::min(pairs.size(), static_cast<size_t>(count)));
  return pairs;
}

std::vector<Outlier> outliers(const Neighbours& all, int64_t count) {
  const at::Tensor mean = all.cosines.cpu().to(torch::kDouble).mean(1);
  const auto [smallest, rows] = mean.topk(std::min(count, mean.size(0)), /*dim=*/0,
                                          /*largest=*/false);
  std::vector<Outlier> chosen;
  for (int64_t i = 0; i < rows.size(0); ++i)
    chosen.push_back({rows[i].item<int64_t>(), smallest[i].item<double>()});
  return chosen;
}

}  // namespace espalier::tensor
