#include "transfer/prefix_cache.h"

#include <fmt/ranges.h>
#include <torch/torch.h>

#include <algorithm>
#include <cstring>

#include "core/clock.h"

namespace espalier::transfer {
namespace {

constexpr int64_t kMeasuredRows = 8;  // that decide whether a cut pays
constexpr size_t kPiece = 64;         // samples that a thread prepares at once

}  // namespace

FrozenPrefix::FrozenPrefix(model::Backbone& backbone, int64_t cut, const std::vector<int64_t>& cuts,
                           const image::ViewShape& input)
    : backbone_(backbone) {
  std::ranges::copy_if(cuts, std::back_inserter(cuts_), [&](int64_t other) { return other < cut; });
  cuts_.push_back(cut);
  shape_ = model::stage_shapes(backbone, input).at(static_cast<size_t>(cut - 1));
  for (const int64_t kept : cuts_)
    sha256_.push_back(engine::sha256_of(engine::stages_state(backbone, kept)));
}

int64_t PrefixCache::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

int64_t PrefixCache::computed() const {
  const std::lock_guard lock(mutex_);
  return computed_;
}

void PrefixCache::drop(Cut& cut) {
  bytes_ -= cut.bytes;
  cut.bytes = 0;
  cut.rows.clear();
}

bool PrefixCache::make_room(int64_t bytes, bool may_displace) {
  while (may_displace && bytes_ + bytes > most_bytes_) {
    Cut* oldest = nullptr;
    for (auto& [key, cut] : cuts_)
      if (cut.users == 0 && cut.bytes > 0 && (oldest == nullptr || cut.used < oldest->used))
        oldest = &cut;
    if (oldest == nullptr) return false;
    drop(*oldest);
  }
  return bytes_ + bytes <= most_bytes_;
}

void PrefixCache::keep(Cut& cut, int64_t sample, const at::Tensor& row, double seconds,
                       bool may_displace) {
  const std::lock_guard lock(mutex_);
  ++computed_;
  if (cut.rows.contains(sample)) return;
  const auto bytes = static_cast<int64_t>(row.nbytes());
  if (cut.measured < kMeasuredRows) {
    cut.seconds = cut.measured == 0 ? seconds : std::min(cut.seconds, seconds);
    ++cut.measured;
  }
  const bool pays = cut.measured < kMeasuredRows ||
                    cut.seconds * kWorthBytesPerSecond >= static_cast<double>(bytes);
  if (!pays) drop(cut);
  cut.keeps = pays && make_room(bytes, may_displace);
  if (!cut.keeps) return;
  cut.rows.emplace(sample, row);
  cut.bytes += bytes;
  bytes_ += bytes;
}

FrozenFeatures::FrozenFeatures(PrefixCache& cache, const FrozenPrefix& prefix, engine::Pass pass)
    : cache_(cache), prefix_(prefix), pass_(std::move(pass)) {
  const augment::Pipeline view = pass_.pipeline.value_or(pass_.augment.evaluation());
  const std::lock_guard lock(cache_.mutex_);
  for (const std::string& sha256 : prefix_.sha256_)
    cuts_.push_back(&cache_.cuts_[fmt::format("{} {} {} {} {}", sha256, pass_.dataset.hash(),
                                              view.text(), fmt::join(pass_.augment.mean, ","),
                                              fmt::join(pass_.augment.std, ","))]);
  ++cuts_.back()->users;
}

FrozenFeatures::~FrozenFeatures() {
  const std::lock_guard lock(cache_.mutex_);
  --cuts_.back()->users;
}

// Under the lock.
FrozenFeatures::Work FrozenFeatures::beginning(int64_t sample) const {
  for (size_t next = cuts_.size(); next > 0; --next) {
    PrefixCache::Cut& cut = *cuts_[next - 1];
    const auto held = cut.rows.find(sample);
    if (held == cut.rows.end()) continue;
    cut.used = ++cache_.uses_;
    return {sample, next, held->second};
  }
  return {sample};
}

// Under the lock. False where another thread computes, and keeps, features that this one could begin
// with.
bool FrozenFeatures::claim(const Work& work) const {
  if (!cuts_.back()->keeps) return true;
  for (size_t i = work.next; i < cuts_.size(); ++i)
    if (cuts_[i]->computing.contains(work.sample)) return false;
  for (size_t i = work.next; i < cuts_.size(); ++i) cuts_[i]->computing.insert(work.sample);
  return true;
}

// Adds what is kept to `rows`, and claims what nobody computes.
std::vector<FrozenFeatures::Work> FrozenFeatures::look_up(std::span<const int64_t> samples,
                                                          Rows& rows) const {
  std::vector<Work> mine;
  for (const int64_t sample : samples) {
    if (rows.contains(sample)) continue;
    Work work = beginning(sample);
    if (work.next == cuts_.size())
      rows.emplace(sample, work.features);
    else if (claim(work))
      mine.push_back(std::move(work));
  }
  return mine;
}

void FrozenFeatures::compute_and_release(const std::vector<Work>& all, Rows& rows) const {
  const auto release = [&] {
    const std::lock_guard lock(cache_.mutex_);
    for (const Work& work : all)
      for (size_t i = work.next; i < cuts_.size(); ++i) cuts_[i]->computing.erase(work.sample);
    cache_.changed_.notify_all();
  };
  try {
    compute(all, rows);
  } catch (...) {
    release();
    throw;
  }
  release();
}

void FrozenFeatures::prepare(std::span<const int64_t> samples) const {
  for (size_t first = 0; first < samples.size(); first += kPiece) {
    Rows rows;
    std::unique_lock lock(cache_.mutex_);
    if (!cuts_.back()->keeps) return;
    const auto mine =
        look_up(samples.subspan(first, std::min(kPiece, samples.size() - first)), rows);
    lock.unlock();
    compute_and_release(mine, rows);
  }
}

void FrozenFeatures::write(std::span<const int64_t> samples, std::byte* into) const {
  Rows rows;
  std::unique_lock lock(cache_.mutex_);
  for (;;) {
    const auto mine = look_up(samples, rows);
    if (mine.empty()) {
      if (std::ranges::all_of(samples, [&](int64_t i) { return rows.contains(i); })) break;
      cache_.changed_.wait(lock);
      continue;
    }
    lock.unlock();
    compute_and_release(mine, rows);
    lock.lock();
  }
  lock.unlock();
  for (const int64_t sample : samples) {
    const at::Tensor& row = rows.at(sample);
    std::memcpy(into, row.const_data_ptr(), row.nbytes());
    into += row.nbytes();
  }
}

at::Tensor FrozenFeatures::tensor(std::span<const int64_t> samples) const {
  const auto [channels, height, width] = format().shape;
  const at::Tensor all = torch::empty(
      {static_cast<int64_t>(samples.size()), channels, height, width},
      torch::TensorOptions(torch::kFloat).memory_format(at::MemoryFormat::ChannelsLast));
  write(samples, static_cast<std::byte*>(all.mutable_data_ptr()));
  return all;
}

void FrozenFeatures::compute(const std::vector<Work>& all, Rows& rows) const {
  data::Selection from_images;
  for (const Work& work : all) {
    if (work.features.defined())
      rows.emplace(work.sample, run(work));
    else
      from_images.push_back(work.sample);
  }
  if (from_images.empty()) return;
  pass_.over(from_images, [&](const at::Tensor& x, int64_t first) {
    for (int64_t i = 0; i < x.size(0); ++i) {
      const int64_t sample = from_images[static_cast<size_t>(first + i)];
      rows.emplace(sample, run({sample, 0, x.narrow(0, i, 1)}));
    }
  });
}

at::Tensor FrozenFeatures::run(Work work) const {
  const Stopwatch watch;
  for (size_t i = work.next; i < cuts_.size(); ++i) {
    const int64_t from = i == 0 ? 0 : prefix_.cuts_[i - 1];
    work.features = prefix_.backbone_.each_alone(work.features, from, prefix_.cuts_[i]);
    cache_.keep(*cuts_[i], work.sample, work.features, watch.seconds(),
                /*may_displace=*/i + 1 == cuts_.size());
  }
  return work.features;
}

}  // namespace espalier::transfer
