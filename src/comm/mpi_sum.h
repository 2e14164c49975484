// Sums of large buffers over MPI ranks; private to the mpi_*.cpp files. Open MPI's non-blocking
// ones send everything through rank 0 when they work in place.
//
// The buffer is cut into a slice a rank. Every rank sends slice s to rank s, which adds the terms
// of all ranks in rank order; an all-reduce then sends the sums back. 2 S (R-1)/R bytes leave each
// rank (half of it for a reduce-scatter), which is the least there can be, and the result is that
// of the thread communicator to the last bit. Long buffers go in pieces, two under way at once.
//
// Every wait of this process advances all sums, so that ranks may wait in different orders.
#pragma once

#include <deque>
#include <memory>

#include "comm/communicator.h"
#include "comm/mpi_process.h"

namespace espalier::comm::mpi {

MPI_Datatype mpi_type(DataType type);

class Sum {
 public:
  struct Plan {
    MPI_Comm comm;
    int rank, size;
    const void* send;  // `count` elements; for a reduce-scatter, size blocks of them
    void* receive;
    int64_t count;
    DataType type;
    bool scatter;           // reduce-scatter, else all-reduce
    int64_t largest_piece;  // elements of one MPI message, at most
    int tag;                // this one and the next are the sum's own
  };

  // Starts it. Under the lock, as all that follows.
  static std::shared_ptr<Sum> start(const Plan& plan);
  // What is under way, of all communicators.
  static void advance_all();

  bool is_done() const { return pieces_.empty(); }

 private:
  struct Range {
    int64_t begin, count;
  };
  struct Piece {
    int64_t at, count;
    std::unique_ptr<std::byte[]> terms;  // of the other ranks, for the own slice
    Requests requests;
    int phase = 0;  // 0: terms go to the rank that adds them, 1: sums come back
  };

  explicit Sum(const Plan& plan) : plan_(plan) {}
  void advance();
  void start_piece();
  void trade(Piece& piece);  // starts the messages of its phase
  void add_terms(const Piece& piece);
  Range slice(const Piece& piece, int rank) const;
  std::byte* terms_of(const Piece& piece, int rank) const;
  const std::byte* sent(int64_t element) const;
  std::byte* received(int64_t element) const;

  const Plan plan_;
  int64_t next_ = 0;  // element of the first piece not yet started
  std::deque<Piece> pieces_;
};

}  // namespace espalier::comm::mpi
