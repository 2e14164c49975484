// What frozen stages give for the images of a packed set, kept for all cells of a sweep: one pass of
// the frozen stages serves every cut, seed, label budget and head.
//
//   PrefixCache cache(most_bytes);
//   const FrozenPrefix prefix(*network.backbone, /*cut=*/3, cuts, input);
//   const FrozenFeatures features(cache, prefix, pass);  // of the images of `pass`
//   const BegunAtCut begun(*network.backbone, prefix);   // takes what write() writes
//   features.write(samples, slab);
//
// Features of a sample are found by the SHA-256 of the stages that gave them, the data set, and what
// made the view of it. They are computed when they are first asked for, on the thread that
// asks, beginning with those of the deepest cut that are there; those of cuts on the way are kept
// too. A thread that needs what another computes waits for it.
//
// Features are computed sample by sample (Backbone::each_alone), whether they are kept or not. So a
// run has the same bits with any limit, any order of cells and any number of threads.
//
// Not kept are features of a cut that pays too little: where computing a sample's from those of the
// cut before takes less time than copying them at kWorthBytesPerSecond. When the limit is reached,
// features of the cuts that no living FrozenFeatures is of leave, the least recently used first; if
// that is not enough, new ones are not kept.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/backbone_file.h"
#include "engine/evaluate.h"

namespace espalier::transfer {

constexpr double kWorthBytesPerSecond = 1e9;

// Stages [0, cut) of a network, which rest and are in evaluation mode. `backbone` outlives this, and
// does not begin at a cut when this is made.
class FrozenPrefix {
 public:
  // On the way to `cut`, features of those of `cuts` that lie before it are kept too. `input` is the
  // shape of images.
  FrozenPrefix(model::Backbone& backbone, int64_t cut, const std::vector<int64_t>& cuts,
               const image::ViewShape& input);

  int64_t cut() const { return cuts_.back(); }
  // Of one sample's features at cut().
  const std::vector<int64_t>& shape() const { return shape_; }

 private:
  friend class FrozenFeatures;
  model::Backbone& backbone_;
  std::vector<int64_t> cuts_, shape_;
  std::vector<std::string> sha256_;  // of the stages before each of cuts_
};

// A backbone that takes features while one lives.
class BegunAtCut {
 public:
  BegunAtCut(model::Backbone& backbone, const FrozenPrefix& prefix) : backbone_(backbone) {
    backbone_.begin_at(prefix.cut(), prefix.shape());
  }
  ~BegunAtCut() { backbone_.begin_at(0); }
  BegunAtCut(const BegunAtCut&) = delete;

 private:
  model::Backbone& backbone_;
};

class PrefixCache {
 public:
  // 0: nothing is kept.
  explicit PrefixCache(int64_t most_bytes) : most_bytes_(most_bytes) {}
  PrefixCache(const PrefixCache&) = delete;

  int64_t bytes() const;     // of features that are kept
  int64_t computed() const;  // how often features of a sample were computed for a cut

 private:
  friend class FrozenFeatures;

  struct Cut {
    std::unordered_map<int64_t, at::Tensor> rows;  // by sample
    std::unordered_set<int64_t> computing;         // samples
    int64_t bytes = 0, users = 0, used = 0, measured = 0;
    double seconds = 0;  // the least that a measured row has taken
    bool keeps = true;   // the last row that was computed
  };

  void keep(Cut& cut, int64_t sample, const at::Tensor& row, double seconds, bool may_displace);
  bool make_room(int64_t bytes, bool may_displace);
  void drop(Cut& cut);

  const int64_t most_bytes_;
  mutable std::mutex mutex_;  // of all that follows
  std::condition_variable changed_;
  std::map<std::string, Cut> cuts_;
  int64_t bytes_ = 0, uses_ = 0, computed_ = 0;
};

class FrozenFeatures {
 public:
  // The pipeline of `pass` draws nothing. `cache` and `prefix` outlive this.
  FrozenFeatures(PrefixCache& cache, const FrozenPrefix& prefix, engine::Pass pass);
  ~FrozenFeatures();
  FrozenFeatures(const FrozenFeatures&) = delete;

  image::SlabFormat format() const { return {.shape = model::view_of(prefix_.shape_)}; }

  // Computes those of the features of `samples` that are missing and that no other thread computes,
  // as far as there is room: threads that call it for the same samples share the work.
  void prepare(std::span<const int64_t> samples) const;

  // Writes the features of `samples` of the set, one after the other, each as format() says. One
  // thread; others have features of their own networks.
  void write(std::span<const int64_t> samples, std::byte* into) const;
  // The same as f32 [n, C, H, W].
  at::Tensor tensor(std::span<const int64_t> samples) const;

 private:
  using Rows = std::unordered_map<int64_t, at::Tensor>;  // by sample
  // A sample that this thread computes: the stages before cuts_[next], those before the cut after
  // it, and so on, beginning with `features`, or with the image where they are undefined.
  struct Work {
    int64_t sample = 0;
    size_t next = 0;
    at::Tensor features = {};
  };

  Work beginning(int64_t sample) const;
  bool claim(const Work& work) const;
  std::vector<Work> look_up(std::span<const int64_t> samples, Rows& rows) const;
  void compute(const std::vector<Work>& all, Rows& rows) const;
  void compute_and_release(const std::vector<Work>& all, Rows& rows) const;
  at::Tensor run(Work work) const;

  PrefixCache& cache_;
  const FrozenPrefix& prefix_;
  engine::Pass pass_;
  std::vector<PrefixCache::Cut*> cuts_;  // those of the prefix; the last is its own
};

}  // namespace espalier::transfer
