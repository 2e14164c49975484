// A communicator with one fault, to show that tests on a simulated world find it.
//
//   Mutant data(nccl, Mutation::kSkippedBucket);   // acts from the second step on
//
// Buckets are told by their buffers: the first two that all_reduce() is called with are those that
// are skipped or swapped when they come again.
#pragma once

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "simulated/world.h"
#include "support/counting_communicator.h"

namespace espalier::simulated {

enum class Mutation {
  kNone,
  kMissingWait,     // then() orders nothing
  kSwappedBuckets,  // rank 1 exchanges two buckets with each other
  kSkippedBucket,   // no rank exchanges the first
  kFreed,           // the memory is given back before the device has used it
  kReused           // the host writes it before the device has used it
};

class Mutant : public CountingCommunicator {
 public:
  Mutant(comm::Communicator& inner, Mutation mutation)
      : CountingCommunicator(inner), mutation_(mutation) {}

  comm::Work all_reduce(void* buffer, int64_t count, comm::DataType type,
                        comm::Stream stream) override {
    const auto place = std::ranges::find(seen_, buffer, &Bucket::buffer) - seen_.begin();
    const bool again = place < static_cast<int64_t>(seen_.size());
    if (!again) seen_.push_back({buffer, count});
    if (mutation_ == Mutation::kSkippedBucket && again && place == 0) return comm::Work();
    if (mutation_ == Mutation::kSwappedBuckets && again && place < 2 && rank() == 1)
      std::tie(buffer, count) = std::pair(seen_[1 - place].buffer, seen_[1 - place].count);
    comm::Work work = CountingCommunicator::all_reduce(buffer, count, type, stream);
    const size_t bytes = static_cast<size_t>(count) * comm::size_of(type);
    switch (mutation_) {
      case Mutation::kMissingWait:
        forgotten_.push_back(std::move(work));  // dropped, it would wait
        return comm::Work();
      case Mutation::kFreed:
        World::current().freed(buffer, bytes);
        return comm::Work(std::make_unique<GivenBack>(std::move(work), buffer, bytes));
      case Mutation::kReused:
        World::current().at_rest([&] { std::fill_n(static_cast<char*>(buffer), bytes, '\1'); });
        return work;
      default:
        return work;
    }
  }

 private:
  struct Bucket {
    void* buffer;
    int64_t count;
  };
  struct GivenBack : comm::Work::Operation {
    GivenBack(comm::Work of, void* at, size_t size)
        : work(std::move(of)), buffer(at), bytes(size) {}
    void wait() override {
      work.wait();
      World::current().allocated(buffer, bytes);
    }
    void then(comm::Stream stream) override {
      work.then(stream);
      World::current().allocated(buffer, bytes);
    }
    comm::Work work;
    void* buffer;
    size_t bytes;
  };

  const Mutation mutation_;
  std::vector<Bucket> seen_;
  std::vector<comm::Work> forgotten_;
};

}  // namespace espalier::simulated
