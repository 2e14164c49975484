// The gradient of a step: summed over lanes and ranks in buckets, while backward goes on.
//
//   sum.begin(divisor);
//   auto& buffer = sum.start(worker, lane);        // on the worker that runs the lane
//   sum.put(buffer, tensor, gradient);             // as backward gives it
//   sum.pass(lane, bucket);                        // the lane adds nothing more to this bucket
//   sum.finish();                                  // result() holds the mean gradient
//
// Exact: every lane has a buffer. When two siblings of the tree have passed a bucket, the right one
// is added to the left one, as a binary counter carries; a buffer whose buckets are all added is
// used again. A rank with W workers holds W buffers and those that wait for a sibling, log2 of its
// lanes, instead of one a lane. When the blocks of a rank have passed a bucket, the communicating
// thread sums it over ranks by the tree (sync/tree_exchange.h).
//
// Fast: every worker has a buffer that its lanes add up in, and the communicator sums ranks in its
// own order, where wanted in 16 bit.
//
// Buckets are exchanged in their order, on every rank alike. Gradients come out divided by what
// begin() was given, running statistics by the number of lanes.
#pragma once

#include <ATen/core/Tensor.h>

#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "sync/bucket_plan.h"
#include "sync/communicating_thread.h"
#include "sync/lanes.h"
#include "sync/tree_exchange.h"

namespace espalier::sync {

struct GradientSumOptions {
  bool exact = true;
  int64_t workers = 1;
  int64_t bucket_values = BucketPlan::kBucketValues;
  // The type that gradients have between ranks in fast mode; that of the buffers by default.
  std::optional<at::ScalarType> wire = {};
};

class GradientSum {
 public:
  struct Buffer {
    at::Tensor flat;
    std::vector<at::Tensor> views;  // by tensor of the plan, with its shape and strides
    std::vector<uint8_t> written;   // in this use
    size_t merged = 0;              // buckets that are added elsewhere
  };

  // Tensors of the plan are as `gradients`, then `statistics`, in shape, strides, type and device.
  // `data` is in use between start() and finish().
  GradientSum(const std::vector<at::Tensor>& gradients, const std::vector<at::Tensor>& statistics,
              const LanePlan& lanes, comm::Communicator& data, const GradientSumOptions& options);

  // How many buffers a rank holds for its gradients.
  static int64_t buffers_of(const LanePlan& lanes, int64_t workers, bool exact);

  const BucketPlan& plan() const { return plan_; }

  // Of a step whose gradients are divided by `divisor`: the samples of the batch.
  void begin(double divisor);

  // Any worker. Lanes, counted from this rank's first, start in order: a call waits for those
  // before it, and for a buffer that others will free. Rethrows what fail() was given.
  Buffer& start(int64_t worker, int64_t lane);
  void put(Buffer& buffer, size_t tensor, const at::Tensor& value);
  void pass(int64_t lane, size_t bucket);

  // A lane cannot be finished: those that wait for its buffer end with `error`.
  void fail(std::exception_ptr error);

  // Collective. Returns when result() is complete; on a device, when its stream is ordered so.
  void finish();

  const Buffer& result() const { return *buffers_[0]; }
  // Scalars on the device of the gradients: 0, or NaN where what this rank gave, or the sum, has a
  // value that is not finite.
  const at::Tensor& own_probe() const { return own_probe_; }
  const at::Tensor& sum_probe() const { return sum_probe_; }

  // Buffers that a rank holds, and the bytes of one.
  int64_t buffer_count() const { return static_cast<int64_t>(buffers_.size()); }
  int64_t buffer_bytes() const;

 private:
  std::unique_ptr<Buffer> make_buffer(const std::vector<at::Tensor>& like) const;
  at::Tensor slice(const Buffer& buffer, size_t bucket) const;
  Buffer& buffer_of(int64_t lane) { return *lane_buffers_[static_cast<size_t>(lane)]; }
  void carry(int64_t lane, size_t bucket);
  void add_workers(size_t bucket);
  void merged(Buffer& buffer);
  void ready(size_t bucket);
  void exchange(size_t bucket);
  void exchange_exact(size_t bucket);
  void exchange_fast(size_t bucket);

  const LanePlan lanes_;
  const std::vector<Node> blocks_;
  const GradientSumOptions options_;
  comm::Communicator& data_;
  BucketPlan plan_;
  std::vector<std::unique_ptr<Buffer>> buffers_;  // the first holds the result
  TreeExchange tree_;

  std::mutex mutex_;  // of what follows
  std::condition_variable changed_;
  std::vector<Buffer*> free_, lane_buffers_;
  std::vector<std::vector<uint8_t>> held_;  // [bucket][node]: waits for its sibling
  std::vector<size_t> left_;                // [bucket]: blocks, or lanes, that have not passed
  std::vector<uint8_t> used_;               // [worker], in fast mode
  int64_t started_ = 0;                     // lanes
  std::exception_ptr error_;

  std::mutex order_;  // of the exchanges
  std::vector<uint8_t> ready_;
  size_t next_ = 0;

  double divisor_ = 1;
  at::Tensor own_probe_, sum_probe_;
  CommunicatingThread thread_;
};

}  // namespace espalier::sync
