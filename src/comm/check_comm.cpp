#include "comm/check_comm.h"

#include "comm/arithmetic.h"
#include "comm/device_staging.h"
#include "comm/operation.h"

namespace espalier::comm {
namespace {

// Elements of any type, set and read as small integers.
class Elements {
 public:
  Elements(int64_t count, DataType type, const Staging& memory)
      : type_(type), block_(memory.allocate(static_cast<size_t>(count) * size_of(type))) {}

  void* data() { return block_->data(); }

  void set(int64_t i, int value) {
    switch (type_) {
      case DataType::u8:
        return put(i, static_cast<uint8_t>(value));
      case DataType::i64:
        return put(i, static_cast<int64_t>(value));
      case DataType::bf16:
        return put(i, float_to_bf16(static_cast<float>(value)));
      case DataType::f16:
        return put(i, float_to_f16(static_cast<float>(value)));
      case DataType::f32:
        return put(i, static_cast<float>(value));
      case DataType::f64:
        return put(i, static_cast<double>(value));
    }
  }

  double get(int64_t i) const {
    switch (type_) {
      case DataType::u8:
        return at<uint8_t>(i);
      case DataType::i64:
        return static_cast<double>(at<int64_t>(i));
      case DataType::bf16:
        return bf16_to_float(at<uint16_t>(i));
      case DataType::f16:
        return f16_to_float(at<uint16_t>(i));
      case DataType::f32:
        return at<float>(i);
      case DataType::f64:
        return at<double>(i);
    }
    return 0;
  }

 private:
  template <typename T>
  void put(int64_t i, T value) {
    reinterpret_cast<T*>(block_->data())[i] = value;
  }
  template <typename T>
  T at(int64_t i) const {
    return reinterpret_cast<const T*>(block_->data())[i];
  }

  DataType type_;
  std::unique_ptr<StagingBlock> block_;
};

// Element i of rank r; below 16, so that sums of 16 ranks stay exact in bf16.
int term(int rank, int64_t i) { return static_cast<int>((3 * i + rank) % 16); }

int sum_of_terms(int ranks, int64_t i) {
  int sum = 0;
  for (int rank = 0; rank < ranks; ++rank) sum += term(rank, i);
  return sum;
}

template <typename Value>
Elements filled(int64_t count, DataType type, const Staging& memory, const Value& value) {
  Elements elements(count, type, memory);
  for (int64_t i = 0; i < count; ++i) elements.set(i, value(i));
  return elements;
}

template <typename Value>
void expect(const Elements& got, int64_t count, const Call& call, int rank, const Value& value) {
  for (int64_t i = 0; i < count; ++i)
    if (const double right = value(i); got.get(i) != right)
      throw Error(Kind::kBug, "{}: rank {} has {} at element {}, {} is right", call.text(), rank,
                  got.get(i), i, right);
}

void check_sums(Communicator& comm, int64_t count, DataType type, const Staging& memory) {
  const int rank = comm.rank(), ranks = comm.size();
  const auto mine = [&](int64_t i) { return term(rank, i); };
  Elements reduced = filled(count, type, memory, mine);
  comm.all_reduce(reduced.data(), count, type).wait();
  expect(reduced, count, {"all_reduce", count, type}, rank,
         [&](int64_t i) { return sum_of_terms(ranks, i); });

  Elements blocks = filled(count * ranks, type, memory, mine), block(count, type, memory);
  comm.reduce_scatter(blocks.data(), block.data(), count, type).wait();
  expect(block, count, {"reduce_scatter", count, type}, rank,
         [&](int64_t i) { return sum_of_terms(ranks, rank * count + i); });
}

void check_copies(Communicator& comm, int64_t count, DataType type, const Staging& memory) {
  const int rank = comm.rank(), ranks = comm.size();
  const auto mine = [&](int64_t i) { return term(rank, i); };
  Elements own = filled(count, type, memory, mine), all(count * ranks, type, memory);
  comm.all_gather(own.data(), all.data(), count, type).wait();
  if (count > 0)
    expect(all, count * ranks, {"all_gather", count, type}, rank,
           [&](int64_t i) { return term(static_cast<int>(i / count), i % count); });

  const int root = ranks - 1, next = (rank + 1) % ranks, previous = (rank + ranks - 1) % ranks;
  Elements told = filled(count, type, memory, mine);
  comm.broadcast(told.data(), count, type, root).wait();
  expect(told, count, {"broadcast", count, type, root}, rank,
         [&](int64_t i) { return term(root, i); });

  Elements received(count, type, memory);
  comm.exchange({{own.data(), count, next}}, {{received.data(), count, previous}}, type).wait();
  expect(received, count, {"receive", count, type, previous}, rank,
         [&](int64_t i) { return term(previous, i); });
}

}  // namespace

void check_communicator(Communicator& comm, int64_t count, DataType type, const Staging* memory) {
  static const Staging host(/*device=*/-1);
  if (memory == nullptr) memory = &host;
  const int greatest_sum = 15 * comm.size();
  const bool holds = (type != DataType::u8 && type != DataType::bf16) || greatest_sum < 256;
  if (holds && (type != DataType::f16 || greatest_sum < 2048))
    check_sums(comm, count, type, *memory);
  check_copies(comm, count, type, *memory);
}

}  // namespace espalier::comm
