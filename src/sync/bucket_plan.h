// Where in one flat buffer each gradient lies, and how the buffer is cut into buckets that are
// summed while backward goes on.
//
// Backward reaches parameters about in the reverse of the order in which the network registered
// them, so they lie in reverse order; what is not known before backward has ended (running
// statistics) comes last. A bucket ends at a parameter's end when it holds `bucket_values`, and its
// size is a multiple of the ranks. None of this decides bits: sums are elementwise.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace espalier::sync {

class BucketPlan {
 public:
  // 4 MB of f32: long enough for the wire, short enough that little is left when backward ends.
  static constexpr int64_t kBucketValues = 1 << 20;

  struct Bucket {
    int64_t begin = 0, end = 0;   // values of the buffer
    std::vector<size_t> tensors;  // that lie in it
    bool gradients = true;        // or running statistics
  };

  // `gradients` and `statistics` are numbers of values, in order of registration; tensor i of the
  // buffer is gradient i, tensor gradients.size() + j is statistic j.
  BucketPlan(const std::vector<int64_t>& gradients, const std::vector<int64_t>& statistics,
             int ranks, int64_t bucket_values = kBucketValues);

  int64_t values() const { return buckets_.empty() ? 0 : buckets_.back().end; }
  const std::vector<Bucket>& buckets() const { return buckets_; }
  int64_t offset_of(size_t tensor) const { return offsets_[tensor]; }
  size_t bucket_of(size_t tensor) const { return bucket_of_[tensor]; }
  size_t tensor_count() const { return offsets_.size(); }

 private:
  void add(size_t tensor, int64_t values);
  void close(int ranks);

  std::vector<Bucket> buckets_;
  std::vector<int64_t> offsets_;
  std::vector<size_t> bucket_of_;
};

}  // namespace espalier::sync
