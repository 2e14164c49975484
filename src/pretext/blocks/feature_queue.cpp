#include "pretext/blocks/feature_queue.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/torch.h>

namespace espalier::pretext {

FeatureQueueImpl::FeatureQueueImpl(int64_t length, int64_t width, std::string_view name) {
  const auto generator = at::make_generator<at::CPUGeneratorImpl>(Draw(0, name).u64());
  const at::Tensor drawn = torch::randn({length, width}, generator);
  rows_ = register_buffer("rows", drawn / drawn.norm(2, 1, /*keepdim=*/true));
  places_ = register_buffer("places", torch::zeros({2}));
}

bool FeatureQueueImpl::full() const { return places_[1].item<double>() >= length(); }

Scalars FeatureQueueImpl::put(const at::Tensor& rows) {
  // What does not fit before the last row goes on at the first one; lightly 1.6.0 drops it.
  const int64_t given = rows.size(0), count = std::min(given, length());
  const int64_t place = static_cast<int64_t>(places_[0].item<double>());
  const int64_t filled =
      std::min(length(), static_cast<int64_t>(places_[1].item<double>()) + count);
  const at::Tensor to =
      (torch::arange(count, rows_.options().dtype(torch::kLong)) + place).remainder(length());
  rows_.index_copy_(0, to, rows.narrow(0, given - count, count).to(rows_.scalar_type()));
  places_[0].fill_((place + count) % length());
  places_[1].fill_(filled);
  return {{"queue_filled", static_cast<double>(filled)},
          {"queue_age", static_cast<double>((filled + given - 1) / given)}};
}

}  // namespace espalier::pretext
