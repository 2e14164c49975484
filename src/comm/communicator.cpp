#include "comm/communicator.h"

#include <cstring>
#include <exception>

#include "comm/operation.h"
#include "comm/topology.h"

namespace espalier::comm {

size_t size_of(DataType type) {
  switch (type) {
    case DataType::u8:
      return 1;
    case DataType::bf16:
    case DataType::f16:
      return 2;
    case DataType::f32:
      return 4;
    case DataType::i64:
    case DataType::f64:
      return 8;
  }
  throw Error(Kind::kBug, "there is no data type {}", static_cast<int>(type));
}

const char* name_of(DataType type) {
  constexpr const char* kNames[] = {"u8", "i64", "bf16", "f16", "f32", "f64"};
  return kNames[static_cast<int>(type)];
}

Work::~Work() {
  try {
    wait();
  } catch (const std::exception&) {  // whoever waits next hears it again
  }
}

void Work::wait() {
  const std::unique_ptr<Operation> operation = std::move(operation_);
  if (operation) operation->wait();
}

void Work::then(Stream stream) {
  const std::unique_ptr<Operation> operation = std::move(operation_);
  if (!operation) return;
  if (stream == nullptr)
    operation->wait();
  else
    operation->then(stream);
}

Call call_of(const std::vector<Outgoing>& sends, const std::vector<Incoming>& receives,
             DataType type) {
  if (sends.size() == 1 && receives.empty()) return {"send", sends[0].count, type, sends[0].to};
  if (receives.size() == 1 && sends.empty())
    return {"receive", receives[0].count, type, receives[0].from};
  Call call{"exchange", 0, type};
  for (const Outgoing& message : sends) call.count += message.count;
  for (const Incoming& message : receives) call.count += message.count;
  return call;
}

bool Call::operator==(const Call& other) const {
  return std::strcmp(name, other.name) == 0 && count == other.count && type == other.type &&
         root == other.root;
}

std::string Call::text() const {
  if (count == 0) return name;
  const bool has_sender = std::strcmp(name, "broadcast") == 0 || std::strcmp(name, "receive") == 0;
  return fmt::format("{} of {} {}{}", name, count, name_of(type),
                     root < 0 ? "" : fmt::format(" {} rank {}", has_sender ? "from" : "to", root));
}

std::string rank_text(int rank) { return fmt::format("rank {} on {}", rank, host_name()); }

Error deadline_error(int rank, double seconds, const Call& call) {
  return Error(Kind::kPeer,
               "{} waited {} s for its peers in {}, and none made progress (try: the last log line "
               "of each rank, or a longer train.deadline_seconds)",
               rank_text(rank), seconds, call.text());
}

void require_host_memory(const char* communicator, int device) {
  check(device < 0, Kind::kUsage,
        "parallel.communicator is '{}', which moves host memory, but the tensors are on GPU {} of "
        "{} (try: parallel.communicator=nccl, or train.device=cpu)",
        communicator, device, host_name());
}

}  // namespace espalier::comm
