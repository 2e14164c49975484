#include "sync/gradient_sum.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "comm/heartbeat.h"
#include "sync/lane_sums.h"

namespace espalier::sync {
namespace {

std::vector<int64_t> sizes_of(const std::vector<at::Tensor>& tensors) {
  std::vector<int64_t> sizes;
  for (const at::Tensor& tensor : tensors) sizes.push_back(tensor.numel());
  return sizes;
}

// The most subtrees that wait for a sibling, or for the exchange, while lanes end in order.
int64_t most_waiting(const LanePlan& lanes) {
  int64_t most = 0;
  std::vector<Node> waiting;
  for (int64_t lane = lanes.first(); lane + 1 < lanes.last(); ++lane) {
    Node node{lane, 1};
    while (!waiting.empty() && waiting.back() == node.sibling()) {
      waiting.pop_back();
      node = node.parent();
    }
    waiting.push_back(node);
    most = std::max(most, static_cast<int64_t>(waiting.size()));
  }
  return most;
}

// Heap order: unique among the nodes of a tree.
size_t index_of(const Node& node, const Node& root) {
  return static_cast<size_t>(root.width / node.width + node.first / node.width);
}

}  // namespace

GradientSum::GradientSum(const std::vector<at::Tensor>& gradients,
                         const std::vector<at::Tensor>& statistics, const LanePlan& lanes,
                         comm::Communicator& data, const GradientSumOptions& options)
    : lanes_(lanes),
      blocks_(lanes.blocks_of(lanes.rank())),
      options_(options),
      data_(data),
      plan_(sizes_of(gradients), sizes_of(statistics), lanes.ranks(), options.bucket_values),
      tree_(data, lanes),
      thread_(data) {
  std::vector<at::Tensor> like = gradients;
  like.insert(like.end(), statistics.begin(), statistics.end());
  for (int64_t i = 0; i < buffers_of(lanes, options.workers, options.exact); ++i)
    buffers_.push_back(make_buffer(like));
  own_probe_ = at::zeros({}, buffers_[0]->flat.options());
  sum_probe_ = at::zeros({}, buffers_[0]->flat.options());
}

int64_t GradientSum::buffers_of(const LanePlan& lanes, int64_t workers, bool exact) {
  return std::min(lanes.count(), workers + (exact ? most_waiting(lanes) : 0));
}

std::unique_ptr<GradientSum::Buffer> GradientSum::make_buffer(
    const std::vector<at::Tensor>& like) const {
  auto buffer = std::make_unique<Buffer>();
  const at::TensorOptions options = like.empty() ? at::TensorOptions() : like[0].options();
  buffer->flat = at::zeros({plan_.values()}, options.requires_grad(c10::nullopt));
  for (size_t i = 0; i < like.size(); ++i)
    buffer->views.push_back(
        at::empty({0}, buffer->flat.options())
            .set_(buffer->flat.storage(), plan_.offset_of(i), like[i].sizes(), like[i].strides()));
  buffer->written.resize(like.size());
  return buffer;
}

int64_t GradientSum::buffer_bytes() const {
  return static_cast<int64_t>(buffers_[0]->flat.nbytes());
}

at::Tensor GradientSum::slice(const Buffer& buffer, size_t bucket) const {
  const BucketPlan::Bucket& range = plan_.buckets()[bucket];
  return buffer.flat.narrow(0, range.begin, range.end - range.begin);
}

void GradientSum::begin(double divisor) {
  const at::NoGradGuard no_grad;
  const size_t buckets = plan_.buckets().size();
  divisor_ = divisor;
  started_ = 0;
  next_ = 0;
  ready_.assign(buckets, 0);
  error_ = nullptr;
  lane_buffers_.assign(static_cast<size_t>(lanes_.count()), nullptr);
  left_.assign(buckets, options_.exact ? blocks_.size() : static_cast<size_t>(lanes_.count()));
  used_.assign(buffers_.size(), 0);
  free_.clear();
  if (options_.exact) {
    held_.assign(buckets, std::vector<uint8_t>(static_cast<size_t>(2 * lanes_.root().width)));
    for (size_t i = 1; i < buffers_.size(); ++i) free_.push_back(buffers_[i].get());
  }
  own_probe_.zero_();
  sum_probe_.zero_();
}

GradientSum::Buffer& GradientSum::start(int64_t worker, int64_t lane) {
  std::unique_lock lock(mutex_);
  Buffer* buffer = buffers_[0].get();
  bool fresh = true;
  if (options_.exact) {
    // In order: else lanes that are ahead could hold what the one behind them needs.
    changed_.wait(lock,
                  [&] { return error_ || (lane == started_ && (lane == 0 || !free_.empty())); });
    if (error_) std::rethrow_exception(error_);
    ++started_;
    if (lane > 0) {
      buffer = free_.back();
      free_.pop_back();
    }
    changed_.notify_all();
  } else {
    buffer = buffers_[static_cast<size_t>(worker)].get();
    fresh = std::exchange(used_[static_cast<size_t>(worker)], 1) == 0;
  }
  lane_buffers_[static_cast<size_t>(lane)] = buffer;
  buffer->merged = 0;
  if (fresh) std::ranges::fill(buffer->written, 0);
  return *buffer;
}

void GradientSum::put(Buffer& buffer, size_t tensor, const at::Tensor& value) {
  const at::NoGradGuard no_grad;
  if (std::exchange(buffer.written[tensor], 1) != 0)
    buffer.views[tensor].add_(value);
  else
    buffer.views[tensor].copy_(value);
}

void GradientSum::pass(int64_t lane, size_t bucket) {
  const at::NoGradGuard no_grad;
  Buffer& buffer = buffer_of(lane);
  for (const size_t tensor : plan_.buckets()[bucket].tensors)
    if (buffer.written[tensor] == 0) put(buffer, tensor, at::zeros({}, buffer.flat.options()));
  if (options_.exact)
    carry(lane, bucket);
  else
    add_workers(bucket);
}

void GradientSum::carry(int64_t lane, size_t bucket) {
  Node node{lanes_.first() + lane, 1};
  for (;;) {
    const Node sibling = node.sibling();
    {
      const std::lock_guard lock(mutex_);
      if (sibling.first < lanes_.first() || sibling.last() > lanes_.last()) {  // a block
        if (--left_[bucket] > 0) return;
        break;
      }
      std::vector<uint8_t>& held = held_[bucket];
      if (held[index_of(sibling, lanes_.root())] == 0) {
        held[index_of(node, lanes_.root())] = 1;
        return;
      }
    }
    const Node left = node.is_left() ? node : sibling, right = node.is_left() ? sibling : node;
    Buffer& from = buffer_of(right.first - lanes_.first());
    slice(buffer_of(left.first - lanes_.first()), bucket).add_(slice(from, bucket));
    merged(from);
    node = node.parent();
  }
  ready(bucket);
}

void GradientSum::merged(Buffer& buffer) {
  {
    const std::lock_guard lock(mutex_);
    if (++buffer.merged < plan_.buckets().size()) return;
    free_.push_back(&buffer);
  }
  changed_.notify_all();
}

void GradientSum::add_workers(size_t bucket) {
  {
    const std::lock_guard lock(mutex_);
    if (--left_[bucket] > 0) return;
  }
  const at::Tensor sum = slice(*buffers_[0], bucket);
  bool empty = used_[0] == 0;
  for (size_t worker = 1; worker < buffers_.size(); ++worker) {
    if (used_[worker] == 0) continue;
    const at::Tensor other = slice(*buffers_[worker], bucket);
    std::exchange(empty, false) ? sum.copy_(other) : sum.add_(other);
  }
  ready(bucket);
}

void GradientSum::ready(size_t bucket) {
  const std::lock_guard lock(order_);
  ready_[bucket] = 1;
  for (; next_ < ready_.size() && ready_[next_] != 0; ++next_)
    thread_.add([this, bucket = next_] { exchange(bucket); });
}

void GradientSum::fail(std::exception_ptr error) {
  {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = error;
  }
  changed_.notify_all();
}

void GradientSum::finish() { thread_.drain(); }

void GradientSum::exchange(size_t bucket) {
  const at::NoGradGuard no_grad;
  options_.exact ? exchange_exact(bucket) : exchange_fast(bucket);
  const at::Tensor sum = slice(*buffers_[0], bucket);
  const bool gradients = plan_.buckets()[bucket].gradients;
  if (options_.exact || !options_.wire || !gradients)
    sum.div_(gradients ? divisor_ : static_cast<double>(lanes_.lanes()));
  sum_probe_.add_(sum.sum().mul_(0));
}

void GradientSum::exchange_exact(size_t bucket) {
  std::vector<at::Tensor> own;
  for (const Node& block : blocks_) {
    own.push_back(slice(buffer_of(block.first - lanes_.first()), bucket));
    if (lanes_.ranks() > 1) own_probe_.add_(own.back().sum().mul_(0));
  }
  const auto sum = [&]<typename T>(T*) {
    std::vector<T*> values;
    for (const at::Tensor& block : own) values.push_back(block.data_ptr<T>());
    tree_.sum(values, own[0].data_ptr<T>(), own[0].numel());
  };
  if (own[0].scalar_type() == at::kDouble)
    sum(static_cast<double*>(nullptr));
  else
    sum(static_cast<float*>(nullptr));
  for (size_t i = 1; i < blocks_.size(); ++i) merged(buffer_of(blocks_[i].first - lanes_.first()));
}

void GradientSum::exchange_fast(size_t bucket) {
  at::Tensor sum = slice(*buffers_[0], bucket);
  if (lanes_.ranks() > 1) own_probe_.add_(sum.sum().mul_(0));
  if (lanes_.ranks() == 1 && !options_.wire) return;
  at::Tensor sent = sum;
  const bool narrowed = options_.wire && plan_.buckets()[bucket].gradients;
  if (narrowed) sent = sum.div_(divisor_).to(*options_.wire);
  data_.all_reduce(sent.data_ptr(), sent.numel(), data_type_of(sent), data_.compute_stream())
      .then(data_.compute_stream());
  if (narrowed) sum.copy_(sent);
}

}  // namespace espalier::sync
