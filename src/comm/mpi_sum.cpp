#include "comm/mpi_sum.h"

#include <algorithm>
#include <cstring>
#include <list>

#include "comm/arithmetic.h"

namespace espalier::comm::mpi {
namespace {

constexpr int64_t kPieceBytes = 4 << 20;
constexpr size_t kPiecesAtOnce = 2;

std::list<std::shared_ptr<Sum>>& under_way() {
  static auto* const list = new std::list<std::shared_ptr<Sum>>;  // MPI may write until the end
  return *list;
}

}  // namespace

std::shared_ptr<Sum> Sum::start(const Plan& plan) {
  const std::shared_ptr<Sum> sum(new Sum(plan));
  sum->advance();
  if (!sum->is_done()) under_way().push_back(sum);
  return sum;
}

void Sum::advance_all() {
  for (const std::shared_ptr<Sum>& sum : under_way()) sum->advance();
  under_way().remove_if([](const std::shared_ptr<Sum>& sum) { return sum->is_done(); });
}

void Sum::advance() {
  // In order, so that the messages of two pieces cannot be taken for each other.
  for (bool in_order = true; Piece & piece : pieces_) {
    if (are_done(piece.requests, "a sum") && in_order && piece.phase == 0) {
      add_terms(piece);
      piece.phase = 1;
      trade(piece);
    }
    in_order &= piece.phase == 1;
  }
  while (!pieces_.empty() && pieces_.front().phase == 1 &&
         are_done(pieces_.front().requests, "a sum"))
    pieces_.pop_front();
  while (pieces_.size() < kPiecesAtOnce && next_ < plan_.count) start_piece();
}

void Sum::start_piece() {
  const int64_t blocks = plan_.scatter ? plan_.size : 1;
  const int64_t most =
      std::max<int64_t>(1, kPieceBytes / static_cast<int64_t>(size_of(plan_.type)) / blocks);
  Piece& piece = pieces_.emplace_back();
  piece.at = next_;
  piece.count = std::min({most, plan_.largest_piece, plan_.count - next_});
  next_ += piece.count;
  piece.terms = std::make_unique_for_overwrite<std::byte[]>(
      static_cast<size_t>(slice(piece, plan_.rank).count * plan_.size) * size_of(plan_.type));
  trade(piece);
}

void Sum::trade(Piece& piece) {
  piece.requests.clear();
  if (plan_.scatter && piece.phase == 1) return;
  const Range own = slice(piece, plan_.rank);
  const MPI_Datatype type = mpi_type(plan_.type);
  for (int step = 1; step < plan_.size; ++step) {  // not all to the same rank first
    const int to = (plan_.rank + step) % plan_.size;
    const int from = (plan_.rank + plan_.size - step) % plan_.size;
    const Range out = piece.phase == 0 ? slice(piece, to) : own;
    const Range in = piece.phase == 0 ? own : slice(piece, from);
    check_mpi(MPI_Irecv(piece.phase == 0 ? terms_of(piece, from) : received(in.begin),
                        static_cast<int>(in.count), type, from, plan_.tag + piece.phase, plan_.comm,
                        &piece.requests.emplace_back()),
              "a sum");
    check_mpi(MPI_Isend(piece.phase == 0 ? sent(out.begin) : received(out.begin),
                        static_cast<int>(out.count), type, to, plan_.tag + piece.phase, plan_.comm,
                        &piece.requests.emplace_back()),
              "a sum");
  }
}

// In rank order, a cache's worth at a time: the own term may lie where the sum goes.
void Sum::add_terms(const Piece& piece) {
  constexpr int64_t kBlockBytes = 16 << 10;
  alignas(64) std::byte sum[kBlockBytes];
  const int64_t width = static_cast<int64_t>(size_of(plan_.type)), block = kBlockBytes / width;
  const Range own = slice(piece, plan_.rank);
  for (int64_t at = 0; at < own.count; at += block) {
    const int64_t count = std::min(block, own.count - at);
    const auto term = [&](int rank) {
      return rank == plan_.rank ? sent(own.begin + at) : terms_of(piece, rank) + at * width;
    };
    const size_t bytes = static_cast<size_t>(count * width);
    std::memcpy(sum, term(0), bytes);
    for (int rank = 1; rank < plan_.size; ++rank) add(sum, term(rank), count, plan_.type);
    std::memcpy(received((plan_.scatter ? piece.at : own.begin) + at), sum, bytes);
  }
}

// What `rank` adds of a piece, in elements of the send buffer.
Sum::Range Sum::slice(const Piece& piece, int rank) const {
  if (plan_.scatter) return {rank * plan_.count + piece.at, piece.count};
  const int64_t begin = piece.count * rank / plan_.size;
  return {piece.at + begin, piece.count * (rank + 1) / plan_.size - begin};
}

std::byte* Sum::terms_of(const Piece& piece, int rank) const {
  return piece.terms.get() +
         rank * slice(piece, plan_.rank).count * static_cast<int64_t>(size_of(plan_.type));
}

const std::byte* Sum::sent(int64_t element) const {
  return static_cast<const std::byte*>(plan_.send) +
         element * static_cast<int64_t>(size_of(plan_.type));
}

std::byte* Sum::received(int64_t element) const {
  return static_cast<std::byte*>(plan_.receive) +
         element * static_cast<int64_t>(size_of(plan_.type));
}

}  // namespace espalier::comm::mpi
