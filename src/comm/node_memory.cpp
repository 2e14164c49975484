#include "comm/node_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <sstream>
#include <utility>

#include "comm/agree.h"
#include "comm/topology.h"
#include "core/memory.h"

namespace espalier::comm {
namespace {

// Before the bytes: a number that tells this memory from any other that a process number and a
// descriptor may lead to.
constexpr int64_t kHead = 4096;

uint64_t random_number() {
  std::random_device source;
  return uint64_t{source()} << 32 | source();
}

}  // namespace

NodeMemory::NodeMemory(Communicator& control, int64_t bytes, bool share) : bytes_(bytes) {
  const std::vector<std::string> hosts = gather_texts(control, host_name());
  const auto first = std::ranges::find(hosts, hosts[control.rank()]) - hosts.begin();
  first_of_node_ = first == control.rank();
  std::string offer;
  agree(control, [&] {
    if (!first_of_node_ && share) return;
    share = hold(share);
    if (!share) return;
    const uint64_t number = random_number();
    std::memcpy(mapping_, &number, sizeof number);
    offer = fmt::format("{} {} {}", getpid(), descriptor_, number);
  });
  const std::vector<std::string> offers = gather_texts(control, offer);
  bool holds = mapping_ != nullptr;
  agree(control, [&] {
    if (holds || map_from(offers[first])) return;
    hold(false);
    holds = true;
  });
  const std::vector<std::string> roles = gather_texts(control, holds ? "holds" : "");
  for (size_t rank = 0; rank < roles.size(); ++rank) {
    if (!roles[rank].empty()) holders_.push_back(static_cast<int>(rank));
  }
  if (descriptor_ >= 0) close(std::exchange(descriptor_, -1));  // all who could have mapped it
}

NodeMemory::~NodeMemory() {
  if (descriptor_ >= 0) close(descriptor_);
  if (mapping_ != nullptr) munmap(mapping_, static_cast<size_t>(kHead + bytes_));
}

// Whether others can map it: the system may refuse a file in memory, as it does under a limit of
// the size of files.
bool NodeMemory::hold(bool shared) {
  const auto size = static_cast<size_t>(kHead + bytes_);
  // What is mapped is given only when it is written, and then it is too late to refuse.
  check(bytes_ < available_memory(), Kind::kIo, "{} bytes are needed, {} has {} of memory to spare",
        bytes_, host_name(), available_memory());
  int flags = MAP_PRIVATE | MAP_ANONYMOUS;
  if (shared) {
    descriptor_ = memfd_create("espalier", MFD_CLOEXEC);
    shared = descriptor_ >= 0 && ftruncate(descriptor_, kHead + bytes_) == 0;
    if (!shared && descriptor_ >= 0) close(std::exchange(descriptor_, -1));
  }
  if (shared) flags = MAP_SHARED;
  void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, flags, descriptor_, 0);
  check(memory != MAP_FAILED, Kind::kIo, "cannot map {} bytes: {}", bytes_, errno_text());
  mapping_ = static_cast<std::byte*>(memory);
  return shared;
}

// False where the offer leads to no memory, or to another.
bool NodeMemory::map_from(const std::string& offer) {
  int64_t process = 0, descriptor = 0;
  uint64_t number = 0;
  std::istringstream(offer) >> process >> descriptor >> number;
  const std::string path = fmt::format("/proc/{}/fd/{}", process, descriptor);
  const int opened = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (opened < 0) return false;
  struct stat status {};
  void* memory = MAP_FAILED;
  if (fstat(opened, &status) == 0 && status.st_size == kHead + bytes_) {
    memory = mmap(nullptr, static_cast<size_t>(kHead + bytes_), PROT_READ, MAP_SHARED, opened, 0);
  }
  close(opened);
  if (memory == MAP_FAILED) return false;
  mapping_ = static_cast<std::byte*>(memory);
  if (std::memcmp(mapping_, &number, sizeof number) == 0) return true;
  munmap(std::exchange(mapping_, nullptr), static_cast<size_t>(kHead + bytes_));
  return false;
}

std::span<std::byte> NodeMemory::for_filling() {
  return {mapping_ + kHead, static_cast<size_t>(bytes_)};
}

std::span<const std::byte> NodeMemory::bytes() const {
  return {mapping_ + kHead, static_cast<size_t>(bytes_)};
}

// A binomial tree over the holders: holder i has its bytes from the one whose number lacks i's
// lowest bit.
void NodeMemory::publish(Communicator& control) {
  const auto mine = std::ranges::find(holders_, control.rank());
  if (mine != holders_.end()) {
    const size_t i = static_cast<size_t>(mine - holders_.begin()), count = holders_.size();
    std::byte* const bytes = mapping_ + kHead;
    size_t reach = 1;
    while (reach < count && (i & reach) == 0) reach *= 2;
    if (i != 0) control.receive(bytes, bytes_, DataType::u8, holders_[i - reach]).wait();
    while ((reach /= 2) > 0) {
      if (i + reach < count) control.send(bytes, bytes_, DataType::u8, holders_[i + reach]).wait();
    }
  }
  control.barrier();
}

}  // namespace espalier::comm
