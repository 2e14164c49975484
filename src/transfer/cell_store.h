// Finished cells on disk, each a folder named by its id that appears whole or not at all:
//
//   cells/<id>/spec.json        what decided the result, canonical (transfer/cell.h)
//              result.json      accuracy, loss, seconds, steps, status, stuck, kept_sha256
//              curve.csv        step, loss, accuracy, lr, validation_loss, validation_accuracy
//              predictions.bin  the class of each test image in the set's order, in the training
//                               set's numbers: u8, or little-endian i16 above 256 classes
//   cells/<id>.lock             "HOST PID" of the process that computes it now
//
// Any number of processes on any hosts may share a store.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "core/clock.h"
#include "transfer/cell.h"

namespace espalier::transfer {

// The right to compute a cell, given back at the end.
class Claim {
 public:
  explicit Claim(std::filesystem::path lock) : lock_(std::move(lock)) {}
  Claim(Claim&& other) noexcept : lock_(std::exchange(other.lock_, {})) {}
  Claim& operator=(Claim&&) = delete;
  ~Claim();

  // Tells others, now and then, that the work goes on.
  void refresh();

 private:
  std::filesystem::path lock_;
  Stopwatch since_refresh_;
};

class CellStore {
 public:
  // Makes the folder.
  explicit CellStore(const std::filesystem::path& folder);

  bool has(const std::string& id) const;
  // kData, naming the file, when it is damaged.
  CellResult read(const std::string& id) const;

  // Nothing when another process computes the cell. A lock is taken over from a process of this
  // host that is gone, and from any that has not refreshed for ten minutes; should two processes do
  // so at once, both compute the same.
  std::optional<Claim> claim(const std::string& id) const;

  void write(const std::string& id, const nlohmann::json& spec, const CellOutput& output) const;

 private:
  std::filesystem::path cells_;
};

}  // namespace espalier::transfer
