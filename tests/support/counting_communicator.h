// A communicator that counts what a rank sends, and passes everything on: for tests of how much
// goes over the wire.
//
//   CountingCommunicator counting(comm);
//   sum_lanes(counting, ...);
//   EXPECT_LE(counting.total().bytes, 2 * bytes * (ranks - 1) / ranks);
//
// Bytes of a collective are those of the bandwidth-optimal algorithm, which every communicator here
// has for large buffers: all_reduce 2 S (R-1)/R, reduce_scatter and all_gather S (R-1)/R of the
// whole, broadcast S on the root (a tree's inner ranks pass on as much). A rank's message to itself
// is free. One thread at a time may use it, its duplicates count by themselves.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "comm/communicator.h"

namespace espalier {

class CountingCommunicator : public comm::Communicator {
 public:
  struct Count {
    int64_t operations = 0;
    int64_t messages = 0;  // of exchanges, to other ranks
    int64_t bytes = 0;     // that this rank sends
  };

  // `inner` is not owned, or is.
  explicit CountingCommunicator(comm::Communicator& inner) : inner_(inner) {}
  explicit CountingCommunicator(std::unique_ptr<comm::Communicator> inner)
      : inner_(*inner), owned_(std::move(inner)) {}

  // By name of the operation: "all_reduce", "exchange", "barrier".
  const std::map<std::string, Count>& counts() const { return counts_; }
  Count count(const std::string& operation) const {
    const auto found = counts_.find(operation);
    return found == counts_.end() ? Count{} : found->second;
  }
  Count total() const {
    Count total;
    for (const auto& [operation, count] : counts_) {
      total.operations += count.operations;
      total.messages += count.messages;
      total.bytes += count.bytes;
    }
    return total;
  }
  void reset() { counts_.clear(); }

  int rank() const override { return inner_.rank(); }
  int size() const override { return inner_.size(); }
  std::string name() const override { return inner_.name(); }

  comm::Work all_reduce(void* buffer, int64_t count, comm::DataType type,
                        comm::Stream stream) override {
    add("all_reduce", 2 * bytes_of(count, type) * (size() - 1) / size());
    return inner_.all_reduce(buffer, count, type, stream);
  }
  comm::Work all_gather(const void* send, void* receive, int64_t count, comm::DataType type,
                        comm::Stream stream) override {
    add("all_gather", bytes_of(count, type) * (size() - 1));
    return inner_.all_gather(send, receive, count, type, stream);
  }
  comm::Work reduce_scatter(const void* send, void* receive, int64_t count, comm::DataType type,
                            comm::Stream stream) override {
    add("reduce_scatter", bytes_of(count, type) * (size() - 1));
    return inner_.reduce_scatter(send, receive, count, type, stream);
  }
  comm::Work broadcast(void* buffer, int64_t count, comm::DataType type, int root,
                       comm::Stream stream) override {
    add("broadcast", rank() == root && size() > 1 ? bytes_of(count, type) : 0);
    return inner_.broadcast(buffer, count, type, root, stream);
  }
  comm::Work exchange(const std::vector<comm::Outgoing>& sends,
                      const std::vector<comm::Incoming>& receives, comm::DataType type,
                      comm::Stream stream) override {
    Count& count = counts_["exchange"];
    ++count.operations;
    for (const comm::Outgoing& message : sends) {
      if (message.to == rank()) continue;
      ++count.messages;
      count.bytes += bytes_of(message.count, type);
    }
    return inner_.exchange(sends, receives, type, stream);
  }
  void barrier() override {
    add("barrier", 0);
    inner_.barrier();
  }

  comm::Stream compute_stream() const override { return inner_.compute_stream(); }
  void synchronize(comm::Stream stream) override { inner_.synchronize(stream); }
  std::unique_ptr<comm::Communicator> duplicate() override {
    return std::make_unique<CountingCommunicator>(inner_.duplicate());
  }
  bool concurrent() const override { return inner_.concurrent(); }
  void raise(const Error& error) override { inner_.raise(error); }
  void set_deadline(double seconds) override { inner_.set_deadline(seconds); }
  double deadline() const override { return inner_.deadline(); }

 private:
  static int64_t bytes_of(int64_t count, comm::DataType type) {
    return count * static_cast<int64_t>(comm::size_of(type));
  }
  void add(const char* operation, int64_t bytes) {
    Count& count = counts_[operation];
    ++count.operations;
    count.bytes += bytes;
  }

  comm::Communicator& inner_;
  std::unique_ptr<comm::Communicator> owned_;
  std::map<std::string, Count> counts_;
};

}  // namespace espalier
