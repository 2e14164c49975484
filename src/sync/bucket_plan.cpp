#include "sync/bucket_plan.h"

namespace espalier::sync {
namespace {

constexpr int64_t kAlignment = 16;  // values; 64 bytes of float, a cache line

int64_t padded(int64_t values, int64_t to) { return (values + to - 1) / to * to; }

}  // namespace

BucketPlan::BucketPlan(const std::vector<int64_t>& gradients,
                       const std::vector<int64_t>& statistics, int ranks, int64_t bucket_values)
    : offsets_(gradients.size() + statistics.size()),
      bucket_of_(gradients.size() + statistics.size()) {
  buckets_.emplace_back();
  for (size_t i = gradients.size(); i-- > 0;) {
    add(i, gradients[i]);
    if (buckets_.back().end - buckets_.back().begin >= bucket_values) close(ranks);
  }
  if (!buckets_.back().tensors.empty()) close(ranks);
  buckets_.back().gradients = false;
  for (size_t i = 0; i < statistics.size(); ++i) add(gradients.size() + i, statistics[i]);
  if (!statistics.empty()) close(ranks);
  buckets_.pop_back();
}

void BucketPlan::add(size_t tensor, int64_t values) {
  Bucket& bucket = buckets_.back();
  offsets_[tensor] = bucket.end;
  bucket_of_[tensor] = buckets_.size() - 1;
  bucket.tensors.push_back(tensor);
  bucket.end += padded(values, kAlignment);
}

void BucketPlan::close(int ranks) {
  Bucket& bucket = buckets_.back();
  bucket.end = bucket.begin + padded(bucket.end - bucket.begin, kAlignment * ranks);
  buckets_.push_back({bucket.end, bucket.end, {}, true});
}

}  // namespace espalier::sync
